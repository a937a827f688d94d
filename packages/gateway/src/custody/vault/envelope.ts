import { createCipheriv, createDecipheriv } from 'node:crypto'
import { canonicalJson, SallyportError, toSallyportError, type ErrorCode } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'

/** A master key by name. It encrypts keys, never values. */
export interface MasterKey {
  readonly id: string
  /** 32 bytes. */
  readonly key: Uint8Array
}

/** Finds a master key that something was wrapped with; undefined when it is not at hand. */
export type FindKey = (id: string) => MasterKey | undefined

/** Which row a value belongs to: part of what is authenticated, so that no row can stand for another one (T-129). */
export interface RowName {
  readonly name: string
  readonly version: number
}

/** AES-256-GCM: nonce, ciphertext and tag in one, base64. */
type Box = string

/** A value as it is stored: encrypted with a key of its own, which is encrypted with a master key (envelope encryption). */
export interface Envelope {
  readonly form: 1
  /** Id of the master key. */
  readonly master: string
  readonly key: Box
  readonly value: Box
}

const CIPHER = 'aes-256-gcm'
const NONCE = 12
const TAG = 16
const KEY = 32

const about = (what: 'key' | 'value', { name, version }: RowName, master = ''): Buffer =>
  Buffer.from(`sallyport/vault-${what}/1\n${canonicalJson([name, version, master])}`)

/** Encrypts a value for one row, with a key that is used for nothing else. */
export function seal(value: Uint8Array, row: RowName, master: MasterKey, random: Pick<Random, 'bytes'>): Envelope {
  const key = random.bytes(KEY)
  try {
    return {
      form: 1,
      master: master.id,
      key: lock(key, master.key, about('key', row, master.id), random),
      value: lock(value, key, about('value', row), random),
    }
  } finally {
    key.fill(0)
  }
}

/**
 * The value of a row. The caller overwrites it when it is done.
 * @throws SallyportError SP_VAULT_KEY_MISSING, SP_VAULT_TAMPERED
 */
export function open(envelope: Envelope, row: RowName, find: FindKey): Buffer {
  const key = dataKey(envelope, row, find)
  try {
    return unlock(envelope.value, key, about('value', row), row)
  } finally {
    key.fill(0)
  }
}

/** Why an envelope does not open; undefined when it does. */
export function codeOfOpening(envelope: Envelope, row: RowName, find: FindKey): ErrorCode | undefined {
  try {
    open(envelope, row, find).fill(0)
    return undefined
  } catch (thrown) {
    return toSallyportError(thrown).code
  }
}

/**
 * The same value under another master key: only its key is encrypted anew.
 * @throws SallyportError SP_VAULT_KEY_MISSING, SP_VAULT_TAMPERED
 */
export function rewrap(
  envelope: Envelope,
  row: RowName,
  find: FindKey,
  master: MasterKey,
  random: Pick<Random, 'bytes'>,
): Envelope {
  const key = dataKey(envelope, row, find)
  try {
    return { ...envelope, master: master.id, key: lock(key, master.key, about('key', row, master.id), random) }
  } finally {
    key.fill(0)
  }
}

function dataKey({ master, key }: Envelope, row: RowName, find: FindKey): Buffer {
  const found = find(master)
  if (found === undefined)
    throw new SallyportError('SP_VAULT_KEY_MISSING', `${row.name} needs the master key ${master}, which is not here.`)
  return unlock(key, found.key, about('key', row, master), row)
}

function lock(plain: Uint8Array, key: Uint8Array, aad: Buffer, random: Pick<Random, 'bytes'>): Box {
  const nonce = random.bytes(NONCE)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG }).setAAD(aad)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function unlock(box: Box, key: Uint8Array, aad: Buffer, { name }: RowName): Buffer {
  const bytes = Buffer.from(box, 'base64')
  // what decodes leniently could be the same row in two spellings
  if (bytes.length < NONCE + TAG || bytes.toString('base64') !== box) throw tampered(name)
  const end = bytes.length - TAG
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), { authTagLength: TAG })
    .setAAD(aad)
    .setAuthTag(bytes.subarray(end))
  const first = decipher.update(bytes.subarray(NONCE, end))
  try {
    return Buffer.concat([first, decipher.final()])
  } catch {
    throw tampered(name)
  } finally {
    first.fill(0)
  }
}

const tampered = (name: string): SallyportError =>
  new SallyportError(
    'SP_VAULT_TAMPERED',
    `${name} cannot be decrypted: it was changed, moved, or another key wrote it.`,
  )
