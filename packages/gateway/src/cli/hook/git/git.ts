import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SallyportError, type Severity } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import { parseBaseline, writeBaseline } from '../../../assurance/scan/code/baseline.ts'
import { loadScanner } from '../../../assurance/scan/code/load-scanner.ts'
import { isAtLeast, SEVERITIES } from '../../../assurance/scan/code/severity.ts'
import { fresh } from '../../../assurance/scan/changes/known.ts'
import { LARGEST, scanContent, unread, type ScannedContent } from '../../../assurance/scan/changes/scan-content.ts'
import type { CliIo, CliOptions, CommandRun } from '../../command.ts'
import { formatTable } from '../../output.ts'
import { processorTime } from '../../../clock.ts'
import { contentsOf, git, indexFiles, sizesOf, type IndexFile } from './index-files.ts'
import { installHooks } from './install.ts'

const BASELINE = '.sallyport-baseline.json'
/** Bytes of files that are held at once. */
const AT_ONCE = 64 << 20

/** `hook git`: 0 the commit may go on · 1 findings · 2 usage · 3 git or a file could not be read; each but 0 stops the commit. */
export const run: CommandRun = async (io, _args, options) => {
  if (options['install'] === true) {
    const files = installHooks(io.cwd)
    io.out(io.json ? JSON.stringify({ files }) : files.map((file) => `wrote ${file}`).join('\n'))
    return 0
  }
  const failOn = severityOf(options)
  const top = git(io.cwd, ['rev-parse', '--show-toplevel']).toString('utf8').replace(/\n$/, '')
  const files = indexFiles(top, options['all'] === true || options['writeBaseline'] === true)
  const scan = await loadScanner({ now: processorTime })
  const scanned = [...scanAll(top, files, scan)]
  if (options['writeBaseline'] === true) {
    const before = reasonsAt(join(top, BASELINE))
    const serious = scanned.map(({ content }) => ({
      ...content,
      findings: content.findings.filter(({ severity }) => isAtLeast(severity, failOn)),
    }))
    const baseline = writeBaseline(serious)
    const findings = baseline.findings.map((one) => {
      const reason = before.get(one.fingerprint)
      return reason === undefined ? one : { ...one, reason }
    })
    writeFileSync(join(top, BASELINE), `${JSON.stringify({ ...baseline, findings }, null, 2)}\n`)
    io.err(`${BASELINE} has ${baseline.findings.length} findings. Read them, then add it to the commit.`)
    return 0
  }
  const known = knownOf(top, files)
  const open = scanned.map(({ file, content }) => fresh(content, known, file.before))
  return print(io, files, open, failOn)
}

function* scanAll(
  top: string,
  files: readonly IndexFile[],
  scan: Parameters<typeof scanContent>[2],
): Generator<{ readonly file: IndexFile; readonly content: ScannedContent }> {
  const readable = files.filter(({ kind }) => kind !== 'submodule')
  const sizes = sizesOf(
    top,
    readable.map(({ object }) => object),
  )
  let [batch, held]: [IndexFile[], number] = [[], 0]
  const flush = function* () {
    const contents = contentsOf(
      top,
      batch.map(({ object }) => object),
    )
    for (const [i, file] of batch.entries()) {
      const bytes = contents[i]
      if (bytes === undefined) throw new SallyportError('SP_HOOK_GIT', `There is no content for ${file.path}.`)
      for (const content of scanContent(file.path, bytes, scan, file.kind === 'link')) yield { file, content }
    }
    ;[batch, held] = [[], 0]
  }
  for (const [i, file] of readable.entries()) {
    const size = sizes[i] ?? Number.NaN
    if (Number.isNaN(size)) yield { file, content: unread(file.path, file.object, 'git has no content for it.') }
    else if (size > LARGEST) yield { file, content: unread(file.path, file.object, `it has ${size} bytes.`) }
    else {
      if (held + size > AT_ONCE) yield* flush()
      batch.push(file)
      held += size
    }
  }
  yield* flush()
}

/** Reasons that were written into the baseline by hand, by fingerprint. */
function reasonsAt(path: string): ReadonlyMap<string, string | undefined> {
  if (!existsSync(path)) return new Map()
  const { findings } = parseBaseline(readFileSync(path, 'utf8'))
  return new Map(findings.map(({ fingerprint, reason }) => [fingerprint, reason]))
}

/** The baseline as it will be committed, not as it lies in the work tree. */
function knownOf(top: string, files: readonly IndexFile[]): ReadonlySet<string> {
  const listed =
    files.find(({ path }) => path === BASELINE) ?? indexFiles(top, true).find(({ path }) => path === BASELINE)
  if (listed === undefined) return new Set()
  const [bytes] = contentsOf(top, [listed.object])
  return new Set(parseBaseline(bytes?.toString('utf8') ?? '').findings.map(({ fingerprint }) => fingerprint))
}

function severityOf({ failOn = 'high' }: CliOptions): Severity {
  const found = SEVERITIES.find((severity) => severity === failOn)
  if (found !== undefined) return found
  throw new SallyportError('SP_CLI_USAGE', `\`--fail-on\` is ${SEVERITIES.join(', ')}.`)
}

function print(io: CliIo, files: readonly IndexFile[], open: readonly ScannedContent[], failOn: Severity): number {
  const rows = open.flatMap(({ path, findings }) => findings.map((finding) => ({ path, ...finding })))
  const submodules = files.filter(({ kind }) => kind === 'submodule').map(({ path }) => path)
  const stops = rows.filter(({ severity }) => isAtLeast(severity, failOn))
  if (io.json) io.out(JSON.stringify({ files: files.length, findings: rows, submodules }))
  else if (rows.length > 0)
    io.out(
      formatTable(
        ['SEVERITY', 'RULE', 'PLACE', 'WHAT'],
        rows.map(({ severity, rule, path, line, column, message }) => [
          ...[severity, rule, `${path}:${line}:${column}`, message],
        ]),
      ),
    )
  for (const path of submodules) io.err(`${escapeText(path)} is another repository: what it holds was not scanned.`)
  if (stops.length > 0)
    io.err(
      `${stops.length} of ${rows.length} findings stop this commit. Repair them; what is no danger is accepted with a comment \`sallyport-ignore RULE: reason\` or in ${BASELINE}.`,
    )
  if (stops.length === 0) return 0
  return stops.every(({ rule }) => rule === 'code.unanalysable.unread') ? 3 : 1
}
