import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseConfig } from '../../config/load.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { run } from './audit.ts'

const place = mkdtempSync(join(tmpdir(), 'sallyport-audit-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const Report = z.strictObject({
  findings: z.array(
    z.strictObject({
      id: z.string().regex(/^[a-z]+\.[a-z_]+$/),
      severity: z.enum(['critical', 'high', 'medium', 'low', 'info']),
      subject: z.string(),
      detail: z.string().min(10),
      remediation: z.string().min(10),
    }),
  ),
  summary: z.record(z.string(), z.int()),
})

async function audit(text: string, options: CliOptions = {}, forwardedSeen?: boolean) {
  const configPath = join(place, 'sallyport.yaml')
  writeFileSync(configPath, `version: 1\n${text}`)
  const said: string[] = []
  const gateway = {
    alive: async () => forwardedSeen !== undefined,
    request: async () => ({ forwardedSeen: forwardedSeen ?? null }),
  }
  const io = { out: (line: string) => said.push(line), json: true, configPath, stateDir: place, gateway }
  const code = await run(io as unknown as CliIo, [], options)
  const report = Report.parse(JSON.parse(said.join('')))
  return { code, report, ids: report.findings.map(({ id, severity }) => `${severity} ${id}`) }
}

describe('security audit', () => {
  test('SC2, E-24: what init writes and the defaults expose nothing', async () => {
    expect(await audit('')).toMatchObject({ code: 0, ids: [] })
    expect(await audit('console: { port: 7443 }\ngateway: { port: 7080 }')).toMatchObject({ code: 0, ids: [] })
  })

  test('AC-2.3.1, AC-2.3.5: an open bind without opt-in is critical, as JSON for a CI that blocks', async () => {
    const { code, ids, report } = await audit('console: { port: 7443, bind: 0.0.0.0 }')
    expect([code, ids]).toEqual([2, ['critical gateway.public_bind']])
    expect(report.findings[0]?.subject).toBe('console 0.0.0.0:7443')
    expect(report.summary).toEqual({ critical: 1, high: 0, medium: 0, low: 0, info: 0 })
  })

  test('E-23, E-21: with opt-in and TLS it is a decision; a redirect instead of a refusal is warned of', async () => {
    const open = 'gateway: { allowPublicBind: true }\nconsole: { port: 7443, bind: 0.0.0.0'
    expect(await audit(`${open} }`)).toMatchObject({ code: 0, ids: ['info gateway.public_bind'] })
    expect(await audit(`${open}, requireTls: false }`)).toMatchObject({
      code: 1,
      ids: ['medium gateway.control_ui_plain', 'info gateway.public_bind'],
    })
  })

  test('AC-2.3.2: a gateway that runs tells of forwarded headers that nobody is trusted for', async () => {
    const text = 'console: { port: 7443 }'
    expect(await audit(text, {}, true)).toMatchObject({ code: 1, ids: ['medium gateway.proxy_no_trusted'] })
    expect(await audit(text, {}, false)).toMatchObject({ code: 0, ids: [] })
    expect(await audit(`${text}\ngateway: { trustedProxies: [10.0.0.0/8] }`, {}, true)).toMatchObject({ ids: [] })
  })

  test('AC-2.4.4, E-29: a bypass that keeps the gateway from starting is critical here', async () => {
    const { code, ids } = await audit('console:\n  port: 7443\n  dangerouslyDisableDeviceAuth: true\n')
    expect([code, ids]).toEqual([2, ['critical gateway.control_ui_insecure']])
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
    await expect(audit(text, { failOn: 'terrible' })).rejects.toMatchObject({ code: 'SP_POSTURE_INCOMPLETE' })
  })

  test('an audit that could not be made is not a clean one', async () => {
    await expect(audit('console: { port: seven }')).rejects.toMatchObject({ code: 'SP_POSTURE_INCOMPLETE' })
    await expect(audit('console: { port: 1')).rejects.toMatchObject({ code: 'SP_POSTURE_INCOMPLETE' })
  })
})
