import type { Json } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import type { CommandRun } from '../command.ts'
import type { HealthReport } from './report.ts'

/** `sallyport health`. Exit 2 with a critical finding, 1 with a high or medium one, 0 otherwise (ND-7.1.a). */
export const run: CommandRun = async (io, _args, options) => {
  const now = options['check'] === true
  const answer = now
    ? await io.gateway.request('POST', '/api/v1/health/check', {})
    : await io.gateway.request('GET', '/api/v1/health')
  const report = answer as unknown as HealthReport
  if (io.json) io.out(JSON.stringify(answer as Json))
  else for (const line of lines(report, io.color)) io.out(line)
  const severities = new Set(report.findings.map(({ severity }) => severity))
  if (severities.has('critical')) return 2
  return severities.has('high') || severities.has('medium') ? 1 : 0
}

const ANSI: Readonly<Record<string, string>> = { critical: '31', high: '31', medium: '33', low: '36', info: '90' }

function lines({ checkedAt, score, cap, findings, fine, unknown }: HealthReport, color: boolean): string[] {
  const paint = (code: string, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  if (checkedAt === undefined || score === undefined) return ['No check yet. sallyport health --check']
  const time = `${new Date(checkedAt).toISOString().slice(11, 16)} UTC`
  const held = cap < 100 ? `, held at ${cap} until the worst is mended` : ''
  return [
    `${paint('1', `${score} of 100`)}, checked ${time}${held}`,
    ...findings.flatMap(({ severity, title, why, next, cost }) => [
      '',
      `${paint(ANSI[severity] ?? '0', severity.padEnd(8))}  ${escapeText(title)}`,
      `          ${escapeText(why)} ${cost === 0 ? 'Costs nothing.' : `Costs ${cost}.`}`,
      `          ${paint('34', escapeText(next))}`,
    ]),
    ...(unknown.length === 0 ? [] : ['']),
    ...unknown.map(({ title, why }) => `unknown   ${escapeText(title)}: could not check. ${escapeText(why)}`),
    '',
    ...fine.map(
      ({ title, proof }) => `${paint('36', 'ok')}        ${escapeText(title)}  ${paint('90', escapeText(proof))}`,
    ),
  ]
}
