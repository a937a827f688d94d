import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import type { Random } from '../boundary/ports.ts'

/** Keys of one gateway. They are files of the gateway's user beside the store, never in it (T-004). */
export interface GatewayKeys {
  /** HMAC over documents of the store. */
  readonly mac: Uint8Array
  /** Keyed tags of redacted values. */
  readonly redact: Uint8Array
  /** Encrypts PIN verifiers. */
  readonly pepper: Uint8Array
  /** Signs agents' credentials. */
  readonly credential: Uint8Array
  /** Ed25519, PKCS #8 DER: signs checkpoints of the log. */
  readonly checkpoint: Uint8Array
  /** Ed25519: proves to clients that they talk to the gateway. */
  readonly identity: KeyObject
  /** Stable name of this gateway: first 16 hex digits of its identity key's digest. */
  readonly gatewayId: string
}

const SECRETS = ['mac', 'redact', 'pepper', 'credential'] as const
const PAIRS = ['checkpoint', 'identity'] as const

/**
 * Opens the keys, and makes them when this is a new gateway. Keys that are missing beside an existing store are not made
 * anew: that would silently void every row and let a wiped gateway pass for a fresh one.
 * @throws SallyportError SP_STORE_TAMPERED, SP_STORE_UNAVAILABLE
 */
export function openKeys(directory: string, storeExists: boolean, random: Pick<Random, 'bytes'>): GatewayKeys {
  const files = [...SECRETS.map((name) => `${name}.key`), ...PAIRS.map((name) => `${name}.key`)]
  const missing = files.filter((name) => !existsSync(join(directory, name)))
  if (missing.length > 0 && storeExists) {
    throw new SallyportError('SP_STORE_TAMPERED', `Keys are missing beside an existing store: ${missing.join(', ')}.`)
  }
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    for (const path of [dirname(directory), directory]) requirePrivate(path)
    for (const name of SECRETS)
      if (missing.includes(`${name}.key`)) write(join(directory, `${name}.key`), random.bytes(32))
    for (const name of PAIRS) if (missing.includes(`${name}.key`)) makePair(directory, name)
    const secret = (name: string) => readFileSync(join(directory, `${name}.key`))
    const pair = (name: (typeof PAIRS)[number]) => matched(directory, name, createPrivateKey(secret(name)))
    const identity = pair('identity')
    const spki = spkiOf(identity)
    return {
      mac: secret('mac'),
      redact: secret('redact'),
      pepper: secret('pepper'),
      credential: secret('credential'),
      checkpoint: pair('checkpoint').export({ type: 'pkcs8', format: 'der' }),
      identity,
      gatewayId: spki.subarray(-32).toString('hex').slice(0, 16),
    }
  } catch (thrown) {
    if (thrown instanceof SallyportError) throw thrown
    throw new SallyportError('SP_STORE_UNAVAILABLE', `The keys in ${directory} cannot be used.`, { cause: thrown })
  }
}

/** A key that is not the one of the public key beside it is somebody else's: people and verifiers know the gateway by that. */
function matched(directory: string, name: (typeof PAIRS)[number], key: KeyObject): KeyObject {
  const path = join(directory, `${name}.pub`)
  // compared as bytes: `equals` of two kinds of keys leaves an error behind that the next call finds
  const isOwn = !existsSync(path) || spkiOf(key).equals(spkiOf(readFileSync(path)))
  if (key.asymmetricKeyType !== 'ed25519' || !isOwn)
    throw new SallyportError('SP_STORE_TAMPERED', `${name}.key is not the key of ${name}.pub beside it.`)
  return key
}

const spkiOf = (key: KeyObject | Buffer): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' })

/** Only the gateway's user may enter; somebody else's directory is not ours to trust. */
function requirePrivate(path: string): void {
  const { uid, mode } = lstatSync(path)
  if (process.getuid !== undefined && uid !== process.getuid() && uid !== 0) {
    throw new SallyportError('SP_STORE_UNAVAILABLE', `${path} belongs to another account.`)
  }
  if ((mode & 0o077) !== 0) chmodSync(path, 0o700)
}

function makePair(directory: string, name: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  write(join(directory, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }))
  write(join(directory, `${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }))
}

function write(path: string, data: string | Uint8Array): void {
  writeFileSync(`${path}.new`, data, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
