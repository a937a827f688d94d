import { escapeText } from '@sallyport/core/approval/escape'
import { POSTURE_SEVERITIES, type PostureSeverity } from '@sallyport/core'
import type { PostureReport } from '../audit.ts'

/** JUnit XML: a case for each check that passed and each finding, which fails from `failOn` on; what could not be seen is an error. */
export function junit({ findings, fine, unknown }: PostureReport, failOn: PostureSeverity): string {
  const isFailure = (severity: PostureSeverity): boolean =>
    POSTURE_SEVERITIES.indexOf(severity) <= POSTURE_SEVERITIES.indexOf(failOn)
  const hidden = unknown.filter(({ hides }) => hides)
  const open = unknown.filter(({ hides }) => !hides)
  const failures = findings.filter(({ severity }) => isFailure(severity))
  const cases = [
    ...findings.map(({ id, subject, severity, detail, remediation }) => {
      const head = `<testcase classname="${text(id)}" name="${text(subject)}"`
      return isFailure(severity)
        ? `${head}><failure type="${severity}" message="${text(detail)}">${text(remediation)}</failure></testcase>`
        : `${head}/>`
    }),
    ...hidden.map(
      ({ id, title, why }) =>
        `<testcase classname="${text(id)}" name="${text(title)}"><error message="${text(why)}"/></testcase>`,
    ),
    ...open.map(
      ({ id, title, why }) =>
        `<testcase classname="${text(id)}" name="${text(title)}"><skipped message="${text(why)}"/></testcase>`,
    ),
    ...fine.map(({ id, title }) => `<testcase classname="${text(id)}" name="${text(title)}"/>`),
  ]
  const counts = `tests="${cases.length}" failures="${failures.length}" errors="${hidden.length}" skipped="${open.length}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite name="sallyport security audit" ${counts}>\n${cases.map((one) => `    ${one}`).join('\n')}\n  </testsuite>\n</testsuites>\n`
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
const text = (value: string): string => escapeText(value).replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign)
