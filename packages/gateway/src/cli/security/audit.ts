import { lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  auditExit,
  parsePostureBaseline,
  POSTURE_SEVERITIES,
  SallyportError,
  toSallyportError,
  type PostureBaseline,
  type PostureSeverity,
  type Thresholds,
} from '@sallyport/core'
import { auditPosture, type PostureReport } from '../../assurance/posture/audit.ts'
import { junit } from '../../assurance/posture/report/junit.ts'
import { markdown } from '../../assurance/posture/report/markdown.ts'
import { sarif } from '../../assurance/posture/report/sarif.ts'
import { table } from '../../assurance/posture/report/table.ts'
import { systemClock } from '../../clock.ts'
import { VERSION } from '../../version.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { gatherFacts } from './gather.ts'
import { hostFindings } from './host-findings.ts'
import { readConfiguration } from './read-config.ts'
import { repair, undo } from './repair/repair.ts'

const FORMATS = ['table', 'json', 'sarif', 'junit', 'markdown'] as const
type Format = (typeof FORMATS)[number]

/**
 * The audit of this installation: configuration, files, policies, the gateway where one runs, and the agents of this machine (SEC-7.1).
 * @returns 0, 1 or 2 by severity (ND-7.1.a); 3 when something could not be looked at that may hide a finding, or not be repaired
 * @throws SallyportError SP_POSTURE_INCOMPLETE, SP_POSTURE_BASELINE (exit 3): never confused with clean
 */
export const run: CommandRun = async (io, [path], options) => {
  if (options['undo'] === true) return undo(io)
  const format = formatOf(io, options)
  const baseline = baselineOf(io, options)
  const { failOn, warnOn } = readConfiguration(io, path).config.security.ci.audit
  const thresholds = {
    failOn: severityOf(options, 'failOn', failOn),
    warnOn: severityOf(options, 'warnOn', warnOn),
  }
  const look = (): Promise<PostureReport> => reportOf(io, path, options, baseline)
  if (options['fix'] === true) {
    const { repaired, report } = await repair(io, path, look, options['dryRun'] === true)
    return repaired ? exitOf(io, report, thresholds, 'table') : new SallyportError('SP_POSTURE_REPAIR').entry.exit
  }
  const report = await look()
  if (typeof options['writeBaseline'] === 'string') return keepBaseline(io, options['writeBaseline'], report)
  const write: Readonly<Record<Format, () => string>> = {
    table: () => table(report, io.color).join('\n'),
    json: () => JSON.stringify(report),
    sarif: () => JSON.stringify(sarif(report, VERSION, io.cwd)),
    junit: () => junit(report, thresholds.failOn).trimEnd(),
    markdown: () => markdown(report).trimEnd(),
  }
  io.out(write[format]())
  return exitOf(io, report, thresholds, format)
}

async function reportOf(
  io: CliIo,
  path: string | undefined,
  options: CliOptions,
  baseline: PostureBaseline | undefined,
): Promise<PostureReport> {
  const read = readConfiguration(io, path)
  const facts = await gatherFacts(io, read, { deep: options['deep'] === true, path })
  const more = options['hosts'] === false ? [] : await hostFindings(io, read, path)
  return auditPosture(facts, { more, ...(baseline === undefined ? {} : { baseline }) })
}

function exitOf(io: CliIo, report: PostureReport, thresholds: Thresholds, format: Format): number {
  const exit = auditExit(report.findings, thresholds)
  if (exit === 2 || report.complete) return exit
  if (format !== 'table')
    for (const { id, why, hides } of report.unknown) if (hides) io.err(`${id} could not be looked at: ${why}`)
  return new SallyportError('SP_POSTURE_INCOMPLETE').entry.exit
}

function severityOf(options: CliOptions, name: string, fallback: PostureSeverity): PostureSeverity {
  const given = options[name] ?? fallback
  const known = POSTURE_SEVERITIES.find((severity) => severity === given)
  if (known !== undefined) return known
  throw new SallyportError(
    'SP_POSTURE_INCOMPLETE',
    `${String(given)} is no severity; say ${POSTURE_SEVERITIES.join(', ')}.`,
  )
}

function formatOf(io: CliIo, options: CliOptions): Format {
  const given = options['format'] ?? (io.json ? 'json' : 'table')
  const known = FORMATS.find((format) => format === given)
  if (known !== undefined) return known
  throw new SallyportError('SP_POSTURE_INCOMPLETE', `--format is one of ${FORMATS.join(', ')}.`)
}

function baselineOf(io: CliIo, options: CliOptions): PostureBaseline | undefined {
  const given = options['baseline']
  if (typeof given !== 'string') return undefined
  let text: string
  try {
    text = readFileSync(resolve(io.cwd, given), 'utf8')
  } catch (cause) {
    throw new SallyportError('SP_POSTURE_BASELINE', `${given} cannot be read.`, { cause })
  }
  return parsePostureBaseline(text)
}

/** Every entry still has to be answered for: reason, by and expires are left for a person to write. */
function keepBaseline(io: CliIo, given: string, report: PostureReport): number {
  const path = resolve(io.cwd, given)
  const kept = report.accepted.map(({ fingerprint, id, subject, severity, reason, by, expires }) => ({
    ...{ fingerprint, id, subject, severity, reason, by, expires },
  }))
  const added = report.findings
    .filter(({ severity }) => severity !== 'critical' && severity !== 'info')
    .map(({ fingerprint, id, subject, severity }) => ({
      ...{ fingerprint, id, subject, severity, reason: '', by: '', expires: '' },
    }))
  const left = report.findings.filter(({ severity }) => severity === 'critical').length
  refuseLink(path)
  try {
    writeFileSync(path, `${JSON.stringify({ version: 1, findings: [...kept, ...added] }, undefined, 2)}\n`)
  } catch (thrown) {
    throw new SallyportError('SP_POSTURE_BASELINE', `${given} cannot be written: ${toSallyportError(thrown).message}`)
  }
  const today = new Date(systemClock.now()).toISOString().slice(0, 10)
  const said = `${added.length} entries added to ${given}: write reason, by and expires (a day after ${today}) for each. ${left === 0 ? '' : `${left} critical findings cannot be accepted.`}`
  if (io.json) io.out(JSON.stringify({ file: path, kept: kept.length, added: added.length, critical: left }))
  else io.out(said.trimEnd())
  return 0
}

function refuseLink(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isFile())
    throw new SallyportError('SP_POSTURE_BASELINE', `${path} is no plain file, so it is not written.`)
}
