import { escapeText } from '@sallyport/core/approval/escape'
import { severityRank, type Severity } from '@sallyport/core'
import type { ScanReport } from './report.ts'

/** JUnit XML: a case for each rule that found something, failed from `failOn` on; a case that passes where nothing was found. */
export function junit({ subject, findings }: ScanReport, failOn: Severity): string {
  const failed = findings.filter(({ severity }) => severityRank(severity) >= severityRank(failOn))
  const cases = findings.map(({ id, severity, file, line, title, evidence, fix }) => {
    const open = `<testcase classname="${attribute(id)}" name="${attribute(`${file}:${line}`)}"`
    if (severityRank(severity) < severityRank(failOn)) return `    ${open}/>`
    return `    ${open}><failure type="${severity}" message="${attribute(title)}">${attribute(`${evidence} ${fix}`)}</failure></testcase>`
  })
  const body = cases.length === 0 ? '    <testcase classname="sallyport.scan" name="nothing found"/>' : cases.join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite name="${attribute(subject)}" tests="${Math.max(1, findings.length)}" failures="${failed.length}">\n${body}\n  </testsuite>\n</testsuites>\n`
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
const attribute = (text: string): string => escapeText(text).replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign)
