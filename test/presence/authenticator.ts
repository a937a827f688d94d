import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import type { JsonObject, PasskeyAssertion } from '@sallyport/core'

/** What a hostile or broken browser may say instead of the truth. */
export interface Lies {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  /** Bits of the authenticator data; default user present and verified. */
  readonly flags?: number
  readonly counter?: number
  readonly challenge?: string
}

export interface Attestation {
  readonly fmt: string
  readonly statement: (signed: Buffer, key: KeyObject) => ReadonlyMap<string, unknown>
}

const NONE: Attestation = { fmt: 'none', statement: () => new Map() }
/** Packed self-attestation: signed with the credential's own key, which any program can do. */
export const SELF: Attestation = {
  fmt: 'packed',
  statement: (signed, key) =>
    new Map<string, unknown>([
      ['alg', -7],
      ['sig', sign('sha256', signed, key)],
    ]),
}

const UP = 0x01
const UV = 0x04
const AT = 0x40

/** A software authenticator together with the browser it is plugged into: ES256, one credential. */
export class Authenticator {
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  readonly #id = randomBytes(16)
  readonly origin: string
  readonly rpId: string
  readonly aaguid: Buffer
  counter = 0

  constructor(site: { readonly origin: string; readonly rpId: string }, aaguid = Buffer.alloc(16)) {
    this.origin = site.origin
    this.rpId = site.rpId
    this.aaguid = aaguid
  }

  get id(): string {
    return this.#id.toString('base64url')
  }

  /** Public key as browsers give it: DER SubjectPublicKeyInfo, base64url. */
  get publicKey(): string {
    return this.#key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url')
  }

  /** `navigator.credentials.create(options)`, as JSON. */
  create(options: JsonObject, lies: Lies = {}, attestation = NONE): JsonObject {
    const client = this.#clientData(lies.type ?? 'webauthn.create', options['challenge'] as string, lies)
    const { x = '', y = '' } = this.#key.publicKey.export({ format: 'jwk' })
    const cose = cbor(
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    )
    const length = Buffer.from([0, this.#id.length])
    const data = Buffer.concat([this.#data(lies, AT), this.aaguid, length, this.#id, cose])
    const statement = attestation.statement(Buffer.concat([data, sha256(client)]), this.#key.privateKey)
    const object = cbor(
      new Map<string, unknown>([
        ['fmt', attestation.fmt],
        ['attStmt', statement],
        ['authData', data],
      ]),
    )
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: { clientDataJSON: client.toString('base64url'), attestationObject: object.toString('base64url') },
    }
  }

  /** What `navigator.credentials.get` answers to a challenge of these bytes (hex). */
  assert(challenge: string, lies: Lies = {}): PasskeyAssertion {
    const text = lies.challenge ?? Buffer.from(challenge, 'hex').toString('base64url')
    const client = this.#clientData(lies.type ?? 'webauthn.get', text, lies)
    const data = this.#data(lies, 0)
    return {
      credential: this.id,
      authenticatorData: data.toString('base64url'),
      clientDataJSON: client.toString('base64url'),
      signature: sign('sha256', Buffer.concat([data, sha256(client)]), this.#key.privateKey).toString('base64url'),
    }
  }

  /** The same in the form of `PublicKeyCredential.toJSON`, for signing in. */
  get(options: JsonObject, lies: Lies = {}): JsonObject {
    const challenge = Buffer.from(options['challenge'] as string, 'base64url').toString('hex')
    const { credential, ...response } = this.assert(challenge, lies)
    return { id: credential, rawId: credential, type: 'public-key', clientExtensionResults: {}, response }
  }

  #clientData(type: string, challenge: string, { origin = this.origin, crossOrigin = false, topOrigin }: Lies): Buffer {
    const top = topOrigin === undefined ? {} : { topOrigin }
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin, ...top }))
  }

  #data({ rpId = this.rpId, flags = UP | UV, counter }: Lies, more: number): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter ?? (this.counter += 1))
    return Buffer.concat([sha256(rpId), Buffer.from([flags | more]), count])
  }
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()

/** The part of CBOR (RFC 8949) that attestation objects are made of. */
export function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  if (value instanceof Map) {
    const entries = [...(value as Map<unknown, unknown>)]
    return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, item]) => [cbor(key), cbor(item)])])
  }
  throw new TypeError(`no CBOR for ${typeof value}`)
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  if (length < 256) return Buffer.from([(major << 5) | 24, length])
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255])
}
