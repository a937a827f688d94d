import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operatorClient } from '../../packages/gateway/src/cli/client.ts'
import type { CliIo, CliOptions, CommandRun } from '../../packages/gateway/src/cli/command.ts'
import { run as end } from '../../packages/gateway/src/cli/people/login-end.ts'
import { run as logins } from '../../packages/gateway/src/cli/people/login-ls.ts'
import { run as people } from '../../packages/gateway/src/cli/people/ls.ts'
import { run as remove } from '../../packages/gateway/src/cli/people/remove.ts'
import { run as setupLink } from '../../packages/gateway/src/cli/people/setup-link.ts'
import { run as version } from '../../packages/gateway/src/cli/version-command.ts'
import { HERE } from './kit.ts'
import { openSite, type Site } from './console.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  await site.gateway.people.people.add('ana', ['approver', 'admin'], 'test', { origin: 'founder' })
}, 60_000)
afterAll(() => site.close())

/** A command against the real gateway, in a process without a terminal. */
async function sallyport(run: CommandRun, args: readonly string[] = [], options: CliOptions = {}) {
  const said: string[] = []
  const io = {
    ...{
      json: false,
      quiet: false,
      color: false,
      isTerminal: false,
      cwd: '/',
      configPath: undefined,
      commandPaths: [],
    },
    out: (text: string) => void said.push(text),
    err: (text: string) => void said.push(text),
    stateDir: site.stateDir,
    signal: AbortSignal.timeout(20_000),
    gateway: operatorClient(join(site.stateDir, 'run', 'operator.sock'), AbortSignal.timeout(20_000)),
  } as CliIo
  const exit = await run(io, args, options).catch((error: { code: string }) => error.code)
  return { exit, said: said.join('\n') }
}

describe('people on the command line', () => {
  test('T-010: the program prints the key of the gateway that the sign-in page shows, and works without a gateway', async () => {
    const { body } = await site.browser().get('/api/v1/sign-in/methods')
    const { said } = await sallyport(version)
    expect(String(body.fingerprint)).toMatch(/^[0-9a-f]{64}$/)
    expect(
      said
        .split('\n')
        .find((line) => line.startsWith('key '))
        ?.replaceAll(' ', ''),
    ).toBe(`key${body.fingerprint}`)
    const alone = await sallyport((io, ...rest) =>
      version({ ...io, gateway: operatorClient('/nowhere.sock', io.signal) }, ...rest),
    )
    expect(alone).toMatchObject({ exit: 0, said: expect.stringContaining('key unknown') })
  })

  test('lists people and sessions, and ends one session or all of a person', async () => {
    expect((await sallyport(people)).said).toMatch(/ana\s+approver,admin\s+founder/)
    const { logins: open } = site.gateway.people
    const first = await open.open('operator:ana', 'passkey', HERE)
    await open.open('operator:ana', 'passkey', HERE)
    expect((await sallyport(logins)).said).toContain(first.login.id)
    expect(await sallyport(end, [first.login.id])).toMatchObject({ exit: 0 })
    expect(open.verify(first.token, HERE, true).ok).toBe(false)
    expect((await sallyport(end, [], { person: 'ana' })).said).toContain('1 sessions')
    expect(open.list()).toEqual([])
    expect(await sallyport(end)).toMatchObject({ exit: 'SP_CLI_USAGE' })
  })

  test('T-007 T-001: without a human’s terminal there is no link, and the attempt raises an alert', async () => {
    const asked = await sallyport(setupLink)
    expect(asked).toEqual({ exit: 'SP_CLI_NEEDS_TERMINAL', said: '' })
    expect(await site.gateway.store.list('login', { state: 'link' })).toEqual([])
    await expect
      .poll(async () => JSON.stringify(await site.gateway.store.readLog({ kind: 'alert', newest: true, limit: 20 })))
      .toContain('presence.refused')
  })

  test('nobody is removed before the gateway has an operator who can prove it', async () => {
    expect((await sallyport(remove, ['ana'])).exit).toMatch(/^SP_/)
    expect((await sallyport(remove, ['../ana'])).exit).toMatch(/^SP_/)
    expect(site.gateway.people.people.get('operator:ana')).toBeDefined()
  })
})
