import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import type { Json } from '@sallyport/core'

/** What a browser adds to what an authenticator signs; tests bend each of them. */
export interface Ceremony {
  readonly origin: string
  readonly crossOrigin?: boolean
  readonly userVerified?: boolean
  readonly userPresent?: boolean
  readonly type?: string
}

interface Credential {
  readonly id: Buffer
  readonly rpId: string
  readonly userHandle: string
  readonly key: KeyObject
  count: number
}

/** A passkey in software: ES256, attestation `none`, user verification as the test says (WebAuthn §6, §7). */
export class Authenticator {
  readonly credentials: Credential[] = []
  readonly aaguid: Buffer

  constructor(aaguid: Buffer = Buffer.alloc(16, 7)) {
    this.aaguid = aaguid
  }

  /** `navigator.credentials.create`. */
  create(options: Json, ceremony: Ceremony): Json {
    const { challenge, rp, user } = options as { challenge: string; rp: { id: string }; user: { id: string } }
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const credential: Credential = { id: randomBytes(32), rpId: rp.id, userHandle: user.id, key: privateKey, count: 0 }
    this.credentials.push(credential)
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const cose = cbor(
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    )
    const length = Buffer.from([0, credential.id.length])
    const attested = Buffer.concat([this.aaguid, length, credential.id, cose])
    const authData = Buffer.concat([head(credential, ceremony, 0x40), attested])
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ])
    const id = credential.id.toString('base64url')
    return {
      ...{ id, rawId: id, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {} },
      response: {
        clientDataJSON: clientData('webauthn.create', challenge, ceremony).toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
        transports: ['internal'],
      },
    }
  }

  /** `navigator.credentials.get`, with the newest credential of that site. */
  get(options: Json, ceremony: Ceremony): Json {
    const { challenge, rpId } = options as { challenge: string; rpId: string }
    const credential = this.credentials.findLast((each) => each.rpId === rpId)
    if (credential === undefined) throw new Error('NotAllowedError: there is no credential for this site.')
    credential.count++
    const authData = head(credential, ceremony, 0)
    const client = clientData('webauthn.get', challenge, ceremony)
    const signed = Buffer.concat([authData, createHash('sha256').update(client).digest()])
    const id = credential.id.toString('base64url')
    return {
      ...{ id, rawId: id, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {} },
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', signed, credential.key).toString('base64url'),
        userHandle: credential.userHandle,
      },
    }
  }
}

function head({ rpId, count }: Credential, ceremony: Ceremony, more: number): Buffer {
  const { userVerified = true, userPresent = true } = ceremony
  const flags = (userPresent ? 0x01 : 0) | (userVerified ? 0x04 : 0) | more
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(count)
  return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flags]), counter])
}

const clientData = (type: string, challenge: string, { origin, crossOrigin = false, type: other }: Ceremony): Buffer =>
  Buffer.from(JSON.stringify({ type: other ?? type, challenge, origin, crossOrigin }))

/** CBOR of what attestation objects and keys are made of (RFC 8949). */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value >= 0 ? cborHead(0, value) : cborHead(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([cborHead(2, value.length), value])
  if (!(value instanceof Map)) throw new Error('Not a value for CBOR.')
  const entries = [...value].flatMap(([key, member]) => [cbor(key), cbor(member)])
  return Buffer.concat([cborHead(5, value.size), ...entries])
}

function cborHead(major: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(major << 5) | size])
  if (size < 256) return Buffer.from([(major << 5) | 24, size])
  return Buffer.from([(major << 5) | 25, size >> 8, size & 255])
}
