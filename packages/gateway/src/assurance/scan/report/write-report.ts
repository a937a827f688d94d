import type { Severity } from '@sallyport/core'
import { cyclonedx } from './cyclonedx.ts'
import { html } from './html.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import type { ScanReport } from './report.ts'

/** Forms of a report that need nothing but the report; `table`, `json` and `sarif` belong to the kind of scan. */
export const REPORT_FORMS = ['markdown', 'junit', 'html', 'cyclonedx'] as const
export type ReportForm = (typeof REPORT_FORMS)[number]

/** A report as text. `failOn` is the severity from which a JUnit case fails. */
export function writeReport(form: ReportForm, report: ScanReport, failOn: Severity, version: string): string {
  switch (form) {
    case 'markdown':
      return markdown(report)
    case 'junit':
      return junit(report, failOn)
    case 'html':
      return html(report)
    case 'cyclonedx':
      return JSON.stringify(cyclonedx(report, version))
  }
}
