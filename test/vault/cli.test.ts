import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import { confinedGround, openConfinedGateway, type Ground } from '../sandbox/confined.ts'

const CLI = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const VALUE = 'sk-value-from-standard-input-42'

describe('sallyport vault and credentials', () => {
  let ground: Ground
  let gateway: Gateway

  beforeAll(async () => {
    ground = await confinedGround()
    gateway = await openConfinedGateway(
      ground,
      'policies: [preset:balanced]\ncredentials: { github: { secret: github-token, category: read, agents: [coder], base: "https://api.github.com" } }\n',
    )
  }, 60_000)
  afterAll(async () => {
    await gateway.close()
    await ground.remove()
  })
  /** Not synchronous: the gateway lives in this process. */
  const cli = async (words: readonly string[], input = '') => {
    const child = spawn(process.execPath, [CLI, ...words, '--state', join(ground.path, 'state')], {
      env: { PATH: process.env['PATH'] ?? '', HOME: ground.path },
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdin.end(input)
    const [code] = (await once(child, 'close')) as [number]
    return { code, out, err }
  }

  it('T-130: a value comes from standard input and is never shown again', async () => {
    const set = await cli(['vault', 'set', 'github-token'], `${VALUE}\n`)
    expect(set).toMatchObject({ code: 0 })
    expect(set.out).toMatch(/name +github-token/)
    expect(
      await gateway.credentials.vault().then((vault) => vault.use('github-token', (value) => value.toString())),
    ).toBe(VALUE)
    const said = await Promise.all(
      [
        ['vault', 'ls'],
        ['vault', 'ls', '--json'],
        ['vault', 'show', 'github-token'],
        ['vault', 'show', 'github-token', '--json'],
        ['credentials', 'usage', '--json'],
        ['log', 'query', '--json'],
      ].map((words) => cli(words)),
    )
    for (const { code, out, err } of said) {
      expect(code).toBe(0)
      expect(out + err).not.toContain(VALUE)
    }
    expect(said[0]?.out).toMatch(/github-token +api_key +active +1 +\S+ +github/)
  })

  it('T-130: there is no way to give a value on the command line', async () => {
    const { code, err } = await cli(['vault', 'set', 'github-token', VALUE])
    expect(code).toBe(2)
    expect(err).not.toContain(VALUE)
    expect((await cli(['vault', 'set', 'other', '--value', VALUE])).code).toBe(2)
  })

  it('AC-4.1.1: an unknown type, a life that is none and an empty value are refused', async () => {
    expect((await cli(['vault', 'set', 'a', '--type', 'wish'], VALUE)).err).toContain('api_key, oauth')
    expect((await cli(['vault', 'set', 'a', '--ttl', 'long'], VALUE)).code).toBe(2)
    expect((await cli(['vault', 'set', 'a'], '\n')).err).toContain('SP_VAULT_INVALID')
  })

  it('HB-57: what nobody uses and what ends soon is stale, and exits 1', async () => {
    expect((await cli(['credentials', 'stale'])).code).toBe(0)
    await cli(['vault', 'set', 'unused'], VALUE)
    const { code, out } = await cli(['credentials', 'stale', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({ stale: [{ name: 'unused', why: 'no credential of the configuration uses it' }] })
  })

  it('SEC-4.3: rotate, rekey, rm and revoke-all say what they did', async () => {
    expect((await cli(['vault', 'rotate', 'github-token'], 'another-value-123')).out).toMatch(/version +2/)
    expect((await cli(['vault', 'rekey'])).out).toContain('2 values encrypted anew.')
    expect((await cli(['vault', 'rewrap'])).out).toContain('0 values')
    expect((await cli(['credentials', 'revoke-all'])).out).toContain('0 leases ended.')
    expect((await cli(['credentials', 'leases'])).err).toContain('Taken back: all.')
    expect((await cli(['vault', 'rm', 'unused', '--reason', 'not needed'])).out).toMatch(/state +revoked/)
    expect((await cli(['vault', 'show', 'nobody'])).err).toContain('SP_VAULT_UNKNOWN')
    const usage = await cli(['credentials', 'usage'])
    expect(usage.out).toMatch(/revoke +unused/)
  })

  it('HB-57: credentials grant gives again, and gives a lease by hand', async () => {
    expect((await cli(['credentials', 'grant', '--all'])).out).toContain('Given again.')
    const byHand = await cli(['credentials', 'grant', 'github', '--agent', 'intern', '--for', '5m', '--uses', '3'])
    expect(byHand.out).toMatch(/^intern may have github until 20\d\d-/)
    const leases = await cli(['credentials', 'leases'])
    expect(leases.out).toMatch(/github +intern/)
    expect(leases.err).not.toContain('Taken back')
    for (const words of [[], ['github', '--all'], ['github', '--for', '5m'], ['github', '--agent', 'a', '--uses', '0']])
      expect((await cli(['credentials', 'grant', ...words])).code, words.join(' ')).toBe(2)
    expect((await cli(['credentials', 'grant', 'github', '--agent', 'a', '--for', '2d'])).err).toContain(
      'SP_API_INVALID',
    )
    expect((await cli(['credentials', 'grant', 'nobody', '--agent', 'a'])).err).toContain('SP_VAULT_UNKNOWN')
    expect((await cli(['credentials', 'revoke', 'github'])).out).toContain('1 lease ended.')
  })

  it('AC-4.1.4: what lives longer than recommended is kept, and warned about, at the very day', async () => {
    const DAY = 86_400
    const set = (type: string, days: number) =>
      cli(['vault', 'set', `long-${type}`, '--type', type, '--ttl', String(days * DAY)], VALUE)
    expect((await set('api_key', 180)).err).toBe('')
    expect(await set('api_key', 181)).toMatchObject({ code: 0, err: expect.stringContaining('180 days') as string })
    expect((await set('token', 7)).err).toBe('')
    expect((await set('token', 8)).err).toContain('7 days')
    expect(await set('gateway', 366)).toMatchObject({
      code: expect.any(Number) as number,
      err: expect.stringContaining('SP_VAULT_INVALID') as string,
    })
  }, 30_000)

  it('T-129: a vault that was put back to an older state is said at start, as critical, and lends nothing', async () => {
    const other = await confinedGround()
    const config = 'policies: [preset:balanced]\n'
    const first = await openConfinedGateway(other, config)
    await (await first.credentials.vault()).set('a', Buffer.from(VALUE), { type: 'api_key' }, 'test')
    await first.close()
    const versions = join(other.path, 'state/keys/vault.versions')
    writeFileSync(versions, '{}')
    const second = await openConfinedGateway(other, config)
    await expect
      .poll(async () => (await second.store.readLog({ kind: 'alert' })).map(({ body }) => body).join(), {
        timeout: 5_000,
      })
      .toMatch(/"name":"vault-tampered".*"severity":"critical"|"severity":"critical".*"name":"vault-tampered"/)
    await expect(second.credentials.vault()).rejects.toMatchObject({ code: 'SP_VAULT_TAMPERED' })
    await second.close()
    await other.remove()
  }, 30_000)
})
