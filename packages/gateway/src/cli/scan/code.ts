import { readFileSync, writeFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { SallyportError, type JsonObject } from '@sallyport/core'
import {
  fingerprints,
  parseBaseline,
  withoutKnown,
  writeBaseline,
  type FileFindings,
} from '../../assurance/scan/code/baseline.ts'
import type { CodeFinding } from '../../assurance/scan/code/finding.ts'
import { languageNamed } from '../../assurance/scan/code/languages.ts'
import { loadScanner } from '../../assurance/scan/code/load-scanner.ts'
import { ALL_RULES, type ScanCode } from '../../assurance/scan/code/scan-code.ts'
import { reportOfCode } from '../../assurance/scan/code/report.ts'
import { programsBelow, scanFiles, type CodeScan } from '../../assurance/scan/code/scan-files.ts'
import { toSarif } from '../../assurance/scan/code/sarif.ts'
import { isAtLeast, SEVERITIES } from '../../assurance/scan/code/severity.ts'
import { writeReport } from '../../assurance/scan/report/write-report.ts'
import { fileScannerFor } from '../../assurance/scan/threads/file-scanner.ts'
import type { Language } from '../../assurance/scan/code/syntax.ts'
import { VERSION } from '../../version.ts'
import { runBatch, textOf, type Judgement } from '../detect/batch.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { processorTime } from '../../clock.ts'
import { formatOf, type Form } from './print.ts'

/** A line of progress for so many files. */
const EVERY = 250

/** `scan code`: 0 nothing from --fail-on · 1 findings · 2 usage · 3 a file could not be scanned, and nothing else was found. */
export const run: CommandRun = async (io, args, options) => {
  if (options['jsonl'] === true) {
    const scan = await loadScanner({ now: processorTime })
    return runBatch(
      process.stdin,
      (line) => io.out(line),
      (line) => judge(line, scan),
    )
  }
  const form = formatOf(io, options, 'medium')
  const known = knownOf(io, options)
  const scanned = args.length === 1 && args[0] === '-' ? await scanInput(options) : await scanPaths(io, args, options)
  const { writeBaseline: target } = options
  if (typeof target === 'string') {
    writeFileSync(resolve(io.cwd, target), `${JSON.stringify(writeBaseline(scanned.found), null, 2)}\n`)
    io.err(`${target} has ${countOf(scanned.found)} findings.`)
    return scanned.unreadable.length > 0 ? 3 : 0
  }
  const fresh = scanned.found.map((file) => ({ ...file, findings: withoutKnown(file, known) }))
  const open = fresh.filter(({ findings }) => findings.length > 0)
  print(io, form, subjectOf(args), { ...scanned, found: open }, countOf(scanned.found) - countOf(open))
  if (open.some(({ findings }) => findings.some(({ severity }) => isAtLeast(severity, form.failOn)))) return 1
  return scanned.unreadable.length > 0 ? 3 : 0
}

/** One line of a batch (benchmarks §6). Comments in it accept nothing: the code is a stranger's. */
export function judge(line: JsonObject, scan: ScanCode): Judgement {
  const text = textOf(line)
  const { findings, complete } = scan(text, languageOf(line['lang']))
  return {
    verdict: findings.length > 0 ? 'flag' : 'clean',
    category: findings[0]?.category ?? null,
    complete,
    findings: findings as unknown as readonly JsonObject[],
  }
}

function languageOf(name: unknown): Language {
  const language = typeof name === 'string' ? languageNamed(name) : undefined
  if (language !== undefined) return language
  throw new SallyportError(
    'SP_SCAN_LANGUAGE',
    typeof name === 'string' ? `It says ${name.slice(0, 40)}.` : 'No language is named.',
  )
}

function knownOf(io: CliIo, { baseline }: CliOptions): ReadonlySet<string> {
  if (typeof baseline !== 'string') return new Set()
  let text: string
  try {
    text = readFileSync(resolve(io.cwd, baseline), 'utf8')
  } catch (cause) {
    throw new SallyportError('SP_SCAN_BASELINE', `${baseline} cannot be read.`, { cause })
  }
  return new Set(parseBaseline(text).findings.map(({ fingerprint }) => fingerprint))
}

async function scanInput(options: CliOptions): Promise<CodeScan> {
  const text = (await buffer(process.stdin)).toString('utf8')
  const { findings } = (await loadScanner({ now: processorTime }))(text, languageOf(options['lang']))
  return { files: 1, bytes: text.length, found: [{ path: '-', text, findings }], unreadable: [], suppressed: 0 }
}

async function scanPaths(io: CliIo, args: readonly string[], options: CliOptions): Promise<CodeScan> {
  const roots = (args.length === 0 ? ['.'] : args).map((path) => shown(io, resolve(io.cwd, path)))
  const list = programsBelow(roots, options['inline'] !== false)
  const scanner = fileScannerFor(list.bytes, processorTime)
  const progress = (files: number, path: string): void => {
    if (files % EVERY === 0) io.err(`${files} of ${list.files.length} files, at ${path}`)
  }
  try {
    return await scanFiles(list, { scanner, progress, signal: io.signal })
  } finally {
    scanner.close()
  }
}

/** Relative to where the command was started, when it lies below. */
function shown(io: CliIo, path: string): string {
  const near = relative(io.cwd, path)
  return near === '' ? path : near.startsWith('..') || isAbsolute(near) || io.cwd !== process.cwd() ? path : near
}

const subjectOf = (args: readonly string[]): string => (args.length === 0 ? '.' : args.join(', '))

const countOf = (files: readonly FileFindings[]): number =>
  files.reduce((sum, { findings }) => sum + findings.length, 0)

function print(io: CliIo, { format, failOn }: Form, subject: string, scanned: CodeScan, baselined: number): void {
  const { found, files, bytes, unreadable, suppressed } = scanned
  if (format === 'json') {
    const findings = found.flatMap((file) => {
      const prints = fingerprints(file)
      return file.findings.map((finding, i) => ({ path: file.path, ...finding, fingerprint: prints[i] }))
    })
    return io.out(JSON.stringify({ findings, files, bytes, unreadable, suppressed, baselined }))
  }
  if (format === 'sarif') {
    const rows = found.map((file) => ({ path: file.path, findings: file.findings, prints: fingerprints(file) }))
    return io.out(JSON.stringify(toSarif(rows, ALL_RULES, VERSION, unreadable), null, 2))
  }
  if (format !== 'table') return io.out(writeReport(format, reportOfCode(subject, scanned), failOn, VERSION))
  const rows = found.flatMap(({ path, findings }) => findings.map((finding) => ({ path, finding })))
  rows.sort((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity))
  if (rows.length > 0) io.out(formatTable(['SEVERITY', 'RULE', 'PLACE', 'WHAT'], rows.map(rowOf)))
  for (const { path, code, message } of unreadable) io.err(`not scanned: ${path}: ${message} (${code})`)
  const rest = [
    ...(suppressed > 0 ? [`${suppressed} accepted in comments`] : []),
    ...(baselined > 0 ? [`${baselined} in the baseline`] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} files not scanned`] : []),
  ]
  io.err(`${[`${files} files, ${rows.length} findings`, ...rest].join(', ')}.`)
}

const rowOf = ({ path, finding }: { readonly path: string; readonly finding: CodeFinding }): readonly string[] => [
  finding.severity,
  finding.rule.replace(/^code\./, ''),
  `${path}:${finding.line}:${finding.column}`,
  finding.message,
]
