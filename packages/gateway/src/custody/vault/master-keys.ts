import { scryptSync } from 'node:crypto'
import { existsSync, fstatSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import type { FindKey, MasterKey } from './envelope.ts'

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
 * @throws SallyportError SP_VAULT_LOCKED
 */
export function openMasterKeys(
  source: KeySource,
  env: Readonly<Record<string, string | undefined>>,
  isNew: boolean,
  random: Pick<Random, 'bytes'>,
): MasterKeys {
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
  }
}

export const newKey = (random: Pick<Random, 'bytes'>): MasterKey => ({
  id: `k${Buffer.from(random.bytes(4)).toString('hex')}`,
  key: random.bytes(KEY),
})

/** A key as it stands in a file or variable. */
export const keyLine = ({ id, key }: MasterKey): string => `${id}:${Buffer.from(key).toString('base64')}\n`

/** Replaces a file of keys as a whole. */
export function writeKeys(path: string, keys: readonly MasterKey[]): void {
  const text = keys.map(keyLine).join('')
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}

/** @throws SallyportError SP_VAULT_LOCKED; says nothing of what it read */
export function parseKeys(text: string): MasterKeys {
  const keys = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, at) => {
      const [id = '', encoded = '', ...more] = line.split(':')
      const key = Buffer.from(encoded, 'base64')
      const isKey = key.length === KEY && key.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '')
      if (!ID.test(id) || !isKey || more.length > 0)
        throw locked(`Line ${at + 1} of the master keys is not \`id:base64 of 32 bytes\`.`)
      return { id, key }
    })
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw locked('Two master keys have the same id.')
  return keysOf(keys)
}

function keysOf(keys: readonly MasterKey[]): MasterKeys {
  const [active] = keys
  if (active === undefined) throw locked('There is no master key.')
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
