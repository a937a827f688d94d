import { escapeText } from '@sallyport/core/approval/escape'
import type { ScanReport } from './report.ts'

/** A report for a pull request or a ticket. What comes from the subject is code, so that it cannot draw, link or mention anybody (T-147). */
export function markdown({ subject, verdict, files, findings, summary }: ScanReport): string {
  const head = `# Scan of ${code(subject)}\n\nVerdict: **${verdict}** · ${files} files · ${Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`)
    .join(', ')}`
  if (findings.length === 0) return `${head.trimEnd()}\n\nNothing found.\n`
  const rows = findings.map(
    ({ severity, id, file, line, title, evidence }) =>
      `| ${severity} | ${code(id)} | ${code(`${file}:${line}`)} | ${plain(title)} | ${code(evidence)} |`,
  )
  const fixes = [...new Map(findings.map((finding) => [finding.id, finding])).values()].map(
    ({ id, why, fix }) => `- ${code(id)}: ${plain(why)} ${plain(fix)}`,
  )
  return `${head}\n\n| severity | rule | place | what | evidence |\n|---|---|---|---|---|\n${rows.join('\n')}\n\n## Why and what to do\n\n${fixes.join('\n')}\n`
}

const code = (text: string): string => {
  const safe = escapeText(text).replaceAll('|', '\\|')
  const marks = '`'.repeat(Math.max(0, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  return safe === '' ? '' : `${marks} ${safe} ${marks}`
}

const plain = (text: string): string => escapeText(text).replace(/[|<>&@#`*_[\]]/g, (sign) => `\\${sign}`)
