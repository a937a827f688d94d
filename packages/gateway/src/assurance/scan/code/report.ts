import { verdictOf } from '../finding.ts'
import { bySeverity, summaryOf, type ReportedFinding, type ScanReport } from '../report/report.ts'
import type { CodeScan } from './scan-files.ts'

/** A scan of code as a report. A file that was not scanned is a finding of it: no report of it is clean. */
export function reportOfCode(subject: string, { files, found, unreadable }: CodeScan): ScanReport {
  const findings = bySeverity([
    ...found.flatMap(({ path, text, findings: own }) =>
      own.map(({ rule, severity, message, line, column, start, end, fix, cwe }): ReportedFinding => ({
        ...{ id: rule, severity, title: message, file: path, line, column, fix },
        why: 'What the program does here is up to whoever chooses its input.',
        evidence: rule.startsWith('code.hardcoded_credentials.') ? '(not shown)' : shown(text.slice(start, end)),
        ...(cwe !== undefined && { cwe }),
      })),
    ),
    ...unreadable.map(({ path, code, message }): ReportedFinding => ({
      ...{ id: 'code.unanalysable.unread', severity: 'high', title: message, file: path, line: 1, column: 1 },
      evidence: code,
      why: 'A program that was not read may do anything.',
      fix: 'Look at it by hand, or leave it out of the scan.',
    })),
  ])
  return { subject, verdict: verdictOf(findings), summary: summaryOf(findings), files, findings }
}

const shown = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 160)
