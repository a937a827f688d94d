import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { describe, expect, test } from 'vitest'
import { newKey, parseKeys, writeKeys } from '../../packages/gateway/src/custody/vault/master-keys.ts'
import { Vault, type SecretEvent } from '../../packages/gateway/src/custody/vault/vault.ts'
import { openVersions } from '../../packages/gateway/src/custody/vault/versions.ts'
import { systemRandom as random } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import { makeClock, makeDirectory, makeKeys } from '../store/temporary.ts'

const DAY = 86_400_000
const SECRET = 'sk-value-of-the-vault-0123456789'

async function ground() {
  const directory = makeDirectory()
  const storeKeys = makeKeys()
  const clock = makeClock()
  const master = join(directory, 'vault.keys')
  writeKeys(master, [newKey(random)])
  const events: SecretEvent[] = []
  const open = async () => {
    const store = await openStore({ driver: 'sqlite', path: join(directory, 'state.db') }, storeKeys, clock)
    try {
      const vault = await Vault.open({
        ...{ store, clock, random, tagKey: storeKeys.mac },
        keys: parseKeys(readFileSync(master, 'utf8')),
        versions: openVersions(join(directory, 'vault.versions'), storeKeys.mac),
        record: async (event) => void events.push(event),
      })
      return { vault, store }
    } catch (thrown) {
      await store.close()
      throw thrown
    }
  }
  return { directory, clock, master, events, open }
}
const codeOf = async (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => 'none',
    (thrown: unknown) => toSallyportError(thrown).code,
  )
const valueOf = (vault: Vault, name: string): Promise<string> => vault.use(name, (value) => value.toString())
const key = { type: 'api_key' } as const

describe('the vault', () => {
  test('HB-84, SEC-4.1: a value comes back as it was, also after a restart, and stands nowhere in the files', async () => {
    const { directory, open } = await ground()
    const first = await open()
    const info = await first.vault.set('github', Buffer.from(SECRET), key, 'ana')
    expect(info).toMatchObject({ name: 'github', version: 1, state: 'active', by: 'ana' })
    expect(info.expiresAt - info.createdAt).toBe(90 * DAY)
    expect(await valueOf(first.vault, 'github')).toBe(SECRET)
    await first.store.close()
    for (const name of readdirSync(directory)) {
      const bytes = readFileSync(join(directory, name))
      for (const form of [SECRET, Buffer.from(SECRET).toString('base64'), Buffer.from(SECRET).toString('hex')])
        expect(bytes.includes(form), `${form} in ${name}`).toBe(false)
    }
    const second = await open()
    expect(await valueOf(second.vault, 'github')).toBe(SECRET)
    await second.store.close()
  })

  test('AC-4.1.2, AC-4.3.2: an ended, revoked or unknown value is refused, and a replaced one is gone at once', async () => {
    const { clock, open } = await ground()
    const { vault, store } = await open()
    await vault.set('token', Buffer.from('one-value'), { type: 'token' }, 'ana')
    await vault.set('token', Buffer.from('next-value'), { type: 'token' }, 'ana')
    expect(await valueOf(vault, 'token')).toBe('next-value')
    expect((await vault.info('token')).version).toBe(2)
    clock.advance(DAY - 1)
    expect(await valueOf(vault, 'token')).toBe('next-value')
    clock.advance(1)
    expect(await codeOf(valueOf(vault, 'token'))).toBe('SP_VAULT_EXPIRED')
    expect(await codeOf(valueOf(vault, 'nobody'))).toBe('SP_VAULT_UNKNOWN')
    await vault.set('gone', Buffer.from('a-value-to-go'), key, 'ana')
    await vault.revoke('gone', 'ana', 'leaked')
    expect(await codeOf(valueOf(vault, 'gone'))).toBe('SP_VAULT_REVOKED')
    await store.close()
  })

  test('AC-4.5.1: each change is recorded before it is made, and none is made that cannot be', async () => {
    const { events, open, directory } = await ground()
    const { vault, store } = await open()
    await vault.set('a', Buffer.from(SECRET), key, 'ana')
    await vault.set('a', Buffer.from(SECRET), key, 'ben')
    await vault.rewrap('ana')
    await vault.rekey('ana')
    await vault.revoke('a', 'ana', 'done')
    expect(events.map(({ operation, by }) => `${operation} ${by}`)).toEqual([
      ...['create ana', 'rotate ben', 'rekey ana', 'revoke ana'],
    ])
    expect(JSON.stringify(events)).not.toContain(SECRET)
    await store.close()
    const { store: other } = await open()
    const refusing = await Vault.open({
      ...{ store: other, clock: makeClock(), random, tagKey: randomBytes(32) },
      keys: parseKeys(readFileSync(join(directory, 'vault.keys'), 'utf8')),
      versions: { check: () => undefined, wrote: () => undefined },
      record: () => Promise.reject(new Error('no record')),
    })
    await expect(refusing.set('b', Buffer.from(SECRET), key, 'ana')).rejects.toThrow('no record')
    expect((await refusing.list()).map(({ name }) => name)).toEqual(['a'])
    await other.close()
  })

  test('T-129: a store that is put back to an older state is refused, with the names', async () => {
    const { directory, open } = await ground()
    const path = join(directory, 'state.db')
    const first = await open()
    await first.vault.set('github', Buffer.from('the-first-value'), key, 'ana')
    await first.store.close()
    copyFileSync(path, join(directory, 'older'))
    const second = await open()
    await second.vault.revoke('github', 'ana', 'leaked')
    await second.store.close()
    copyFileSync(join(directory, 'older'), path)
    const refused = await open().then(
      () => undefined,
      (thrown: unknown) => toSallyportError(thrown),
    )
    expect(refused?.code).toBe('SP_VAULT_ROLLED_BACK')
    expect(refused?.detail).toContain('github')
  })

  test('T-129: the file of versions cannot be forged, and a wrong master key opens nothing', async () => {
    const { directory, master, open } = await ground()
    const first = await open()
    await first.vault.set('github', Buffer.from(SECRET), key, 'ana')
    await first.store.close()
    const versions = join(directory, 'vault.versions')
    const kept = readFileSync(versions, 'utf8')
    writeFileSync(versions, kept.replace('"github":1', '"github":0'))
    expect(await codeOf(open())).toBe('SP_VAULT_TAMPERED')
    writeFileSync(versions, kept)
    const [line = ''] = readFileSync(master, 'utf8').split('\n')
    writeFileSync(master, `${line.split(':')[0] ?? ''}:${randomBytes(32).toString('base64')}\n`)
    const { vault, store } = await open()
    expect(await codeOf(valueOf(vault, 'github'))).toBe('SP_VAULT_TAMPERED')
    await store.close()
    writeFileSync(master, `other:${randomBytes(32).toString('base64')}\n`)
    expect(await codeOf(open())).toBe('SP_VAULT_KEY_MISSING')
  })

  test('SEC-4.3: a new master key takes over, value by value, and then the old one is not needed', async () => {
    const { master, open } = await ground()
    const first = await open()
    for (const name of ['a', 'b', 'c']) await first.vault.set(name, Buffer.from(`value-of-${name}`), key, 'ana')
    await first.store.close()
    const old = parseKeys(readFileSync(master, 'utf8')).active
    const next = newKey(random)
    writeKeys(master, [next, old])
    const second = await open()
    expect(await second.vault.rewrap('ana')).toBe(3)
    expect(await second.vault.rewrap('ana')).toBe(0)
    await second.store.close()
    writeKeys(master, [next])
    const third = await open()
    expect(await valueOf(third.vault, 'b')).toBe('value-of-b')
    await third.store.close()
  })

  test.each([
    ['an empty name', '', SECRET, key],
    ['a name with a slash', 'a/b', SECRET, key],
    ['an empty value', 'a', '', key],
    ['a value that is too large', 'a', 'x'.repeat(65_537), key],
    ['a life that is too long', 'a', SECRET, { type: 'gateway', ttl: 366 * 86_400 }],
  ] as const)('%s is refused', async (_what, name, value, given) => {
    const { open } = await ground()
    const { vault, store } = await open()
    expect(await codeOf(vault.set(name, Buffer.from(value), given, 'ana'))).toBe('SP_VAULT_INVALID')
    await store.close()
  })

  test('of 20 who set the same value at once each is kept or told so, and the row opens', async () => {
    const { open } = await ground()
    const { vault, store } = await open()
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => codeOf(vault.set('a', Buffer.from(`value-number-${n}`), key, 'ana'))),
    )
    expect(all.filter((code) => code === 'none').length).toBeGreaterThan(0)
    expect(all.every((code) => code === 'none' || code === 'SP_STORE_BUSY')).toBe(true)
    expect(await valueOf(vault, 'a')).toMatch(/^value-number-\d+$/)
    await store.close()
  })

  test('T-129, E-12: 20 times kill -9 while writing: it opens, and what was acknowledged is there', async () => {
    const { directory } = await ground()
    const script = new URL('./fixtures/write-forever.mjs', import.meta.url).pathname
    const kept = new Map<string, string>()
    for (let round = 0; round < 20; round++) {
      const child = spawn(process.execPath, [script, directory, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => setTimeout(resolve, 5 + Math.random() * 60))
        child.once('exit', () => reject(new Error('the writer ended by itself')))
      })
      child.removeAllListeners('exit')
      const gone = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      await gone
      for (const line of text.split('\n').slice(0, -1)) {
        const [name = '', value = ''] = line.split(' ')
        kept.set(name, value)
      }
    }
    expect(kept.size).toBeGreaterThan(20)
    const read = spawn(process.execPath, [script, directory, 'read'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    for await (const chunk of read.stdout) text += String(chunk)
    const found = JSON.parse(text) as Readonly<Record<string, string>>
    // what was not acknowledged may be there as well, and is newer then
    const numberOf = (value = ''): number => Number(value.split('-')[2])
    for (const [name, value] of kept) expect(numberOf(found[name])).toBeGreaterThanOrEqual(numberOf(value))
  }, 120_000)
})
