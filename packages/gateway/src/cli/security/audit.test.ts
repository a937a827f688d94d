import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '@sallyport/core'
import { parseConfig } from '../../config/load.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { run } from './audit.ts'

const place = mkdtempSync(join(tmpdir(), 'sallyport-audit-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const severity = z.enum(['critical', 'high', 'medium', 'low', 'info'])
const finding = z.strictObject({
  id: z.string().regex(/^[a-z]+\.[a-z0-9_]+$/),
  severity,
  subject: z.string(),
  detail: z.string().min(5),
  remediation: z.string().min(10),
  why: z.string().min(10),
  file: z.string().optional(),
  line: z.int().optional(),
  fix: z.looseObject({ kind: z.enum(['mode', 'set', 'remove']) }).optional(),
  category: z.string(),
  docs: z.string().regex(/^docs\/reference\/posture\.md#/),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
})
const Report = z.strictObject({
  findings: z.array(finding),
  summary: z.record(severity, z.int()),
  score: z.int().min(0).max(100),
  accepted: z.array(finding.extend({ by: z.string(), reason: z.string(), expires: z.string() })),
  idle: z.array(z.strictObject({ id: z.string(), subject: z.string(), why: z.string() })),
  unknown: z.array(z.strictObject({ id: z.string(), title: z.string(), why: z.string(), hides: z.boolean() })),
  fine: z.array(z.strictObject({ id: z.string(), title: z.string(), proof: z.string() })),
  complete: z.boolean(),
  surface: z.strictObject({
    counts: z.record(z.string(), z.int()),
    exposure: z.array(
      z.strictObject({ surface: z.string(), at: z.string(), from: z.string(), tls: z.boolean(), asks: z.string() }),
    ),
    servers: z.array(
      z.strictObject({
        ...{ server: z.string(), kind: z.string(), confined: z.boolean(), trust: z.string() },
        reaches: z.array(z.string()),
      }),
    ),
  }),
})

/** A gateway that answers from a table. */
const gatewayOf = (forwardedSeen: boolean, more: Record<string, Json> = {}) => {
  const answers: Record<string, Json> = {
    '/api/v1/status': { claimed: true, forwardedSeen, hosts: [] },
    '/api/v1/health': { checkedAt: 1, findings: [], unknown: [] },
    '/api/v1/agents': { agents: [] },
    '/api/v1/runs': { runs: [] },
    '/api/v1/mcp/servers': { servers: [] },
    ...more,
  }
  return {
    alive: async () => true,
    request: async (_method: string, path: string) => {
      const answer = answers[path]
      if (answer === undefined) throw new Error(`${path} is not there`)
      return answer
    },
  }
}

let count = 0
async function start(
  text: string | undefined,
  options: CliOptions = {},
  gateway?: object,
  args: readonly string[] = [],
) {
  const directory = join(place, String((count += 1)))
  const stateDir = join(directory, 'state')
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const configPath = join(directory, 'sallyport.yaml')
  if (text !== undefined) writeFileSync(configPath, `version: 1\n${text}`, { mode: 0o600 })
  const [said, told]: [string[], string[]] = [[], []]
  const io = {
    ...{ out: (line: string) => said.push(line), err: (line: string) => told.push(line) },
    ...{ json: options['format'] === undefined, color: false, stateDir, cwd: directory },
    configPath: text === undefined ? undefined : configPath,
    gateway: gateway ?? { alive: async () => false },
  }
  // the agents of the machine that the tests run on are its own business
  return {
    directory,
    configPath,
    run: () => run(io as unknown as CliIo, args, { hosts: false, ...options }),
    said,
    told,
  }
}

async function audit(text: string | undefined, options: CliOptions = {}, gateway?: object) {
  const started = await start(text, options, gateway)
  const code = await started.run()
  const report = Report.parse(JSON.parse(started.said.join('')))
  const heavy = report.findings.filter((one) => one.severity !== 'info')
  return { ...started, code, report, ids: heavy.map((one) => `${one.severity} ${one.id}`) }
}

describe('security audit', () => {
  test('E-76, SC2: what init writes and the defaults have nothing above info', async () => {
    for (const text of [undefined, '', 'policies: [preset:balanced]\nservers: {}\nconsole: { port: 7443 }\n']) {
      const { code, ids, report } = await audit(text)
      expect([code, ids, report.complete]).toEqual([0, [], true])
    }
  })

  test('AC-2.3.1, AC-2.3.5: an open bind without opt-in is critical, as JSON for a CI that blocks', async () => {
    const { code, ids, report, configPath } = await audit('console: { port: 7443, bind: 0.0.0.0 }')
    expect([code, ids]).toEqual([2, ['critical gateway.public_bind']])
    expect(report.findings[0]).toMatchObject({ subject: 'console 0.0.0.0:7443', file: configPath, category: 'gateway' })
    expect(report.summary).toMatchObject({ critical: 1, high: 0, medium: 0, low: 0 })
    expect(report.score).toBe(39)
  })

  test('ND-7.1.b: the report has the surface and who can reach what', async () => {
    const { report } = await audit(
      'gateway: { allowPublicBind: true }\nconsole: { port: 7443, bind: 0.0.0.0 }\nservers: { one: { url: "https://mcp.example.com/x" } }',
    )
    expect(report.surface.counts).toMatchObject({ listeners: 1, exposed: 1, servers: 1, remoteServers: 1 })
    expect(report.surface.exposure.at(-1)).toMatchObject({ surface: 'console', from: 'everywhere', tls: true })
    expect(report.surface.servers).toEqual([
      { server: 'one', kind: 'remote', confined: false, trust: 'untrusted', reaches: ['mcp.example.com'] },
    ])
  })

  test('E-23, E-21: with opt-in and TLS it is a decision; a redirect instead of a refusal is warned of', async () => {
    const open = 'gateway: { allowPublicBind: true }\nconsole: { port: 7443, bind: 0.0.0.0'
    expect(await audit(`${open} }`)).toMatchObject({ code: 0, ids: [] })
    expect(await audit(`${open}, requireTls: false }`)).toMatchObject({
      code: 1,
      ids: ['medium gateway.control_ui_plain'],
    })
  })

  test('AC-2.3.2: a gateway that runs tells of forwarded headers that nobody is trusted for', async () => {
    const text = 'console: { port: 7443 }'
    expect(await audit(text, {}, gatewayOf(true))).toMatchObject({ code: 1, ids: ['medium gateway.proxy_no_trusted'] })
    expect(await audit(text, {}, gatewayOf(false))).toMatchObject({ code: 0, ids: [] })
    expect(await audit(`${text}\ngateway: { trustedProxies: [10.0.0.0/8] }`, {}, gatewayOf(true))).toMatchObject({
      ids: ['high gateway.proxies_wide'],
    })
  })

  test('SEC-7.4: what a gateway found out about itself is in the audit', async () => {
    const health = {
      ...{ checkedAt: 1, unknown: [{ id: 'log', title: 'The log', why: 'late' }] },
      findings: [{ id: 'network.routes', severity: 'critical', title: 'One route answers', why: 'GET /x.', next: 'x' }],
    }
    const { ids, code } = await audit('', {}, gatewayOf(false, { '/api/v1/health': health }))
    expect([code, ids]).toEqual([2, ['critical gateway.open_route', 'low gateway.self_check']])
  })

  test('AC-2.4.4, E-29: a bypass that keeps the gateway from starting is critical here', async () => {
    const { code, ids, report } = await audit('console:\n  port: 7443\n  dangerouslyDisableDeviceAuth: true\n')
    expect([code, ids]).toEqual([2, ['critical gateway.control_ui_insecure']])
    expect(report.findings[0]?.fix).toMatchObject({ kind: 'remove', at: ['console', 'dangerouslyDisableDeviceAuth'] })
  })

  test('AC-2.4.5, E-29: such a configuration does not start, and is told that the option is deprecated', () => {
    const sources = { env: {}, stateDir: place, now: Date.now() }
    for (const name of ['dangerouslyDisableDeviceAuth', 'allowInsecureAuth'])
      expect(() => parseConfig(`version: 1\nconsole: { ${name}: true }\n`, 'sallyport.yaml', sources)).toThrow(
        `"${name}" is deprecated`,
      )
  })

  test('E-72: thresholds decide the exit code', async () => {
    const text = 'gateway: { allowPublicBind: true }\nconsole: { port: 7443, bind: 0.0.0.0, requireTls: false }'
    expect((await audit(text, { failOn: 'medium' })).code).toBe(2)
    expect((await audit(text, { warnOn: 'high' })).code).toBe(0)
    const strict = `${text}\nsecurity: { ci: { audit: { failOn: medium } } }`
    expect((await audit(strict)).code).toBe(2)
    expect((await audit(strict, { failOn: 'critical' })).code).toBe(1)
    await expect(audit(text, { failOn: 'terrible' })).rejects.toMatchObject({ code: 'SP_POSTURE_INCOMPLETE' })
    await expect(audit(text, { format: 'pdf' })).rejects.toMatchObject({ code: 'SP_POSTURE_INCOMPLETE' })
  })

  test('an audit that could not be made is not a clean one', async () => {
    for (const text of ['console: { port: seven }', 'console: { port: 1', 'a: &a [*a]'])
      await expect(audit(text)).rejects.toMatchObject({ code: 'SP_POSTURE_INCOMPLETE' })
    const missing = await start('', {}, undefined, ['nowhere'])
    await expect(missing.run()).rejects.toMatchObject({ code: 'SP_POSTURE_INCOMPLETE' })
  })

  test('ND-7.1.a: policies that cannot be read and a gateway that answers nonsense hide something: exit 3, unless something is worse', async () => {
    const unread = await audit('policies: [./nowhere.cedar]')
    expect([unread.code, unread.report.complete]).toEqual([3, false])
    expect(unread.report.unknown.find(({ id }) => id === 'policy.invalid')).toMatchObject({ hides: true })
    const mute = { alive: async () => true, request: async () => Promise.reject(new Error('broken')) }
    expect((await audit('', {}, mute)).code).toBe(3)
    expect((await audit('console: { port: 7443, bind: 0.0.0.0 }', {}, mute)).code).toBe(2)
    expect((await audit('', { deep: true })).code).toBe(3)
  })

  test('ND-7.1.b: files that others can read, write or put in our place are found where they lie', async () => {
    const { directory, configPath, run: again, said } = await start('')
    mkdirSync(join(directory, 'state', 'keys'), { mode: 0o700 })
    writeFileSync(join(directory, 'state', 'keys', 'mac.key'), 'x', { mode: 0o644 })
    symlinkSync('/dev/null', join(directory, 'state', 'keys', 'other.key'))
    chmodSync(configPath, 0o666)
    mkdirSync(join(directory, '.git'))
    expect(await again()).toBe(2)
    const { findings } = Report.parse(JSON.parse(said.join('')))
    const ids = findings.filter((one) => one.severity !== 'info').map(({ id }) => id)
    expect(ids.sort()).toEqual(['fs.config_open', 'fs.in_workspace', 'fs.keys_open', 'fs.symlink'])
    expect(findings.find(({ id }) => id === 'fs.keys_open')?.fix).toMatchObject({ kind: 'mode', mode: 0o600 })
  })

  test('HB-123: a secret in the configuration is found with its line and never repeated', async () => {
    const token = ['ghp', 'R7mQ2xVb9KtLp4WzN8sYc1HdJf6GaE3uTo5i'].join('_')
    const { report, said } = await audit(
      `servers:\n  one:\n    command: [/opt/x]\n    env:\n      TOKEN: ${token}\n# ${token}\n`,
    )
    const found = report.findings.filter(({ id }) => id === 'data.secret_location' || id === 'secrets.in_config')
    expect(found.map(({ id, subject, line }) => [id, subject, line])).toEqual([
      ['data.secret_location', 'servers.one.env.TOKEN', 6],
      ['secrets.in_config', 'comment', 7],
    ])
    expect(said.join('')).not.toContain(token)
  })
})

describe('a baseline', () => {
  const text = 'session: { absoluteTimeout: 365d }\ngateway: { trustedProxies: [0.0.0.0/0] }'

  test('E-72: is written for people to answer for, then accepts what is no worse until its day', async () => {
    const first = await start(text, { writeBaseline: 'baseline.json' })
    expect(await first.run()).toBe(0)
    const path = join(first.directory, 'baseline.json')
    const written = JSON.parse(readFileSync(path, 'utf8')) as { findings: Record<string, string>[] }
    expect(written.findings.map(({ id }) => id).sort()).toEqual(['config.weaker', 'gateway.proxies_wide'])
    const again = async (findings: object[]): Promise<{ code: number; report: z.infer<typeof Report> }> => {
      const file = join(place, 'baseline.json')
      writeFileSync(file, JSON.stringify({ version: 1, findings }))
      const second = await start(undefined, { baseline: file, failOn: 'high' }, undefined, [first.configPath])
      const code = await second.run()
      return { code, report: Report.parse(JSON.parse(second.said.join(''))) }
    }
    await expect(again(written.findings)).rejects.toMatchObject({ code: 'SP_POSTURE_BASELINE' })
    const entries = (expires: string) =>
      written.findings.map((one) => ({ ...one, reason: 'for a test', by: 'ana', expires }))
    const good = await again(entries('2999-01-01'))
    expect([good.code, good.report.summary['high'], good.report.accepted.length]).toEqual([0, 0, 2])
    const over = await again(entries('2001-01-01'))
    expect([over.code, over.report.summary['high']]).toEqual([2, 1])
    expect(over.report.idle.map(({ why }) => why)).toEqual(['It has expired.', 'It has expired.'])
  })

  test('is written to a plain file and nowhere else', async () => {
    const one = await start('', { writeBaseline: 'link.json' })
    symlinkSync(join(place, 'elsewhere.json'), join(one.directory, 'link.json'))
    await expect(one.run()).rejects.toMatchObject({ code: 'SP_POSTURE_BASELINE' })
  })
})

describe('security audit --fix', () => {
  const WEAK = '# ours\nmode: shadow # for a while\nsession: { absoluteTimeout: 0 }\nservers: {}\n'

  test('ND-7.1.b: says what it would do, does it, looks again, and takes it back', async () => {
    const { directory, configPath, run: first } = await start(WEAK, { fix: true, dryRun: true, hosts: false })
    chmodSync(configPath, 0o666)
    const before = readFileSync(configPath, 'utf8')
    const io = (options: CliOptions) => {
      const said: string[] = []
      const gateway = { alive: async () => false }
      const { json = true, ...rest } = options
      const place = { stateDir: join(directory, 'state'), cwd: directory, configPath, color: false }
      const cli = { ...place, gateway, json, out: (line: string) => said.push(line), err: () => undefined }
      return run(cli as unknown as CliIo, [], { hosts: false, ...rest }).then((code) => ({ code, said: said.join('') }))
    }
    await first()
    expect(readFileSync(configPath, 'utf8')).toBe(before)
    const fixed = await io({ fix: true })
    const { ok, configWritten, actions, errors } = JSON.parse(fixed.said)
    expect([fixed.code, ok, configWritten, errors]).toEqual([0, true, [configPath], []])
    expect(actions.map(({ what }: { what: string }) => what)).toContain('set mode to "enforce"')
    expect(readFileSync(configPath, 'utf8')).toContain('mode: enforce # for a while')
    const again = JSON.parse((await io({ fix: true })).said)
    expect(again).toMatchObject({ ok: true, configWritten: [], actions: [] })
    expect((await io({ undo: true })).code).toBe(0)
    expect(readFileSync(configPath, 'utf8')).toBe(before)
  })

  test('AC-7.2.4: a configuration that nobody answers for does not start, and is audited all the same', async () => {
    const { report } = await audit(WEAK, { hosts: false })
    const found = report.findings.find(({ subject }) => subject === 'mode')
    expect(found).toMatchObject({ severity: 'critical', detail: expect.stringContaining('does not start') })
  })
})
