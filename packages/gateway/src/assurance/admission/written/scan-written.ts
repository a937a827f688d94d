import { relative } from 'node:path'
import { commandFacts, toSallyportError, type CarriedCode, type ParseShell, type Severity } from '@sallyport/core'
import type { WrittenFinding, WrittenOrder, WrittenPiece } from '../../../boundary/ports-code.ts'
import { fingerprints } from '../../scan/code/baseline.ts'
import type { CodeFinding } from '../../scan/code/finding.ts'
import type { ScanCode } from '../../scan/code/scan-code.ts'
import type { Language } from '../../scan/code/syntax.ts'
import type { ScanFinding } from '../../scan/finding.ts'
import { subjectFile } from '../../scan/files/decode.ts'
import { scanSkill } from '../../scan/skill/scan-skill.ts'
import type { ScanDeps } from '../../scan/skill/deps.ts'
import { firstLine, isTestPath, lookOf, lookOfCode, type Look } from './kinds.ts'
import { absolutePath, cellsOf, edited, scriptsOf, textThere, withoutMagic } from './texts.ts'

export interface WrittenScanDeps {
  readonly code: ScanCode
  readonly parse: ParseShell
  /** For what agents follow; loaded when there is some. */
  readonly skill: () => Promise<ScanDeps>
}

/** Commands inside commands that carry code; more is not looked at, and says so. */
const MOST_CARRIED = 200

/** Reads what a call would write the way code of a skill is read (HB-107). Nothing of it is run, and no comment in it accepts anything. */
export function createWrittenScanner(
  deps: WrittenScanDeps,
): (order: WrittenOrder) => Promise<readonly WrittenFinding[]> {
  return async (order) => {
    const found: Known[] = []
    for (const piece of order.pieces) found.push(...(await findingsOf(piece, order, deps)))
    return found.map(told)
  }
}

async function findingsOf(piece: WrittenPiece, order: WrittenOrder, deps: WrittenScanDeps): Promise<readonly Known[]> {
  switch (piece.kind) {
    case 'command': {
      const found: Known[] = []
      for (const carried of carriedBy(piece.text, deps.parse)) found.push(...(await ofCarried(carried, order, deps)))
      return found
    }
    case 'code':
      return scanText({ path: piece.language, text: piece.text }, lookOfCode(piece.language), order, deps)
    case 'file':
      return scanText(piece, lookOf(piece.path, firstLine(piece.text)), order, deps)
    case 'edits':
      return ofEdits(piece, order, deps)
  }
}

function carriedBy(line: string, parse: ParseShell): readonly CarriedCode[] {
  const carried: CarriedCode[] = []
  commandFacts(line, { parse, onCode: (code) => void (carried.length < MOST_CARRIED && carried.push(code)) })
  return carried
}

function ofCarried({ language, path, text }: CarriedCode, order: WrittenOrder, deps: WrittenScanDeps) {
  if (path === undefined) return scanText({ path: 'command', text }, lookOfCode(language ?? ''), order, deps)
  return scanText({ path, text }, lookOf(path, firstLine(text)), order, deps)
}

/** A file with what is put in; only what was not there before counts, wherever it stands. */
async function ofEdits(
  { path, edits }: Extract<WrittenPiece, { kind: 'edits' }>,
  order: WrittenOrder,
  deps: WrittenScanDeps,
): Promise<readonly Known[]> {
  const at = absolutePath(path, order.cwd)
  const before = at === undefined ? undefined : textThere(at)
  const after = before === undefined ? undefined : edited(before, edits)
  if (before !== undefined && after !== undefined) {
    const look = lookOf(path, firstLine(after))
    return onlyNew(await scanText({ path, text: after }, look, order, deps), () =>
      scanText({ path, text: before }, look, order, deps),
    )
  }
  const found: Known[] = []
  const first = before === undefined ? '' : firstLine(before)
  for (const { old, text } of edits) {
    const look = lookOf(path, first === '' ? firstLine(text) : first)
    const part = await scanText({ path, text, isPart: true }, look, order, deps)
    const was = (): Promise<readonly Known[]> => scanText({ path, text: old ?? '', isPart: true }, look, order, deps)
    found.push(...(old === undefined || old === '' ? part : await onlyNew(part, was)))
  }
  return found
}

async function onlyNew(found: readonly Known[], before: () => Promise<readonly Known[]>): Promise<readonly Known[]> {
  if (found.length === 0) return []
  const counts = new Map<string, number>()
  for (const { key } of await before()) counts.set(key, (counts.get(key) ?? 0) + 1)
  return found.filter(({ key, unread }) => {
    const left = counts.get(key) ?? 0
    counts.set(key, left - 1)
    return unread === true || left <= 0
  })
}

/** A finding with what it is known by, whatever stands around it. */
interface Known extends WrittenFinding {
  readonly key: string
}

/** Without the line of the program that it is known by. */
const told = ({
  path,
  rule,
  category,
  severity,
  line,
  title,
  fix,
  unread: runs,
  inTest: test,
  prints,
}: Known): WrittenFinding => ({
  ...{ path, rule, category, severity, line, title, fix, prints },
  ...(runs === true ? { unread: true } : {}),
  ...(test === true ? { inTest: true } : {}),
})

interface Text {
  readonly path: string
  readonly text: string
  /** It is a piece of a file that nobody has here. */
  readonly isPart?: boolean
}

async function scanText(text: Text, look: Look, order: WrittenOrder, deps: WrittenScanDeps): Promise<readonly Known[]> {
  if (text.text.trim() === '') return []
  switch (look.kind) {
    case 'none':
      return []
    case 'other':
    case 'unknown':
      return [unread(text, order, look.kind === 'unknown', 'There is no parser for this kind of program.')]
    case 'subject':
      return ofSubject(text, order, deps)
    case 'cells': {
      const python = cellsOf(text.text) ?? (text.isPart === true ? withoutMagic(text.text) : undefined)
      if (python === undefined) return [unread(text, order, false, 'It is no notebook.')]
      return ofCode({ ...text, text: python }, 'python', order, deps)
    }
    case 'scripts':
      return ofCode({ ...text, text: scriptsOf(text.text) }, look.language, order, deps)
    case 'code':
      return ofCode(text, look.language, order, deps)
  }
}

function ofCode(file: Text, language: Language, order: WrittenOrder, deps: WrittenScanDeps): readonly Known[] {
  let problem = ''
  for (const { text, lines } of formsOf(file, language)) {
    try {
      const { findings } = deps.code(text, language)
      return known({ ...file, text }, findings, order).map((one) => ({ ...one, line: Math.max(1, one.line - lines) }))
    } catch (thrown) {
      const { detail, entry } = toSallyportError(thrown)
      if (problem === '') problem = detail === '' ? entry.title : detail
    }
  }
  return [unread(file, order, true, problem)]
}

/** A piece of a file is tried where it may stand: by itself, in a function, in a class, in an object. */
function formsOf(
  { text, isPart }: Text,
  language: Language,
): readonly { readonly text: string; readonly lines: number }[] {
  const own = { text, lines: 0 }
  if (isPart !== true || (language !== 'javascript' && language !== 'typescript')) return [own]
  const around = [
    ['async function* part() {', '}'],
    ['class Part {', '}'],
    ['const part = {', '}'],
    ['async function part() { {', '} }'],
  ]
  return [own, ...around.map(([open, close]) => ({ text: `${open}\n${text}\n${close}`, lines: 1 }))]
}

function known(file: Text, findings: readonly CodeFinding[], { cwd, roots }: WrittenOrder): readonly Known[] {
  if (findings.length === 0) return []
  const printed = (path: string): readonly string[] => fingerprints({ path, text: file.text, findings })
  const at = absolutePath(file.path, cwd)
  const below = roots.map((root) => (at === undefined ? undefined : relative(root, at)))
  const prints = below.map((path) => (path === undefined || path.startsWith('..') ? undefined : printed(path)))
  const lines = file.text.split('\n')
  const test = inTest(file.path)
  return findings.map(({ rule, category, severity, line, message, fix }, i) => ({
    ...{ path: file.path, rule, category, line, title: message, fix },
    severity: weighed(severity, rule, message, lines[line - 1] ?? '', test.inTest === true),
    ...test,
    prints: prints.map((each) => each?.[i]),
    key: `${rule}\n${(lines[line - 1] ?? '').replace(/\s+/g, '')}`,
  }))
}

/** Found by the words around it alone, which everyday code has too. */
const BY_WORDS = /: keyed-(?:password|weak)$/
/** Harm is done where the code is shipped; a test has made-up secrets and certificates. */
const WHEN_SHIPPED = /^code\.(?:hardcoded_credentials|weak_crypto)\./

/** A weak digest protects nothing where it is to protect one of these. */
const PROTECTED = /passw|passphrase|pwd|secret|token|credential|signature|hmac/i

function weighed(severity: Severity, rule: string, message: string, line: string, test: boolean): Severity {
  const grave = severity === 'medium' && rule === 'code.weak_crypto.digest' && PROTECTED.test(line) ? 'high' : severity
  const less = BY_WORDS.test(message) || (test && WHEN_SHIPPED.test(rule))
  return less && grave === 'high' ? 'medium' : grave
}

const inTest = (path: string): { readonly inTest?: true } => (isTestPath(path) ? { inTest: true } : {})

async function ofSubject(
  { path, text }: Text,
  { roots }: WrittenOrder,
  deps: WrittenScanDeps,
): Promise<readonly Known[]> {
  const file = subjectFile(path.replace(/^[/\\]+/, ''), Buffer.from(text))
  const findings = await scanSkill({ name: path, files: [file], notes: [] }, await deps.skill())
  return findings.map(({ id, severity, line, title, fix, evidence }: ScanFinding) => ({
    ...{ path, rule: id, category: id.split('.')[1] ?? 'other', severity, line, title, fix },
    ...inTest(path),
    prints: roots.map(() => undefined),
    key: `${id}\n${evidence.replace(/\s+/g, '')}`,
  }))
}

function unread({ path }: Text, { roots }: WrittenOrder, runs: boolean, problem: string): Known {
  const severity: Severity = runs ? 'high' : 'low'
  return {
    ...{ path, rule: 'code.unanalysable.unread', category: 'unanalysable', severity, line: 1 },
    title: `It was not scanned. ${problem}`,
    fix: 'Look at it by hand.',
    ...(runs ? { unread: true } : {}),
    prints: roots.map(() => undefined),
    key: 'unread',
  }
}
