import { randomBytes } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError } from '@sallyport/core'
import { describe, expect, test } from 'vitest'
import { newKey, parseKeys, writeKeys } from '../../packages/gateway/src/custody/vault/master-keys.ts'
import type { SecretEvent } from '../../packages/gateway/src/custody/vault/secret.ts'
import { Vault } from '../../packages/gateway/src/custody/vault/vault.ts'
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
        isRecorded: async (change) => events.some((event) => event.phase === 'outcome' && event.change === change),
        since: 0,
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
    expect(events.map(({ phase, operation, by }) => `${phase} ${operation} ${by}`)).toEqual(
      ['create ana', 'rotate ben', 'rekey ana', 'revoke ana'].flatMap((what) => [`intent ${what}`, `outcome ${what}`]),
    )
    expect(JSON.stringify(events)).not.toContain(SECRET)
    await store.close()
    const { store: other } = await open()
    let recording: 'none' | 'intents' | 'all' = 'none'
    const refusing = await Vault.open({
      ...{ store: other, clock: makeClock(), random, tagKey: randomBytes(32), since: 0 },
      keys: parseKeys(readFileSync(join(directory, 'vault.keys'), 'utf8')),
      versions: openVersions(join(directory, 'other.versions'), randomBytes(32)),
      record: async ({ phase }) => {
        if (recording === 'none' || (recording === 'intents' && phase === 'outcome')) throw new Error('no record')
      },
      isRecorded: () => Promise.resolve(true),
    })
    await expect(refusing.set('b', Buffer.from(SECRET), key, 'ana')).rejects.toThrow('no record')
    expect((await refusing.list()).map(({ name }) => name)).toEqual(['a'])
    // with its intent alone it is written, and not used before its outcome is on record as well
    recording = 'intents'
    await expect(refusing.set('b', Buffer.from(SECRET), key, 'ana')).rejects.toThrow('no record')
    await expect(valueOf(refusing, 'b')).rejects.toThrow('no record')
    await expect(refusing.set('b', Buffer.from('another-value'), key, 'ana')).rejects.toThrow('no record')
    recording = 'all'
    expect(await valueOf(refusing, 'b')).toBe(SECRET)
    await other.close()
  })

  test('AC-4.5.1: what a gateway wrote that ended before it could say so is recorded by the next one, once', async () => {
    const { events, open, directory } = await ground()
    const first = await open()
    await first.vault.set('a', Buffer.from(SECRET), key, 'ana')
    await first.store.close()
    // as if it had ended behind the row: no outcome, no serial number
    events.splice(1)
    rmSync(join(directory, 'vault.versions'))
    for (let n = 0; n < 2; n++) {
      const { vault, store } = await open()
      expect(await valueOf(vault, 'a')).toBe(SECRET)
      await store.close()
    }
    expect(events).toHaveLength(2)
    expect(events[1]).toMatchObject({ ...{ phase: 'outcome', operation: 'create', by: 'ana', recovered: true } })
    expect(events[1]?.change).toBe(events[0]?.change)
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
    const third = await open()
    expect(third.vault.lost).toEqual(['github'])
    const refused = await third.vault.info('github').catch((thrown: unknown) => toSallyportError(thrown))
    expect(refused).toMatchObject({ code: 'SP_VAULT_ROLLED_BACK', detail: expect.stringContaining('github') as string })
    expect(await codeOf(valueOf(third.vault, 'github'))).toBe('SP_VAULT_ROLLED_BACK')
    expect(await third.vault.list()).toEqual([])
    // set anew it is good, and what it was cannot come back
    const { version } = await third.vault.set('github', Buffer.from('another-value'), key, 'ana')
    expect(version).toBeGreaterThan(1)
    await third.store.close()
    copyFileSync(join(directory, 'older'), path)
    const fourth = await open()
    expect(await codeOf(valueOf(fourth.vault, 'github'))).toBe('SP_VAULT_ROLLED_BACK')
    await fourth.store.close()
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
    const wrong = await open().then(
      () => undefined,
      (thrown: unknown) => toSallyportError(thrown),
    )
    expect(wrong?.code).toBe('SP_VAULT_LOCKED')
    expect(JSON.stringify([wrong?.message, wrong?.details, wrong?.stack])).not.toMatch(SECRET)
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
})
