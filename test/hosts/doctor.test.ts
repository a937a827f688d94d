import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { operatorClient } from '../../packages/gateway/src/cli/client.ts'
import type { CliIo } from '../../packages/gateway/src/cli/command.ts'
import { whyNotDenied } from '../../packages/gateway/src/cli/doctor/canary.ts'
import type { Examination, Finding } from '../../packages/gateway/src/cli/doctor/check.ts'
import { configurationCheck, filesCheck } from '../../packages/gateway/src/cli/doctor/files.ts'
import { clockCheck, gatewayCheck, logCheck } from '../../packages/gateway/src/cli/doctor/gateway.ts'
import { compareVersions, hooksCheck, installedVersion } from '../../packages/gateway/src/cli/doctor/hooks.ts'
import { measureLevel } from '../../packages/gateway/src/cli/doctor/level.ts'
import { sandboxCheck } from '../../packages/gateway/src/cli/doctor/sandbox.ts'
import { coverageCheck, lookupCheck } from '../../packages/gateway/src/cli/doctor/surroundings.ts'
import { hasSandbox } from '../sandbox/machine.ts'
import { install, type Installation } from './installation.ts'

let machine: Installation
let saved: string
const settings = (): string => join(machine.site.home, '.claude', 'settings.json')
const script = (): string => join(machine.site.stateDir, 'hooks', 'claude-code-claude-code.sh')

beforeAll(async () => {
  machine = await install({ trust: 0, prepare: (home) => mkdirSync(join(home, '.claude')) })
  saved = readFileSync(settings(), 'utf8')
}, 120_000)
afterAll(() => machine?.close(), 60_000)

let scratch = ''
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'sallyport-doctor-'))
})
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true })
  rmSync(join(machine.site.cwd, '.claude'), { recursive: true, force: true })
  writeFileSync(settings(), saved)
})

const examination = (more: Partial<Examination> = {}): Examination => ({
  io: {
    out: () => undefined,
    err: () => undefined,
    json: true,
    quiet: true,
    color: false,
    isTerminal: false,
    cwd: machine.site.cwd,
    stateDir: machine.site.stateDir,
    configPath: machine.site.configPath,
    commandPaths: [],
    gateway: operatorClient(join(machine.site.stateDir, 'run', 'operator.sock'), new AbortController().signal),
    signal: new AbortController().signal,
  } satisfies CliIo,
  site: { ...machine.site, configExists: true },
  env: { PATH: scratch },
  uid: process.getuid?.() ?? 0,
  now: Date.now(),
  ...more,
})
const status = (findings: readonly Finding[], id: string): string[] =>
  findings.filter((finding) => finding.id === id).map((finding) => finding.status)
const edit = (change: (text: string) => string): void => writeFileSync(settings(), change(saved))

describe('hooks', () => {
  test('T-043: a fresh installation proves by a canary that its hook stops a call, with the gateway and without', async () => {
    const findings = await hooksCheck(examination())
    expect(findings.filter((finding) => finding.status === 'fail')).toEqual([])
    expect(status(findings, 'canary:claude-code')).toEqual(['ok'])
    expect(status(findings, 'canary-down:claude-code')).toEqual(['ok'])
    const records = await machine.gateway.store.readLog({ kind: 'refusal', newest: true, limit: 5 })
    expect(records.map(({ body }) => (JSON.parse(body) as { code: string }).code)).toContain('SP_HOOK_PAYLOAD')
  })

  const weakened: [string, (text: string) => string, string][] = [
    ['onFailure taken out', (text) => text.replaceAll('"block"', '"continue"'), 'hooks:claude-code'],
    ['made asynchronous', (text) => text.replaceAll('"onFailure"', '"async": true, "onFailure"'), 'hooks:claude-code'],
    ['matcher narrowed', (text) => text.replace('"*"', '"Bash"'), 'hooks:claude-code'],
    ['timeout too short', (text) => text.replaceAll('120', '1'), 'hooks:claude-code'],
    ['gate removed', (text) => text.replace('PreToolUse', 'PreToolUze'), 'hooks:claude-code'],
    ['everything removed', () => '{}', 'hooks:claude-code'],
    ['file damaged', (text) => text.slice(1), 'hooks:claude-code'],
    ['disableAllHooks', (text) => text.replace('{', '{"disableAllHooks":true,'), 'hooks-off:claude-code'],
    ['allowManagedHooksOnly', (text) => text.replace('{', '{"allowManagedHooksOnly":true,'), 'hooks-off:claude-code'],
    ['another program in our place', (text) => text.replaceAll(/\/bin\/sh [^"]*/g, '/bin/true'), 'canary:claude-code'],
  ]
  test.each(weakened)('T-042: %s: found', async (_name, change, id) => {
    edit(change)
    expect(status(await hooksCheck(examination()), id)).toContain('fail')
  })

  test('T-042: a project file that switches hooks off is found', async () => {
    mkdirSync(join(machine.site.cwd, '.claude'))
    writeFileSync(join(machine.site.cwd, '.claude', 'settings.local.json'), '{"disableAllHooks":true}')
    expect(status(await hooksCheck(examination()), 'hooks-off:claude-code')).toEqual(['fail'])
  })

  test('T-042 T-051: a changed hook client is found by text and by canary, and --fix puts back exactly what init wrote', async () => {
    const original = readFileSync(script(), 'utf8')
    for (const evil of [
      '#!/bin/sh\necho "{}"\n',
      original.replace('exit 2', 'exit 0'),
      original.replace('PreToolUse', 'X'),
    ]) {
      writeFileSync(script(), evil)
      const findings = await hooksCheck(examination())
      expect(status(findings, 'hook-client:claude-code')).toEqual(['fail'])
      for (const { tighten } of findings) tighten?.()
      expect(readFileSync(script(), 'utf8')).toBe(original)
    }
    expect(status(await hooksCheck(examination()), 'canary:claude-code')).toEqual(['ok'])
  })

  test('T-043: the version is read from files and never by running what PATH offers', async () => {
    const marker = join(scratch, 'ran')
    const version = (number: string): void => {
      const real = join(scratch, 'versions', number)
      mkdirSync(join(scratch, 'versions'), { recursive: true })
      writeFileSync(real, `#!/bin/sh\n: > ${marker}\n`, { mode: 0o755 })
      rmSync(join(scratch, 'claude'), { force: true })
      symlinkSync(real, join(scratch, 'claude'))
    }
    version('2.1.294')
    expect(status(await hooksCheck(examination()), 'host:claude-code')).toEqual(['fail'])
    version('2.1.295')
    expect(status(await hooksCheck(examination()), 'host:claude-code')).toEqual(['ok'])
    expect(installedVersion('.:relative', 'claude')).toBeUndefined()
    expect(existsSync(marker)).toBe(false)
    expect(compareVersions('2.1.1000', '2.1.295')).toBeGreaterThan(0)
    expect(compareVersions('2.0.999', '2.1.295')).toBeLessThan(0)
  })

  test.each([
    ['allowed', { exit: 0, stdout: '{}', stderr: '' }],
    ['exit 1', { exit: 1, stdout: '', stderr: 'x' }],
    ['silent', { exit: 2, stdout: '{"hookSpecificOutput":{"permissionDecision":"deny"}}', stderr: '' }],
    ['banner', { exit: 2, stdout: 'hello\n{"hookSpecificOutput":{"permissionDecision":"deny"}}', stderr: 'x' }],
    ['ask', { exit: 2, stdout: '{"hookSpecificOutput":{"permissionDecision":"ask"}}', stderr: 'x' }],
    ['killed', { exit: 'SIGKILL', stdout: '', stderr: '' }],
  ])('T-043: only the form that blocks everywhere passes for a deny: %s', (_name, run) => {
    expect(whyNotDenied(run)).toBeDefined()
  })
})

describe('files', () => {
  test('T-016: own files are private; what is open to others is found, and --fix only takes rights away', async () => {
    expect((await filesCheck(examination())).map((finding) => finding.status)).not.toContain('fail')
    const key = join(machine.site.stateDir, 'keys', 'mac.key')
    chmodSync(key, 0o644)
    chmodSync(machine.site.stateDir, 0o755)
    const findings = await filesCheck(examination())
    expect(status(findings, 'state').filter((word) => word === 'fail')).toHaveLength(2)
    for (const { tighten } of findings) tighten?.()
    expect(statSync(key).mode & 0o777).toBe(0o600)
    expect(statSync(machine.site.stateDir).mode & 0o777).toBe(0o700)
  })

  test('the configuration is checked as the gateway reads it', async () => {
    expect((await configurationCheck(examination()))[0]?.status).toBe('ok')
    const configPath = join(scratch, 'c.yaml')
    writeFileSync(configPath, 'version: 1\nmod: shadow\n', { mode: 0o666 })
    chmodSync(configPath, 0o666)
    const findings = await configurationCheck(examination({ site: { ...machine.site, configPath } }))
    expect(findings.map((finding) => finding.status)).toEqual(['fail', 'fail'])
    expect(findings.map(({ detail }) => detail).join()).toContain('written by others')
  })
})

describe('surroundings', () => {
  test('T-038: another sallyport first on PATH, and relative entries, are found', async () => {
    expect((await lookupCheck(examination()))[0]?.status).toBe('ok')
    const program = join(scratch, 'real.js')
    writeFileSync(program, '')
    writeFileSync(join(scratch, 'sallyport'), '#!/bin/sh\n', { mode: 0o755 })
    const found = await lookupCheck(
      examination({ env: { PATH: `node_modules/.bin:${scratch}` }, site: { ...machine.site, program } }),
    )
    expect(found.map((finding) => finding.status)).toEqual(['warn', 'warn'])
  })

  test('T-053: an MCP server that does not go through the gateway is named', async () => {
    expect((await coverageCheck(examination()))[0]?.status).toBe('ok')
    writeFileSync(join(machine.site.home, '.claude.json'), '{"mcpServers":{"direct":{"command":"x"}}}')
    const [finding] = await coverageCheck(examination())
    rmSync(join(machine.site.home, '.claude.json'))
    expect(finding).toMatchObject({ status: 'warn', detail: expect.stringContaining('direct') as unknown })
  })

  test('T-012 T-057: the level is measured: the same account is L0 and says why', () => {
    const { level, because } = measureLevel(examination())
    expect(level).toBe('L0')
    expect(because.join()).toContain('the gateway runs under this account')
    expect(because.join()).toContain('can be read')
  })

  test('T-165: a store written in the future means that the clock went back', async () => {
    expect((await clockCheck(examination()))[0]?.status).toBe('ok')
    expect((await clockCheck(examination({ now: Date.now() - 3_600_000 })))[0]?.status).toBe('fail')
  })
})

describe('gateway', () => {
  test('alive, policy in force, log verifies; nobody can approve yet', async () => {
    const findings = await gatewayCheck(examination())
    expect(findings.map(({ id, status: word }) => `${id} ${word}`)).toEqual([
      'gateway ok',
      'operator warn',
      'policy ok',
    ])
    expect((await logCheck(examination()))[0]?.status).toBe('ok')
  })

  test('no gateway: a failure with the command that helps', async () => {
    const none = operatorClient(join(scratch, 'none.sock'), new AbortController().signal)
    const on = examination()
    const [finding] = await gatewayCheck({ ...on, io: { ...on.io, gateway: none } })
    expect(finding).toMatchObject({ status: 'fail', fix: 'sallyport up' })
  })
})

describe('the sandbox', () => {
  test.skipIf(!hasSandbox)(
    'SEC-6.3, E-70: one is made as the configuration says, and what is in force is said',
    async () => {
      const [found] = await sandboxCheck(examination())
      expect(found).toMatchObject({ id: 'sandbox', status: 'ok' })
      expect(found?.detail).toMatch(/^bubblewrap confines, and was looked at from outside/)
    },
  )

  test('E-70: off is said to be off, and what the configuration asks for and cannot be had fails', async () => {
    const of = async (mode: string, more = ''): Promise<Finding | undefined> => {
      const configPath = join(scratch, 'sallyport.yaml')
      writeFileSync(configPath, `version: 1\nsandbox: { mode: ${mode} }\n${more}`)
      return (await sandboxCheck(examination({ site: { ...machine.site, configExists: true, configPath } })))[0]
    }
    const accepted = 'acknowledgeInsecure: { sandbox.mode: { reason: a test, by: the test, expires: 2099-01-01 } }\n'
    expect(await of('off', accepted)).toMatchObject({ status: 'warn', fix: 'Set sandbox.mode: auto.' })
    const inContainer = await of('container')
    expect(inContainer?.status === 'ok' || inContainer?.detail.startsWith('Commands and servers are refused:')).toBe(
      true,
    )
  })
})
