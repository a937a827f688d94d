import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import { advisoryFindings } from '../../assurance/advisories/advisory-findings.ts'
import { npmAuditFindings } from '../../assurance/advisories/npm-audit.ts'
import { readSnapshot } from '../../assurance/advisories/snapshot.ts'
import { gateComment, reportOfGate } from '../../assurance/ci/gate-report.ts'
import { gate, type GateFinding, type GateResult } from '../../assurance/ci/gate.ts'
import { signedOnly, signEntries } from '../../assurance/ci/signed-entries.ts'
import { ofPosture, scanTree, treeOf, type Tree } from '../../assurance/ci/scan-tree.ts'
import { readDependencies } from '../../assurance/sbom/read-dependencies.ts'
import type { Inventory } from '../../assurance/sbom/component.ts'
import { sbomOf } from '../../assurance/sbom/sbom.ts'
import { parseBaseline, type Baseline } from '../../assurance/scan/code/baseline.ts'
import type { ScanReport } from '../../assurance/scan/report/report.ts'
import { sarif } from '../../assurance/scan/report/sarif.ts'
import { writeReport } from '../../assurance/scan/report/write-report.ts'
import { fileScannerFor } from '../../assurance/scan/threads/file-scanner.ts'
import { processorTime, systemClock } from '../../clock.ts'
import { VERSION } from '../../version.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { trackedBelow } from '../hook/git/index-files.ts'
import { formatTable } from '../output.ts'
import { scanDeps } from '../scan/deps.ts'
import { lockFindings } from './lock-findings.ts'

const BASELINE = '.sallyport-baseline.json'

/** `ci [PATH]`: 0 passed · 1 blocked · 2 usage · 3 a check that was asked for could not be made (SEC-7.1, SEC-7.5, E-72, E-75). */
export const run: CommandRun = async (io, [path = '.'], options) => {
  const root = resolve(io.cwd, path)
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new SallyportError('SP_CLI_USAGE', `${path} is not a directory.`)
  if (typeof options['sign'] === 'string') return signBaseline(io, root, options['sign'], options)
  const tree = treeOf(root, trackedBelow(root))
  const scanned = await scannedTree(tree)
  const inventory = readDependencies(root)
  const supply = [
    ...advisoryFindings(inventory, readSnapshot(io.stateDir), systemClock.now()),
    ...(typeof options['npmAudit'] === 'string'
      ? npmAuditFindings(textOf(io, options['npmAudit']), basename(options['npmAudit']))
      : []),
  ]
  // what could not be checked is said, and does not stop builds that have no network
  const unverified = supply.filter(({ detail }) => detail.startsWith('Not verified'))
  const lock = await lockFindings(io, root)
  const known = [...supply.filter((one) => !unverified.includes(one)), ...lock.findings]
  const findings = [...scanned, ...known.map(ofPosture)]
  const { writeBaseline: target } = options
  if (typeof target === 'string') return accept(io, resolve(io.cwd, target), findings, options)
  const said = [
    ...unverified.map(
      ({ subject, detail }) => `${subject}: ${detail.replace(/^Not verified[^:]*: ?/, '').replace(/\.$/, '')}`,
    ),
    ...lock.unverified,
  ]
  const result = gate(findings, trusted(io, baselineOf(io, root, options), options), said, systemClock.now())
  const report = reportOfGate(basename(root), tree.files.length, result)
  if (typeof options['out'] === 'string') writeAll(resolve(io.cwd, options['out']), report, result, inventory)
  print(io, report, result)
  if (result.verdict === 'blocked') return 1
  return options['requireAdvisories'] === true && unverified.length > 0 ? 3 : 0
}

async function scannedTree(tree: Tree): Promise<readonly GateFinding[]> {
  let made: ReturnType<typeof scanDeps> | undefined
  const scanner = fileScannerFor(tree.bytes, processorTime)
  try {
    return await scanTree(tree, { scanner, deps: () => (made ??= scanDeps()), now: () => performance.now() })
  } finally {
    scanner.close()
  }
}

function textOf(io: CliIo, path: string): string {
  try {
    return readFileSync(resolve(io.cwd, path), 'utf8')
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `${path} cannot be read.`, { cause })
  }
}

function baselineOf(io: CliIo, root: string, { baseline }: CliOptions): Baseline {
  if (typeof baseline === 'string') return parseBaseline(textOf(io, baseline))
  const usual = join(root, BASELINE)
  return existsSync(usual) ? parseBaseline(readFileSync(usual, 'utf8')) : { version: 1, findings: [] }
}

/** With `--signers` nothing else counts. */
const trusted = (io: CliIo, baseline: Baseline, { signers }: CliOptions): Baseline =>
  typeof signers === 'string' ? signedOnly(baseline, textOf(io, signers)) : baseline

function signBaseline(io: CliIo, root: string, key: string, options: CliOptions): number {
  const file = typeof options['baseline'] === 'string' ? resolve(io.cwd, options['baseline']) : join(root, BASELINE)
  const signed = signEntries(parseBaseline(textOf(io, file)), textOf(io, key))
  writeFileSync(file, `${JSON.stringify(signed, null, 2)}\n`)
  io.err(`${signed.findings.filter(({ signature }) => signature !== undefined).length} entries are signed.`)
  return 0
}

/** Entries that stand there keep their reason, and go when nothing is found for them any more. */
function accept(io: CliIo, file: string, findings: readonly GateFinding[], { reason }: CliOptions): number {
  const before = existsSync(file) ? parseBaseline(readFileSync(file, 'utf8')).findings : []
  const known = new Map(before.map((entry) => [entry.fingerprint, entry]))
  const entries = findings
    .filter(({ severity }) => severity === 'high' || severity === 'medium')
    .map(({ id, file: path, fingerprint }) => ({
      ...{ rule: id, path, fingerprint },
      ...(known.get(fingerprint) ?? (typeof reason === 'string' ? { reason } : {})),
    }))
    .toSorted((a, b) => compare(a.path, b.path) || compare(a.rule, b.rule) || compare(a.fingerprint, b.fingerprint))
  writeFileSync(file, `${JSON.stringify({ version: 1, findings: entries } satisfies Baseline, null, 2)}\n`)
  io.err(
    `${basename(file)} has ${entries.length} findings. Critical ones cannot be accepted there, and lower ones stop nothing.`,
  )
  return 0
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function writeAll(folder: string, report: ScanReport, result: GateResult, inventory: Inventory): void {
  mkdirSync(folder, { recursive: true })
  const files: Readonly<Record<string, string>> = {
    'report.json': JSON.stringify({ ...report, ...result }, null, 2),
    'report.sarif': JSON.stringify(sarif(report.findings, VERSION), null, 2),
    'report.md': gateComment(report, result),
    'report.html': writeReport('html', report, 'high', VERSION),
    'sbom.json': JSON.stringify(sbomOf(inventory, report.subject, VERSION), null, 2),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`)
}

function print(io: CliIo, { files, findings }: ScanReport, result: GateResult): void {
  const { verdict, blocking, warnings, accepted, unverified } = result
  if (io.json)
    return io.out(JSON.stringify({ verdict, files, blocking, warnings, accepted: accepted.length, unverified }))
  const shown = findings.filter(({ severity }) => severity !== 'low' && severity !== 'info')
  if (shown.length > 0)
    io.out(
      formatTable(
        ['SEVERITY', 'RULE', 'PLACE', 'WHAT'],
        shown.map(({ severity, id, file, line, title }) => [severity, id, `${file}:${line}`, title.slice(0, 120)]),
      ),
    )
  for (const what of unverified) io.out(`Not verified: ${escapeText(what)}.`)
  io.out(
    `${verdict}: ${blocking.length} findings block, ${warnings.length} are below high, ${accepted.length} are accepted; ${files} files.`,
  )
}
