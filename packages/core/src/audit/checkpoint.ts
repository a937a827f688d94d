import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import { SallyportError } from '../errors/error.ts'
import { decodeBase64, formatNote, parseNote } from './note.ts'
import type { Hash } from './tree.ts'

/** Head of a stream (C2SP tlog-checkpoint): how many records there were, and the root over them. */
export interface Head {
  /** `<install>/<stream>`: also the name of the key that signs. */
  readonly origin: string
  readonly size: number
  /** hex */
  readonly root: string
  /** When it was signed, ms since 1970. */
  readonly ts: number
  /** How often the stream had been opened: two gateways on copies of one stream show up as one boot with two roots. */
  readonly boot: number
  /** Chain hash of the last record, hex. */
  readonly last: string
}

export interface CheckpointSigner {
  readonly origin: string
  readonly keyId: string
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  sign(head: Omit<Head, 'origin'>): string
}

const ED25519 = 1
const NAME = /^[^\s+]{1,256}$/u
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** Raw 32 bytes of an Ed25519 public key in SPKI form. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length)
}

/** Key id of the C2SP note format: SHA-256(name ‖ LF ‖ 0x01 ‖ key)[0..4], hex. */
export function noteKeyId(name: string, publicKey: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), publicKey]), 'hex').slice(0, 8)
}

/** `name+keyid+base64(0x01 ‖ key)`: what C2SP tools take as a verifier key. */
export function verifierKey(name: string, publicKey: Uint8Array): string {
  const key = Buffer.concat([Buffer.from([ED25519]), publicKey]).toString('base64')
  return `${name}+${noteKeyId(name, publicKey)}+${key}`
}

/**
 * @param key Ed25519 private key, PKCS #8 DER.
 * @throws SallyportError SP_CONFIG_INVALID for another kind of key or a name with white space or `+`.
 */
export function createCheckpointSigner(key: Uint8Array, origin: string): CheckpointSigner {
  const privateKey = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' })
  if (privateKey.asymmetricKeyType !== 'ed25519' || !NAME.test(origin)) {
    throw new SallyportError(
      'SP_CONFIG_INVALID',
      'Checkpoints need an Ed25519 key and an origin without spaces or "+".',
    )
  }
  const publicKey = rawPublicKey(createPublicKey(privateKey))
  const keyId = noteKeyId(origin, publicKey)
  return {
    origin,
    keyId,
    publicKey,
    sign(head) {
      const text = checkpointText({ ...head, origin })
      return formatNote({
        text,
        signatures: [{ name: origin, keyId, signature: sign(null, Buffer.from(text), privateKey) }],
      })
    },
  }
}

function checkpointText(head: Head): string {
  const root = Buffer.from(head.root, 'hex').toString('base64')
  return `${head.origin}\n${head.size}\n${root}\nsallyport/ts ${head.ts}\nsallyport/boot ${head.boot}\nsallyport/last ${head.last}\n`
}

const INTEGER = /^(?:0|[1-9][0-9]{0,15})$/
const HEX64 = /^[0-9a-f]{64}$/

/** Reads the text of a checkpoint of ours; every line must be there, in order, and nothing else. No signature is checked. */
export function parseCheckpointText(text: string): Head | undefined {
  const [origin = '', size = '', root = '', tsLine = '', bootLine = '', lastLine = '', end, ...rest] = text.split('\n')
  if (end !== '' || rest.length > 0 || !NAME.test(origin) || !INTEGER.test(size)) return undefined
  const rootBytes = decodeBase64(root)
  const ts = extension(tsLine, 'sallyport/ts ')
  const boot = extension(bootLine, 'sallyport/boot ')
  const last = extension(lastLine, 'sallyport/last ')
  if (rootBytes?.length !== 32 || !INTEGER.test(ts) || !INTEGER.test(boot) || !HEX64.test(last)) return undefined
  const head = { origin, size: Number(size), root: rootBytes.toString('hex'), ts: Number(ts), boot: Number(boot), last }
  return Number.isSafeInteger(head.size) ? head : undefined
}

const extension = (line: string, prefix: string): string => (line.startsWith(prefix) ? line.slice(prefix.length) : '')

/** Why a checkpoint does not count. */
export type CheckpointFault = 'malformed' | 'origin' | 'unknown-key' | 'signature'
export type CheckedHead =
  | { readonly ok: true; readonly head: Head }
  | { readonly ok: false; readonly fault: CheckpointFault; readonly origin?: string }

/**
 * Checks a signed checkpoint against one key (T-164). Lines of other signers (witnesses) are allowed and not looked at;
 * a second line with our name but another key id makes the note invalid.
 */
export function verifyCheckpoint(note: string, publicKey: Uint8Array, origin?: string): CheckedHead {
  const parsed = parseNote(note)
  const head = parsed ? parseCheckpointText(parsed.text) : undefined
  if (!parsed || !head) return { ok: false, fault: 'malformed' }
  if (origin !== undefined && head.origin !== origin) return { ok: false, fault: 'origin', origin: head.origin }
  const own = parsed.signatures.filter((s) => s.name === head.origin)
  const [signature] = own
  if (!signature || own.length !== 1 || signature.keyId !== noteKeyId(head.origin, publicKey)) {
    return { ok: false, fault: 'unknown-key', origin: head.origin }
  }
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
  const good = signature.signature.length === 64 && verify(null, Buffer.from(parsed.text), key, signature.signature)
  return good ? { ok: true, head } : { ok: false, fault: 'signature', origin: head.origin }
}

/** hex → Hash. */
export const fromHex = (text: string): Hash => Buffer.from(text, 'hex')
/** Hash → hex. */
export const toHex = (bytes: Hash): string => Buffer.from(bytes).toString('hex')
