import { relative, resolve } from 'node:path'
import { severityRank } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import { inspectFolder } from '../../assurance/inspect/inspect-folder.ts'
import type { Inspection } from '../../assurance/inspect/started.ts'
import { verdictOf } from '../../assurance/scan/finding.ts'
import { summaryOf } from '../../assurance/scan/report/report.ts'
import { systemClock } from '../../clock.ts'
import type { CliIo, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { scanDeps } from '../scan/deps.ts'
import { finish, formatOf } from '../scan/print.ts'

/** `inspect FOLDER`: 0 nothing from --fail-on on · 1 findings · 2 usage (T-041, T-141). */
export const run: CommandRun = async (io, [folder = '.'], options) => {
  const form = formatOf(io, options)
  const root = resolve(io.cwd, folder)
  const inspection = await inspectFolder(root, {
    deps: await scanDeps(),
    now: () => systemClock.monotonic(),
    progress: (looked, path) => io.err(`${looked} looked at, at ${escapeText(path)}`),
  })
  const { rows, findings, files } = inspection
  const all = [...rows, ...findings]
  const exit = all.some(({ severity }) => severityRank(severity) >= severityRank(form.failOn)) ? 1 : 0
  if (form.format === 'table') return (print(io, relative(io.cwd, root) || folder, inspection), exit)
  if (form.format === 'json')
    return (io.out(JSON.stringify({ folder: root, files, rows, findings, summary: summaryOf(all) })), exit)
  return finish(io, form, { subject: folder, verdict: verdictOf(all), summary: summaryOf(all), files, findings: all })
}

function print(io: CliIo, folder: string, { rows, findings, files }: Inspection): void {
  if (rows.length > 0)
    io.out(
      formatTable(
        ['SEVERITY', 'RUNS WHEN', 'WHAT', 'PLACE'],
        rows.map(({ severity, when, what, file, line }) => [severity, when, what.slice(0, 80), `${file}:${line}`]),
      ),
    )
  const grave = findings.filter(({ severity }) => severityRank(severity) >= severityRank('medium'))
  for (const { id, severity, title, file, line, evidence, fix } of grave)
    io.out(
      `\n${severity} ${id} (${escapeText(file)}:${line}): ${escapeText(title)}\n  ${escapeText(evidence)}\n  ${escapeText(fix)}`,
    )
  io.err(
    `${escapeText(folder)}: ${rows.length} things start by themselves, ${findings.length} findings in ${files} files.`,
  )
}
