import { escapeText } from '@sallyport/core/approval/escape'
import type { PostureReport, ReportedFinding } from '../audit.ts'
import { counted, listed } from '../words.ts'

const ANSI: Readonly<Record<string, string>> = { critical: '31;1', high: '31', medium: '33', low: '36', info: '90' }

/** A report for a terminal: what is to be done first, what is only to know in one line each, and what nobody could see. */
export function table(report: PostureReport, color: boolean): readonly string[] {
  const { findings, unknown, accepted, idle, fine, summary, score } = report
  const paint = (code: string, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const heavy = findings.filter(({ severity }) => severity !== 'info')
  const notes = findings.filter(({ severity, subject }) => severity === 'info' && subject !== 'not installed')
  const absent = findings.filter(({ subject, severity }) => severity === 'info' && subject === 'not installed')
  const whole = (one: ReportedFinding): readonly string[] => [
    '',
    `${paint(ANSI[one.severity] ?? '0', one.severity.padEnd(8))}  ${one.id}  ${escapeText(one.subject)}`,
    `          ${escapeText(one.detail)}`,
    ...(one.why === undefined ? [] : [`          ${escapeText(one.why)}`]),
    `          ${paint('34', escapeText(one.remediation))}`,
    ...(one.file === undefined || one.file === one.subject
      ? []
      : [`          ${escapeText(one.file)}${one.line === undefined ? '' : `:${one.line}`}`]),
  ]
  const hidden = unknown.filter(({ hides }) => hides)
  const said = Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`)
  return [
    heavy.length === 0
      ? `Nothing above info was found. ${counted(fine.length, 'check')} passed.`
      : `${said.join(', ')}. ${counted(fine.length, 'check')} passed. As a score: ${score} of 100.`,
    ...heavy.flatMap(whole),
    ...(notes.length === 0 ? [] : ['', 'To know:']),
    ...notes.map(({ id, subject, detail }) => `  ${id}  ${escapeText(subject)}: ${escapeText(detail)}`),
    ...(absent.length === 0 ? [] : ['', `Not installed, so not checked: ${absent.map(({ id }) => id).join(', ')}.`]),
    ...(accepted.length === 0 ? [] : ['', 'Accepted by the baseline:']),
    ...accepted.map(
      ({ severity, id, subject, by, expires, reason }) =>
        `  ${severity}  ${id}  ${escapeText(subject)}: ${escapeText(by)} until ${expires}: ${escapeText(reason)}`,
    ),
    ...(idle.length === 0 ? [] : ['', 'Entries of the baseline that do nothing:']),
    ...idle.map(({ id, subject, why }) => `  ${escapeText(id)}  ${escapeText(subject)}: ${why}`),
    ...(hidden.length === 0 ? [] : ['', paint('33', 'Could not be looked at, so this audit is not complete:')]),
    ...hidden.map(({ id, why }) => `  ${id}: ${escapeText(why)}`),
    ...rest(report),
  ]
}

/** What nobody needed to see, in one line. */
function rest({ unknown }: PostureReport): readonly string[] {
  const open = unknown.filter(({ hides }) => !hides)
  const reasons = [...new Set(open.map(({ why }) => why))]
  return open.length === 0 ? [] : ['', `Not looked at: ${counted(open.length, 'check')}. ${listed(reasons)}`]
}
