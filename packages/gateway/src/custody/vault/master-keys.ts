import { scryptSync } from 'node:crypto'
import { existsSync, fstatSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import type { FindKey, MasterKey } from './envelope.ts'
import type { KeyService } from './key-service.ts'

/** Where the master keys come from. They are never in the store. */
export type KeySource =
  | { readonly source: 'file'; readonly path: string }
  | { readonly source: 'env'; readonly name: string }
  | { readonly source: 'descriptor'; readonly number: number }
  /** A credential of systemd (`LoadCredential=`, `LoadCredentialEncrypted=`). */
  | { readonly source: 'systemd'; readonly name: string }
  /** Words of a human, from an environment variable or a descriptor; the salt lies in a file. */
  | {
      readonly source: 'passphrase'
      readonly from: { readonly env: string } | { readonly descriptor: number }
      readonly salt: string
    }
  /** A file of keys that only a service opens. */
  | { readonly source: 'kms'; readonly path: string; readonly service: KeyService }

/** The master keys of a vault: the first one encrypts, all of them decrypt. */
export interface MasterKeys {
  readonly active: MasterKey
  readonly find: FindKey
  readonly ids: readonly string[]
}

const KEY = 32
const ID = /^[a-z0-9][a-z0-9-]{0,31}$/
/** scrypt: 128 MiB and about a second, once at start (RFC 7914). */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 } as const
const LEAST_PASSPHRASE = 12

/**
 * Reads the keys: one `id:base64` a line, the first one is in use. A file is made when there is none and nothing is encrypted yet.
 * @param isNew no value has been encrypted so far
 * @throws SallyportError SP_VAULT_LOCKED, and of a service SP_VAULT_DENIED, SP_VAULT_UNAVAILABLE
 */
export async function openMasterKeys(
  source: KeySource,
  env: Readonly<Record<string, string | undefined>>,
  isNew: boolean,
  random: Pick<Random, 'bytes'>,
): Promise<MasterKeys> {
  switch (source.source) {
    case 'file':
      if (!existsSync(source.path) && isNew) writeKeys(source.path, [newKey(random)])
      return parseKeys(readPrivate(source.path))
    case 'env':
      return parseKeys(variable(env, source.name))
    case 'descriptor':
      return parseKeys(readDescriptor(source.number))
    case 'systemd':
      return parseKeys(readPrivate(join(variable(env, 'CREDENTIALS_DIRECTORY'), source.name)))
    case 'passphrase': {
      const { from } = source
      const words = ('env' in from ? variable(env, from.env) : readDescriptor(from.descriptor)).replace(/\r?\n$/, '')
      if (words.length < LEAST_PASSPHRASE) throw locked(`A passphrase has ${LEAST_PASSPHRASE} characters at least.`)
      return keysOf([{ id: 'passphrase', key: scryptSync(words, saltAt(source.salt, isNew, random), KEY, COST) }])
    }
    case 'kms': {
      const { path, service } = source
      if (!existsSync(path) && isNew) await addKey(source, random)
      const wrapped = linesOf(readPrivate(path))
      return keysOf(
        await Promise.all(wrapped.map(async ({ id, bytes }) => ({ id, key: await unwrapped(service, id, bytes) }))),
      )
    }
  }
}

/**
 * Makes a key and puts it before those that there are, where the gateway writes them itself.
 * @throws SallyportError SP_VAULT_INVALID for another source, SP_VAULT_LOCKED, SP_VAULT_DENIED, SP_VAULT_UNAVAILABLE
 */
export async function addKey(source: KeySource, random: Pick<Random, 'bytes'>): Promise<void> {
  if (source.source !== 'file' && source.source !== 'kms')
    throw new SallyportError(
      'SP_VAULT_INVALID',
      `Keys of \`vault.key.source: ${source.source}\` are not made by the gateway.`,
    )
  const made = newKey(random)
  const line =
    source.source === 'file'
      ? keyLine(made)
      : keyLine({ id: made.id, key: await source.service.wrap(made.id, made.key) })
  const before = existsSync(source.path) ? readPrivate(source.path) : ''
  writePrivate(source.path, line + before)
}

/** @throws SallyportError SP_VAULT_LOCKED for what is no key */
async function unwrapped(service: KeyService, id: string, bytes: Uint8Array): Promise<Buffer> {
  const key = await service.unwrap(id, bytes)
  if (key.length !== KEY) throw locked(`${service.name} did not give a master key for ${id}.`)
  return key
}

export const newKey = (random: Pick<Random, 'bytes'>): MasterKey => ({
  id: `k${Buffer.from(random.bytes(4)).toString('hex')}`,
  key: random.bytes(KEY),
})

/** A key as it stands in a file or variable. */
export const keyLine = ({ id, key }: MasterKey): string => `${id}:${Buffer.from(key).toString('base64')}\n`

/** Replaces a file of keys as a whole. */
export const writeKeys = (path: string, keys: readonly MasterKey[]): void =>
  writePrivate(path, keys.map(keyLine).join(''))

function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}

/** @throws SallyportError SP_VAULT_LOCKED; says nothing of what it read */
export function parseKeys(text: string): MasterKeys {
  const keys = linesOf(text).map(({ id, bytes }, at) => {
    if (bytes.length !== KEY) throw locked(`Line ${at + 1} of the master keys is not \`id:base64 of 32 bytes\`.`)
    return { id, key: bytes }
  })
  return keysOf(keys)
}

/** Lines of `id:base64`. @throws SallyportError SP_VAULT_LOCKED; says nothing of what it read */
function linesOf(text: string): readonly { readonly id: string; readonly bytes: Buffer }[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, at) => {
      const [id = '', encoded = '', ...more] = line.split(':')
      const bytes = Buffer.from(encoded, 'base64')
      const isLine = bytes.length > 0 && bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '')
      if (!ID.test(id) || !isLine || more.length > 0)
        throw locked(`Line ${at + 1} of the master keys is not \`id:base64\`.`)
      return { id, bytes }
    })
}

function keysOf(keys: readonly MasterKey[]): MasterKeys {
  const [active] = keys
  if (active === undefined) throw locked('There is no master key.')
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw locked('Two master keys have the same id.')
  const byId = new Map(keys.map((key) => [key.id, key]))
  return { active, find: (id) => byId.get(id), ids: [...byId.keys()] }
}

/** Only its owner may read it, and nobody but us or root owns it. */
function readPrivate(path: string): string {
  try {
    const { uid, mode } = lstatSync(path)
    if ((mode & 0o077) !== 0) throw locked(`${path} can be read by others: chmod 600.`)
    if (process.getuid !== undefined && uid !== process.getuid() && uid !== 0)
      throw locked(`${path} belongs to somebody else.`)
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if (thrown instanceof SallyportError) throw thrown
    throw locked(`${path} cannot be read.`, thrown)
  }
}

function readDescriptor(number: number): string {
  try {
    fstatSync(number)
    return readFileSync(number, 'utf8')
  } catch (thrown) {
    throw locked(`Descriptor ${number} cannot be read.`, thrown)
  }
}

function variable(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name]
  if (value === undefined || value === '') throw locked(`$${name} is not set.`)
  return value
}

function saltAt(path: string, isNew: boolean, random: Pick<Random, 'bytes'>): Buffer {
  if (!isAbsolute(path)) throw locked('The path of the salt is not absolute.')
  if (!existsSync(path)) {
    if (!isNew) throw locked(`${path} is missing, and without it no passphrase opens this vault.`)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, Buffer.from(random.bytes(KEY)).toString('base64'), { mode: 0o600, flag: 'wx', flush: true })
  }
  return Buffer.from(readPrivate(path), 'base64')
}

const locked = (what: string, cause?: unknown): SallyportError => new SallyportError('SP_VAULT_LOCKED', what, { cause })
