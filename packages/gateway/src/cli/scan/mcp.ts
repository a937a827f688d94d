import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { SallyportError, type JsonObject } from '@sallyport/core'
import { verdictOf } from '../../assurance/scan/finding.ts'
import { scanMcp } from '../../assurance/scan/mcp/scan-mcp.ts'
import { summaryOf } from '../../assurance/scan/report/report.ts'
import { scanLine } from '../../assurance/scan/scan-lines.ts'
import type { CommandRun } from '../command.ts'
import { runBatch, type Judgement } from '../detect/batch.ts'
import { scanDeps } from './deps.ts'
import { finish, formatOf } from './print.ts'

/** `scan mcp PATHS…`: exit codes as `scan skill`. Nothing is started or connected to. */
export const run: CommandRun = async (io, paths, options) => {
  const deps = await scanDeps()
  if (options['jsonl'] === true)
    return runBatch(
      process.stdin,
      (line) => io.out(line),
      async (line: JsonObject) => (await scanLine({ kind: 'mcp_tools', ...line }, deps)) as unknown as Judgement,
    )
  const form = formatOf(io, options)
  const before = options['before']
  if (paths.length === 0 || (before !== undefined && paths.length !== 1))
    throw new SallyportError(
      'SP_CLI_USAGE',
      before === undefined
        ? 'Give at least one file to scan.'
        : 'With --before give exactly one file: what is served now.',
    )
  const open = async (path: string): Promise<readonly [string, string]> => {
    try {
      return [basename(path), await readFile(resolve(io.cwd, path), 'utf8')]
    } catch (cause) {
      throw new SallyportError('SP_CLI_USAGE', `${path} cannot be read.`, { cause })
    }
  }
  const files = await Promise.all([...(typeof before === 'string' ? [before] : []), ...paths].map(open))
  const findings = scanMcp(before === undefined ? (files.length > 1 ? 'multi' : 'tools') : 'pair', files, deps)
  return finish(io, form, {
    subject: paths.map((path) => basename(path)).join(', '),
    verdict: verdictOf(findings),
    summary: summaryOf(findings),
    files: files.length,
    findings,
  })
}
