import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandTree } from '../../packages/gateway/src/cli/tree.ts'
import { VERSION } from '../../packages/gateway/src/version.ts'
import { PROGRAM, sallyport, TestGateway } from './gateway.ts'

describe('a gateway', () => {
  const gateway = new TestGateway()
  beforeAll(() => gateway.start(), 60_000)
  afterAll(() => gateway.close())

  test('INV-2 HB-132: a call leaves its decision and its outcome, with actor, parameters and time', async () => {
    const { status, body } = await gateway.call('one', 'key-1')
    expect(status, body).toBe(200)
    const { eventId } = JSON.parse(body) as { eventId: string }
    const shown = gateway.cli('log', 'query', '--json', '--agent', 'tester')
    expect(shown.code, shown.err).toBe(0)
    expect(shown.out).toContain(eventId)
    expect(gateway.ran()).toContain('one')
  })

  test('E-12: a second gateway on the same store does not start', () => {
    const second = gateway.cli('up')
    expect(second.code).toBe(3)
    expect(second.err).toContain('SP_STORE_BUSY')
  })

  test('T-009: a key that comes back gets the first answer and nothing runs again', async () => {
    const first = await gateway.call('twice', 'key-2')
    const again = await gateway.call('twice', 'key-2')
    expect(again.status).toBe(first.status)
    expect(gateway.ran().filter((id) => id === 'twice')).toHaveLength(1)
  })

  test('AC-1.3.3 T-078: wrong names and wrong arguments get a code and a next step, and nothing runs', async () => {
    const before = gateway.ran().length
    for (const [tool, args, code] of [
      ['counter.Count', { id: 'x' }, 'SP_MCP_UNKNOWN_TOOL'],
      ['counter.count', {}, 'SP_MCP_INVALID_ARGUMENTS'],
      ['nobody.count', { id: 'x' }, 'SP_MCP_UNKNOWN_SERVER'],
    ] as const) {
      const { status, body } = await gateway.post('/v1/calls?wait=5', { tool, arguments: args })
      expect(status, body).toBeGreaterThanOrEqual(400)
      expect(body).toContain(code)
      expect((JSON.parse(body) as { next?: string }).next ?? '').not.toBe('')
    }
    expect(gateway.ran()).toHaveLength(before)
  })

  test('status says what is not protected', () => {
    const { code, out } = gateway.cli('status', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      level: expect.stringContaining('advisory'),
      claimed: false,
      confinement: expect.stringContaining('off'),
    })
  })
})

describe('start-up', () => {
  test('a start needs no network', () => {
    const root = process.getuid?.() === 0
    const gateway = new TestGateway()
    const up = ['timeout', '20', process.execPath, PROGRAM, 'up', '--state', gateway.state, '--config', gateway.config]
    const words = root ? ['unshare', '-n', '--', ...up] : up
    const done = spawnSync(words[0] ?? '', words.slice(1), {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: gateway.place },
      timeout: 40_000,
    })
    expect(done.stderr).toContain('sallyport: ready')
    return gateway.close()
  }, 60_000)

  test('AC-5.1.1: a configuration with a typo is refused with file, line, column and a suggestion', () => {
    const gateway = new TestGateway()
    writeFileSync(gateway.config, 'version: 1\npolicies: []\ngatway:\n  port: 1\n')
    const { code, err } = gateway.cli('config', 'validate', gateway.config)
    expect(code).toBe(2)
    expect(err).toContain(`${gateway.config}:3:1`)
    expect(err).toContain('did you mean "gateway"')
    return gateway.close()
  })

  test('T-050 E-71: what weakens is refused unless its exact path is acknowledged and not expired', () => {
    const gateway = new TestGateway()
    const weak = 'version: 1\naudit: { onWriteFailure: continue }\n'
    const accepted = (expires: string) =>
      `${weak}acknowledgeInsecure: { audit.onWriteFailure: { reason: test, by: me, expires: ${expires} } }\n`
    const check = (text: string) => {
      writeFileSync(gateway.config, text)
      return gateway.cli('config', 'validate', gateway.config).code
    }
    expect(check(weak)).toBe(2)
    expect(check(accepted('2020-01-01'))).toBe(2)
    expect(check(accepted('2099-01-01'))).toBe(0)
    return gateway.close()
  })

  test.each(['NODE_OPTIONS', 'NODE_PATH', 'LD_AUDIT'])('T-039: nothing starts under %s', (name) => {
    const value = name === 'NODE_OPTIONS' ? '--no-warnings' : '/tmp/x'
    const { code, err } = sallyport(['version'], { [name]: value })
    expect(code).toBe(2)
    expect(err).toContain(name)
  })
})

describe('the command tree', () => {
  test('commands of later releases say so and exit 3', () => {
    for (const { path } of commandTree.filter(({ load }) => load === undefined).slice(0, 5)) {
      const { code, err } = sallyport(path.split(' '))
      expect(code, path).toBe(3)
      expect(err).toContain('SP_CLI_NOT_BUILT')
    }
  })

  test('no leaf stands twice, and every one has a summary', () => {
    const paths = commandTree.map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
    expect(commandTree.filter(({ summary }) => summary === '')).toEqual([])
  })

  test('a wrong word is usage, not a crash', () => {
    expect(sallyport(['polcy']).code).toBe(2)
    expect(sallyport(['config', 'show', '--nope']).code).toBe(2)
  })

  test.each(['bash', 'zsh', 'fish'])('%s completion names the commands', (shell) => {
    const { code, out } = sallyport(['completion', shell])
    expect(code).toBe(0)
    expect(out).toContain('approvals')
  })

  test('the version is that of the package', () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../packages/gateway/package.json', import.meta.url), 'utf8'),
    ) as { version: string }
    expect(VERSION).toBe(manifest.version)
  })
})
