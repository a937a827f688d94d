import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { SallyportError } from '@sallyport/core'
import type { KeyFinderFunc } from '@sigstore/verify'
import type { Registries } from '../../config/registries-schema.ts'

/** What is known about who signed. `unverified`: there is a signature, and `why` it could not be checked. */
export type Signature =
  | { readonly state: 'verified'; readonly by: string }
  | { readonly state: 'absent' | 'unverified'; readonly why: string }

/** What proves most of what is known. */
export const strongest = (first: Signature, second: Signature): Signature =>
  STRENGTH.indexOf(second.state) > STRENGTH.indexOf(first.state) ? second : first
const STRENGTH: readonly Signature['state'][] = ['absent', 'unverified', 'verified']

export interface NpmSignature {
  readonly keyid: string
  readonly sig: string
}

/** A key, and when it counts. */
export type NpmKey = ReturnType<KeyFinderFunc>

type NpmKeys = NonNullable<Registries['npm']>['keys']
type Publishers = Registries['publishers']

const DAY = 86_400_000
/** SubjectPublicKeyInfo of a raw Ed25519 key, without the key (RFC 8410). */
const ED25519 = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * Checks what a registry of npm packages signed: ECDSA P-256 over `name@version:integrity`, by keys of the configuration. Keys of the
 * registry itself are not asked for: they would vouch for themselves.
 * @param now ms since 1970
 * @throws SallyportError SP_REGISTRY_SIGNATURE when a signature by a known key does not hold, SP_CONFIG_INVALID for a key that is none
 */
export function checkNpmSignatures(
  { name, version, integrity }: { readonly name: string; readonly version: string; readonly integrity: string },
  signatures: readonly NpmSignature[],
  keys: NpmKeys,
  now: number,
): Signature {
  if (signatures.length === 0) return { state: 'absent', why: 'The registry gives no signature.' }
  const inForce = keys.filter((key) => isInForce(key, now))
  const signed = Buffer.from(`${name}@${version}:${integrity}`)
  let by: string | undefined
  for (const { keyid, sig } of signatures) {
    const known = inForce.find(({ id }) => id === keyid)
    if (known === undefined) continue
    const key = npmKey(known)
    if (!holds('sha256', signed, key.publicKey, Buffer.from(sig, 'base64'))) throw broken(`by the key ${keyid}`)
    by ??= keyid
  }
  if (by !== undefined) return { state: 'verified', by }
  const why =
    keys.length === 0
      ? 'No key for it is in the configuration.'
      : 'It is by a key that is not in the configuration, or whose last day is over.'
  return { state: 'unverified', why }
}

/**
 * A key of the registry, for what says itself when it was signed.
 * @throws SallyportError SP_CONFIG_INVALID for a key that is none
 */
export function npmKey(known: NpmKeys[number]): NpmKey {
  const publicKey = readKey(
    () => createPublicKey({ key: Buffer.from(known.key, 'base64'), format: 'der', type: 'spki' }),
    known.id,
  )
  if (publicKey.asymmetricKeyType !== 'ec' || publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw noKey(known.id)
  return { publicKey, validFor: (date) => isInForce(known, date.getTime()) }
}

const isInForce = ({ expires }: NpmKeys[number], at: number): boolean =>
  expires === undefined || Date.parse(expires) + DAY > at

/** Publishers that may sign for what lies at a URL. */
export const publishersOf = (url: string, publishers: Publishers): readonly (readonly [name: string, key: string])[] =>
  Object.entries(publishers)
    .filter(([, { of }]) => of.some((beginning) => url.startsWith(beginning)))
    .map(([name, { key }]) => [name, key])

/**
 * Checks a detached Ed25519 signature over the bytes of an archive: 64 bytes, or their base64.
 * @throws SallyportError SP_REGISTRY_SIGNATURE when none of the publishers signed these bytes
 */
export function checkDetached(
  bytes: Uint8Array,
  sig: Uint8Array,
  publishers: ReturnType<typeof publishersOf>,
): Signature {
  const text = Buffer.from(sig).toString('latin1').trim()
  const raw =
    sig.length === 64 ? Buffer.from(sig) : /^[A-Za-z0-9+/]{86}==$/.test(text) ? Buffer.from(text, 'base64') : undefined
  if (raw === undefined) throw broken('in a form that is none')
  for (const [name, encoded] of publishers) {
    const spki = Buffer.concat([ED25519, Buffer.from(encoded, 'base64')])
    const key = readKey(() => createPublicKey({ key: spki, format: 'der', type: 'spki' }), name)
    if (holds(null, Buffer.from(bytes), key, raw)) return { state: 'verified', by: name }
  }
  throw broken(`by none of ${publishers.map(([name]) => name).join(', ')}`)
}

/**
 * @throws SallyportError SP_REGISTRY_SIGNATURE where a signature is required and none was verified
 */
export function requireSigned(signature: Signature, demand: 'checked' | 'required'): void {
  if (demand === 'checked' || signature.state === 'verified') return
  throw new SallyportError('SP_REGISTRY_SIGNATURE', `One is required. ${signature.why}`, {
    details: { state: signature.state },
  })
}

function holds(algorithm: string | null, signed: Buffer, key: KeyObject, sig: Buffer): boolean {
  try {
    return verify(algorithm, signed, key, sig)
  } catch {
    return false
  }
}

function readKey(read: () => KeyObject, id: string): KeyObject {
  try {
    return read()
  } catch {
    throw noKey(id)
  }
}

const noKey = (id: string): SallyportError =>
  new SallyportError('SP_CONFIG_INVALID', `registries: the key "${id.slice(0, 128)}" is none of its kind.`)

/** @param whose what is wrong with it, as it goes on after “It is” */
export const broken = (whose: string): SallyportError =>
  new SallyportError('SP_REGISTRY_SIGNATURE', `It is ${whose.slice(0, 200)}.`, { details: { state: 'broken' } })
