import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemRandom as random } from '../../random.ts'
import { addKey, keyLine, newKey, openMasterKeys, parseKeys, writeKeys, type KeySource } from './master-keys.ts'

let place: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'sallyport-keys-'))
})
afterAll(() => rmSync(place, { recursive: true }))

const at = (name: string): string => join(place, name)
const [one, two] = [newKey(random), newKey(random)]
const both = keyLine(one) + keyLine(two)
const locked = (what: RegExp) =>
  expect.objectContaining({ code: 'SP_VAULT_LOCKED', message: expect.stringMatching(what) })
const open = (source: KeySource, env: Record<string, string> = {}, isNew = false) =>
  openMasterKeys(source, env, isNew, random)

describe('where master keys come from', () => {
  test('HB-130 AC-4.5.2: a variable, a credential of systemd, a descriptor and a file give the same keys, the first one in use', async () => {
    writeKeys(at('file'), [one, two])
    const number = openSync(at('file'), 'r')
    const sources: readonly (readonly [KeySource, Record<string, string>])[] = [
      [{ source: 'env', name: 'KEYS' }, { KEYS: both }],
      [{ source: 'systemd', name: 'file' }, { CREDENTIALS_DIRECTORY: place }],
      [{ source: 'descriptor', number }, {}],
      [{ source: 'file', path: at('file') }, {}],
    ]
    for (const [source, env] of sources) {
      const { active, ids, find } = await open(source, env)
      expect(Buffer.from(active.key).equals(one.key), source.source).toBe(true)
      expect(ids).toEqual([one.id, two.id])
      expect(Buffer.from(find(two.id)?.key ?? []).equals(two.key)).toBe(true)
    }
    closeSync(number)
  })

  test('what is not there is refused: a variable, an empty one, a directory of systemd, a closed descriptor', async () => {
    await expect(open({ source: 'env', name: 'KEYS' })).rejects.toEqual(locked(/\$KEYS is not set/))
    await expect(open({ source: 'env', name: 'KEYS' }, { KEYS: '' })).rejects.toEqual(locked(/\$KEYS is not set/))
    await expect(open({ source: 'systemd', name: 'file' })).rejects.toEqual(locked(/CREDENTIALS_DIRECTORY is not set/))
    await expect(open({ source: 'descriptor', number: 900 })).rejects.toEqual(locked(/Descriptor 900 cannot be read/))
    await expect(open({ source: 'file', path: at('nothing') })).rejects.toEqual(locked(/cannot be read/))
  })

  test('T-120: a file that others can read, or that somebody else owns, is not taken', async () => {
    writeKeys(at('open'), [one])
    chmodSync(at('open'), 0o644)
    await expect(open({ source: 'file', path: at('open') })).rejects.toEqual(locked(/can be read by others/))
    if (process.getuid?.() !== 0) return
    writeKeys(at('theirs'), [one])
    chownSync(at('theirs'), 65_534, 65_534)
    // root may own anything; who is not root takes nothing of another account
    const { getuid } = process
    process.getuid = () => 1234
    try {
      await expect(open({ source: 'file', path: at('theirs') })).rejects.toEqual(locked(/belongs to somebody else/))
    } finally {
      process.getuid = getuid
    }
  })

  test('a file is made once, for its owner alone, and only where nothing is encrypted yet', async () => {
    const source: KeySource = { source: 'file', path: at('made/keys') }
    await expect(open(source)).rejects.toEqual(locked(/cannot be read/))
    const made = await open(source, {}, true)
    expect(statSync(source.path).mode & 0o777).toBe(0o600)
    expect((await open(source, {}, true)).active.id).toBe(made.active.id)
    await addKey(source, random)
    const rotated = await open(source)
    expect(rotated.active.id).not.toBe(made.active.id)
    expect(rotated.find(made.active.id)).toBeDefined()
  })

  test('keys that come from elsewhere are not made here', async () => {
    await expect(addKey({ source: 'env', name: 'KEYS' }, random)).rejects.toMatchObject({ code: 'SP_VAULT_INVALID' })
  })
})

describe('a passphrase', () => {
  const words = ['a meadow', 'of kites'].join(' ')
  const source = (salt: string): KeySource => ({ source: 'passphrase', from: { env: 'WORDS' }, salt })

  test('HB-130: gives the same key with the same salt, which is made once and for its owner alone', async () => {
    const salt = at('salts/salt')
    const first = await open(source(salt), { WORDS: words }, true)
    expect(statSync(salt).mode & 0o777).toBe(0o600)
    const again = await open(source(salt), { WORDS: `${words}\n` })
    expect(Buffer.from(again.active.key).equals(first.active.key)).toBe(true)
    const other = await open(source(at('salts/other')), { WORDS: words }, true)
    expect(Buffer.from(other.active.key).equals(first.active.key)).toBe(false)
  }, 60_000)

  test('comes from a descriptor too', async () => {
    writeFileSync(at('words'), words, { mode: 0o600 })
    const number = openSync(at('words'), 'r')
    const from = { descriptor: number }
    const { ids } = await open({ source: 'passphrase', from, salt: at('salts/descriptor') }, {}, true)
    closeSync(number)
    expect(ids).toEqual(['passphrase'])
  }, 60_000)

  test('a short one, a relative salt and a salt that is gone are refused, and nothing is made', async () => {
    await expect(open(source(at('salts/short')), { WORDS: 'eleven char' }, true)).rejects.toEqual(
      locked(/12 characters/),
    )
    await expect(open(source('salt'), { WORDS: words }, true)).rejects.toEqual(locked(/not absolute/))
    await expect(open(source(at('salts/gone')), { WORDS: words })).rejects.toEqual(locked(/is missing/))
    expect(existsSync(at('salts/gone')) || existsSync(at('salts/short'))).toBe(false)
  })
})

describe('lines of keys', () => {
  const short = Buffer.alloc(16, 1).toString('base64')
  test.each([
    ['nothing', ''],
    ['a comment alone', '# keys\n\n'],
    ['no id', `:${Buffer.from(one.key).toString('base64')}`],
    ['an id of capitals', keyLine({ ...one, id: 'K1' })],
    ['a key of 16 bytes', `k1:${short}`],
    ['what is not base64', 'k1:%%%%'],
    ['something behind', `${keyLine(one).trim()}:more`],
    ['one id twice', keyLine(one) + keyLine({ ...two, id: one.id })],
  ])('%s is refused, and not quoted', (_what, text) => {
    expect(() => parseKeys(text)).toThrow(locked(/./) as never)
    try {
      parseKeys(text)
    } catch (thrown) {
      expect(String(thrown)).not.toContain(short)
      expect(String(thrown)).not.toContain(Buffer.from(one.key).toString('base64'))
    }
  })

  test('comments, empty lines and commas between are fine', () => {
    expect(parseKeys(`# first\n\n${keyLine(one).trim()},${keyLine(two)}`).ids).toEqual([one.id, two.id])
  })
})
