import { SallyportError, severityRank, type Severity } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import { atlasOf } from '../../assurance/scan/atlas.ts'
import type { ReportedFinding, ScanReport } from '../../assurance/scan/report/report.ts'
import { sarif } from '../../assurance/scan/report/sarif.ts'
import { REPORT_FORMS, writeReport } from '../../assurance/scan/report/write-report.ts'
import { VERSION } from '../../version.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { formatTable } from '../output.ts'

const FORMATS = ['table', 'json', 'sarif', ...REPORT_FORMS] as const
const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

export interface Form {
  readonly format: (typeof FORMATS)[number]
  readonly failOn: Severity
}

/** @throws SallyportError SP_CLI_USAGE for a format or severity that does not exist */
export function formatOf(io: CliIo, options: CliOptions, usual: Severity = 'high'): Form {
  const format = FORMATS.find((known) => known === (options['format'] ?? (io.json ? 'json' : 'table')))
  const failOn = SEVERITIES.find((known) => known === (options['failOn'] ?? usual))
  if (format === undefined)
    throw new SallyportError(
      'SP_CLI_USAGE',
      `There is no format ${String(options['format'])}; say ${FORMATS.join(', ')}.`,
    )
  if (failOn === undefined)
    throw new SallyportError(
      'SP_CLI_USAGE',
      `There is no severity ${String(options['failOn'])}; say ${SEVERITIES.join(', ')}.`,
    )
  return { format, failOn }
}

/** Prints a report. @returns exit code: 1 when something is as grave as `--fail-on`, else 0 */
export function finish(io: CliIo, { format, failOn }: Form, report: ScanReport): number {
  if (format === 'json') io.out(JSON.stringify({ ...report, findings: report.findings.map(withAtlas) }))
  else if (format === 'sarif') io.out(JSON.stringify(sarif(report.findings, VERSION)))
  else if (format === 'table') table(io, report)
  else io.out(writeReport(format, report, failOn, VERSION))
  return report.findings.some(({ severity }) => severityRank(severity) >= severityRank(failOn)) ? 1 : 0
}

const withAtlas = (finding: ReportedFinding) => ({ ...finding, atlas: atlasOf(finding.id) })

function table(io: CliIo, { subject, verdict, files, findings }: ScanReport): void {
  io.out(`${escapeText(subject)}: ${verdict}, ${findings.length} findings in ${files} files`)
  if (findings.length === 0) return
  io.out(
    formatTable(
      ['SEVERITY', 'RULE', 'PLACE', 'EVIDENCE'],
      findings.map(({ severity, id, file, line, column, evidence }) => [
        severity,
        id,
        `${file}:${line}:${column}`,
        evidence.slice(0, 80),
      ]),
    ),
  )
  for (const { id, title, why, fix } of new Map(findings.map((finding) => [finding.id, finding])).values())
    io.out(`\n${id}: ${escapeText(title)}\n  ${why}\n  ${fix}`)
}
