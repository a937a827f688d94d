import { markdown } from '../scan/report/markdown.ts'
import { summaryOf, type ScanReport } from '../scan/report/report.ts'
import type { GateResult } from './gate.ts'

/** A comment of GitHub holds 65 536 characters. */
const ROWS = 60
const LONGEST = 60_000

/** What blocks or warns as a report; what was accepted is counted, not listed. */
export const reportOfGate = (
  subject: string,
  files: number,
  { verdict, blocking, warnings }: GateResult,
): ScanReport => {
  const findings = [...blocking, ...warnings]
  return { subject, files, findings, summary: summaryOf(findings), verdict: verdict === 'blocked' ? 'block' : 'allow' }
}

/** The comment of a pull request (AC-7.1.4, AC-7.5.5). It begins with a mark by which the one before is found. */
export function gateComment(report: ScanReport, result: GateResult): string {
  const shown = report.findings.slice(0, ROWS)
  const { blocking, warnings, accepted, unverified } = result
  const lines = [
    '<!-- sallyport-gate -->',
    result.verdict === 'blocked'
      ? `**Sallyport: blocked.** ${blocking.length} findings are high or critical and not accepted.`
      : '**Sallyport: passed.**',
    '',
    `${warnings.length} lower findings, ${accepted.length} accepted in the baseline.`,
    ...unverified.map((what) => `Not verified: ${what}.`),
    ...(report.findings.length > ROWS ? [`The first ${ROWS} of ${report.findings.length} are listed.`] : []),
    '',
    markdown({ ...report, findings: shown }),
  ]
  const text = lines.join('\n')
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n\n… the rest is in the report of the run.\n`
}
