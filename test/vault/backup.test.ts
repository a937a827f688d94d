import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson, toSallyportError, type Json } from '@sallyport/core'
import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backup } from '../../packages/gateway/src/custody/vault/backup.ts'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { cliCommand, inTerminal, piped } from '../approvals/terminal.ts'

const VALUES = { github: 'ghp-a-value-of-the-backup-1', stripe: 'sk-another-of-the-backup-2' } as const
const DAY = 86_400_000
const PIN = 'correct-horse-9'

/** A gateway of its own, and its command line. */
async function machine(config = '') {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-backup-'))
  const stateDir = join(home, 'state')
  const given = { env: {}, stateDir, now: Date.now() }
  const loaded = parseConfig(`version: 1\npolicies: [preset:balanced]\n${config}`, join(home, 'sallyport.yaml'), given)
  const gateway = await createGateway(loaded, { stateDir, operationalSink: (_text, done) => done() })
  await gateway.listen()
  return {
    home,
    gateway,
    cli: (...words: string[]) => piped(cliCommand([...words, '--state', stateDir])),
    command: (...words: string[]) => cliCommand([...words, '--state', stateDir]),
    async put(values: Readonly<Record<string, string>>) {
      const vault = await gateway.credentials.vault()
      for (const [name, value] of Object.entries(values))
        await vault.set(name, Buffer.from(value), { type: 'api_key' }, 'test')
    },
    async read(name: string): Promise<string> {
      const vault = await gateway.credentials.vault()
      return vault.use(name, (value) => value.toString()).catch((thrown: unknown) => toSallyportError(thrown).code)
    },
    async remove() {
      await gateway.close()
      rmSync(home, { recursive: true })
    },
  }
}
const records = async (gateway: Gateway): Promise<readonly Record<string, unknown>[]> =>
  (await gateway.store.readLog({ kind: 'credential', limit: 500 })).map(
    ({ body }) => JSON.parse(body) as Record<string, unknown>,
  )

describe('backups of the vault', () => {
  let one: Awaited<ReturnType<typeof machine>>
  let two: Awaited<ReturnType<typeof machine>>
  let [identity, recipient, file, identityFile] = ['', '', '', '']
  beforeAll(async () => {
    ;[one, two] = await Promise.all([machine(), machine()])
    identity = await generateX25519Identity()
    recipient = await identityToRecipient(identity)
    file = join(one.home, 'vault.age')
    identityFile = join(one.home, 'identity')
    writeFileSync(identityFile, `# created for a test\n${identity}\n`, { mode: 0o600 })
    await one.put(VALUES)
    const vault = await one.gateway.credentials.vault()
    await vault.set('gone', Buffer.from('a-value-that-is-revoked'), { type: 'token' }, 'test')
    await vault.revoke('gone', 'test', 'leaked')
  }, 60_000)
  afterAll(async () => {
    await one.remove()
    await two.remove()
  })
  const opened = async (): Promise<Backup> => {
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    return JSON.parse(await decrypter.decrypt(armor.decode(readFileSync(file, 'utf8')), 'text')) as Backup
  }
  const sealed = async (backup: unknown, path = join(one.home, 'forged.age')): Promise<string> => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(recipient)
    writeFileSync(path, armor.encode(await encrypter.encrypt(canonicalJson(backup as Json))))
    return path
  }

  it('HB-84: a backup is an age file: its recipient finds names, types, versions, ends and values; nobody else does', async () => {
    const other = await identityToRecipient(await generateX25519Identity())
    const said = await one.cli('vault', 'backup', '--to', recipient, other, '--out', file)
    expect(said.code, said.out).toBe(0)
    expect(said.out).toContain('2 values')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/)
    for (const value of Object.values(VALUES)) {
      expect(Buffer.from(armor.decode(text)).includes(value)).toBe(false)
      expect(said.out).not.toContain(value)
    }
    const { secrets } = await opened()
    expect(secrets.map(({ name, value }) => [name, Buffer.from(value, 'base64').toString()])).toEqual(
      Object.entries(VALUES),
    )
    expect(secrets[0]).toMatchObject({ type: 'api_key', version: 1 })
    expect((secrets[0]?.expiresAt ?? 0) - (secrets[0]?.createdAt ?? 0)).toBe(90 * DAY)
    const stranger = new Decrypter()
    stranger.addIdentity(await generateX25519Identity())
    await expect(stranger.decrypt(armor.decode(text))).rejects.toThrow('no identity matched')
    expect((await records(one.gateway)).at(-1)).toMatchObject({
      ...{ operation: 'backup', success: true, recipients: [recipient, other], names: ['github', 'stripe'] },
      requestingIdentity: 'unclaimed',
    })
  }, 30_000)

  it('HB-84: what is no recipient, and a file that is there, are refused, and an identity given by mistake is not repeated', async () => {
    const mistaken = await one.cli('vault', 'backup', '--to', identity)
    expect(mistaken.code).toBe(2)
    expect(mistaken.out).not.toContain(identity)
    expect((await one.cli('vault', 'backup', '--to', 'age1qqqq')).out).toContain('SP_VAULT_INVALID')
    expect((await one.cli('vault', 'backup')).code).toBe(2)
    expect((await one.cli('vault', 'backup', '--to', recipient, '--out', file)).out).toContain('must not exist')
  }, 30_000)

  it('HB-84: an empty vault takes it over, with the ends it had; a second time nothing changes', async () => {
    const restored = await two.cli('vault', 'restore', file, '--identity', identityFile)
    expect(restored.code, restored.out).toBe(0)
    expect(restored.out).toContain('restored: github, stripe.')
    expect(await two.read('github')).toBe(VALUES.github)
    expect(await two.read('gone')).toBe('SP_VAULT_UNKNOWN')
    const [mine, theirs] = await Promise.all(
      [one, two].map(async ({ gateway }) => (await gateway.credentials.vault()).info('github')),
    )
    expect(theirs?.expiresAt).toBe(mine?.expiresAt)
    expect((await two.cli('vault', 'restore', file, '--identity', identityFile)).out).toContain(
      'unchanged: github, stripe.',
    )
    const done = (await records(two.gateway)).filter(({ operation }) => operation === 'restore')
    expect(done.map(({ credential }) => credential)).toEqual(['github', 'stripe'])
    expect(String(done[0]?.['reason'])).toMatch(/^backup of 20\S+ by gateway [0-9a-f]{16}$/)
  }, 30_000)

  it('HB-84: a value that is another one by now, or was revoked, is in the way; nothing changes without --replace', async () => {
    const vault = await two.gateway.credentials.vault()
    await vault.set('github', Buffer.from('a-newer-value'), { type: 'api_key' }, 'test')
    await vault.revoke('stripe', 'test', 'leaked')
    const refused = await two.cli('vault', 'restore', file, '--identity', identityFile)
    expect(refused.code).toBe(1)
    expect(refused.out).toContain('SP_VAULT_CONFLICT')
    expect(refused.out).toContain('github, stripe')
    expect([await two.read('github'), await two.read('stripe')]).toEqual(['a-newer-value', 'SP_VAULT_REVOKED'])
    expect((await two.cli('vault', 'restore', file, '--identity', identityFile, '--replace')).code).toBe(0)
    expect([await two.read('github'), await two.read('stripe')]).toEqual(Object.values(VALUES))
    expect((await vault.info('github')).version).toBe(3)
  }, 30_000)

  it('T-130: identities come from a private file, never from the command line, and are never repeated', async () => {
    const open = join(one.home, 'open')
    writeFileSync(open, identity, { mode: 0o644 })
    const stranger = join(one.home, 'stranger')
    writeFileSync(stranger, await generateX25519Identity(), { mode: 0o600 })
    const runs = [
      [identity, 'SP_CLI_USAGE'],
      [open, 'chmod 600'],
      [stranger, 'SP_VAULT_DENIED'],
      [file, 'SP_VAULT_INVALID'],
    ] as const
    for (const [given, said] of runs) {
      const { code, out } = await two.cli('vault', 'restore', file, '--identity', given)
      expect(code).not.toBe(0)
      expect(out).toContain(said)
      expect(out).not.toContain(identity)
    }
    expect((await two.cli('vault', 'restore', file)).out).toContain('SP_CLI_NEEDS_TERMINAL')
  }, 60_000)

  it('T-129: anybody can encrypt for a recipient; a backup that no gateway signed, or that was changed, is refused', async () => {
    const genuine = await opened()
    const forged = {
      ...genuine,
      secrets: genuine.secrets.map((each) => ({ ...each, value: Buffer.from('mine').toString('base64') })),
    }
    const bad = [
      await sealed(forged),
      await sealed({ ...genuine, createdAt: 1 }, join(one.home, 'older.age')),
      await sealed({ ...genuine, extra: true }, join(one.home, 'extra.age')),
      await sealed('no backup', join(one.home, 'text.age')),
    ]
    const cut = join(one.home, 'cut.age')
    writeFileSync(cut, armor.encode(armor.decode(readFileSync(file, 'utf8')).subarray(0, -20)))
    for (const path of [...bad, cut]) {
      const { code, out } = await two.cli('vault', 'restore', path, '--identity', identityFile, '--replace')
      expect([code, out.includes('SP_VAULT_INVALID')], out).toEqual([2, true])
    }
    expect(await two.read('github')).toBe(VALUES.github)
  }, 60_000)

  it('T-007, T-130: with an operator both need the PIN over exactly this, and the identity is typed at the terminal', async () => {
    await inTerminal(two.command('init', '--claim', '--as', 'ann'), [
      { waitFor: 'New PIN: ', type: `${PIN}\r` },
      { waitFor: 'The same again: ', type: `${PIN}\r` },
    ])
    expect((await two.cli('vault', 'backup', '--to', recipient)).code).toBe(4)
    expect((await two.cli('vault', 'restore', file, '--identity', identityFile)).code).toBe(4)
    expect((await two.cli('vault', 'rekey')).code).toBe(4)
    const out = join(two.home, 'mine.age')
    const pin = { waitFor: 'Ctrl-C to leave: ', type: `${PIN}\r` }
    const written = await inTerminal(two.command('vault', 'backup', '--to', recipient, '--out', out), [pin])
    expect(written.code, written.screen).toBe(0)
    expect(written.screen).toContain(recipient.slice(0, 40))
    await (await two.gateway.credentials.vault()).revoke('github', 'test', 'leaked')
    const played = await inTerminal(two.command('vault', 'restore', out, '--replace'), [
      { waitFor: 'Identity (AGE-SECRET-KEY-…): ', type: `${identity}\r` },
      pin,
    ])
    expect(played.code, played.screen).toBe(0)
    expect(played.screen).not.toContain(identity)
    expect(await two.read('github')).toBe(VALUES.github)
    expect((await records(two.gateway)).at(-1)).toMatchObject({
      operation: 'restore',
      requestingIdentity: 'operator:ann',
    })
  }, 120_000)

  it('T-131: no value is in any record', async () => {
    const all = JSON.stringify([...(await records(one.gateway)), ...(await records(two.gateway))])
    for (const value of [...Object.values(VALUES), identity]) expect(all).not.toContain(value)
  })
})

describe('the master key', () => {
  it('HB-84: vault init makes it where there is none and says what to keep; a second time it refuses', async () => {
    const at = await machine()
    const made = await at.cli('vault', 'init')
    expect(made.code, made.out).toBe(0)
    const path = join(at.home, 'state/keys/vault.keys')
    expect(made.out).toContain(path)
    expect(made.out).toContain('without it nothing in the vault opens')
    const text = readFileSync(path, 'utf8')
    expect(made.out).not.toContain(text.split(':')[1]?.trim())
    expect((await at.cli('vault', 'init')).out).toContain('SP_VAULT_CONFLICT')
    await at.put(VALUES)
    rmSync(path)
    expect((await at.cli('vault', 'init')).out).toContain('SP_VAULT_CONFLICT')
    expect(existsSync(path)).toBe(false)
    await at.remove()
  }, 30_000)

  it('HB-84: for another source it goes into a new file that only its owner reads', async () => {
    const at = await machine()
    const path = join(at.home, 'key')
    expect((await at.cli('vault', 'init', '--out', path)).code).toBe(0)
    expect(readFileSync(path, 'utf8')).toMatch(/^k[0-9a-f]{8}:[A-Za-z0-9+/]{43}=\n$/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await at.cli('vault', 'init', '--out', path)).code).toBe(2)
    await at.remove()
  }, 30_000)

  it('SEC-4.3: rewrap --new-key makes a key and moves all values to it; the values are untouched', async () => {
    const at = await machine()
    await at.put(VALUES)
    const keys = (): string[] => readFileSync(join(at.home, 'state/keys/vault.keys'), 'utf8').trim().split('\n')
    const [old] = keys()
    const boxes = async (): Promise<unknown[]> =>
      (await at.gateway.store.list('secret')).map(({ body }) => (body['envelope'] as { value: string }).value)
    const before = await boxes()
    expect((await at.cli('vault', 'rewrap', '--new-key')).out).toContain('2 values')
    expect(keys()).toHaveLength(2)
    expect(keys()[1]).toBe(old)
    expect(await boxes()).toEqual(before)
    expect(await at.read('github')).toBe(VALUES.github)
    await at.put({ later: 'a-value-under-the-new-key' })
    const vault = await at.gateway.credentials.vault()
    expect(new Set((await vault.list()).map(({ master }) => master))).toEqual(new Set([keys()[0]?.split(':')[0]]))
    expect((await at.cli('vault', 'rekey')).out).toContain('3 values')
    expect(await boxes()).not.toEqual(expect.arrayContaining(before))
    await at.remove()
  }, 30_000)
})
