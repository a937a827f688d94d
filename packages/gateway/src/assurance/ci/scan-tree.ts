import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PostureFinding } from '@sallyport/core'
import { unread, type ScannedContent } from '../scan/changes/scan-content.ts'
import { fingerprints } from '../scan/code/baseline.ts'
import { readSubject } from '../scan/files/read-subject.ts'
import type { ScanFinding } from '../scan/finding.ts'
import { scanMcp } from '../scan/mcp/scan-mcp.ts'
import { scanSkill } from '../scan/skill/scan-skill.ts'
import type { ScanDeps } from '../scan/skill/deps.ts'
import { inOrder, type FileScanner } from '../scan/threads/file-scanner.ts'
import { walk, type FoundFile, type Unwalked } from '../scan/walk.ts'
import type { GateFinding } from './gate.ts'

/** Milliseconds that one skill may take. */
const LONGEST = 60_000
const SKILL = /(?:^|\/)SKILL\.md$/
const SERVERS = /(?:^|\/)\.?mcp\.json$/

export interface TreeDeps {
  readonly scanner: FileScanner
  /** Made when there is a skill or a list of servers. */
  readonly deps: () => Promise<ScanDeps>
  /** Monotonic milliseconds. */
  readonly now: () => number
}

/** The files of a directory, and what could not be looked into. */
export interface Tree {
  readonly root: string
  readonly files: readonly FoundFile[]
  readonly bytes: number
  readonly unwalked: readonly Unwalked[]
}

/** @param tracked files of the repository, relative to `root`, which no `.gitignore` takes out */
export function treeOf(root: string, tracked?: ReadonlySet<string>): Tree {
  const unwalked: Unwalked[] = []
  const files = [...walk(root, (of) => unwalked.push(of), tracked)]
  return { root, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), unwalked }
}

/** Everything below a directory: secrets, programs, skills, configurations of MCP clients. */
export async function scanTree(
  { root, files, unwalked }: Tree,
  { scanner, deps, now }: TreeDeps,
): Promise<readonly GateFinding[]> {
  const found = new Map<string, GateFinding>()
  const add = (finding: GateFinding): void => {
    const key = `${finding.id}\0${finding.file}\0${finding.line}\0${finding.column}`
    if (!found.has(key)) found.set(key, finding)
  }
  for (const { name, message } of unwalked) for (const one of gateFindings(unread(name, message, message))) add(one)
  const contents = await inOrder(files, scanner.width, (file) => scanner.content(file))
  for (const [i, { path, name }] of files.entries()) {
    for (const content of contents[i] ?? []) for (const one of gateFindings(content)) add(one)
    if (SKILL.test(name)) {
      const folder = name.slice(0, -'SKILL.md'.length)
      const subject = await readSubject(join(root, folder), { now, deadline: now() + LONGEST })
      for (const one of await scanSkill(subject, await deps())) add(ofScan({ ...one, file: `${folder}${one.file}` }))
    }
    if (SERVERS.test(name))
      for (const one of scanMcp('tools', [[name, readFileSync(path, 'utf8')]], await deps()))
        add(ofScan({ ...one, file: name }))
  }
  return [...found.values()]
}

function gateFindings(content: ScannedContent): readonly GateFinding[] {
  const prints = fingerprints(content)
  return content.findings.map(({ rule, severity, message, line, column, start, end, fix, cwe, category }, i) => ({
    ...{ id: rule, severity, title: message, file: content.path, line, column, fix },
    why: WHY.get(category) ?? 'What the program does here is up to whoever chooses its input.',
    evidence:
      category === 'hardcoded_credentials' ? '(not shown)' : content.text.slice(start, Math.min(end, start + 160)),
    fingerprint: prints[i] ?? '',
    ...(cwe !== undefined && { cwe }),
  }))
}

const WHY = new Map<string, string>([
  ['hardcoded_credentials', 'Whoever reads the repository can use it, and its history keeps it.'],
  ['unanalysable', 'What was not read may do anything.'],
])

const ofScan = (finding: ScanFinding): GateFinding => ({
  ...finding,
  fingerprint: printOf(finding.id, finding.file, finding.evidence),
})

/** What is known against a dependency, as a finding of the gate. */
export const ofPosture = ({
  id,
  severity,
  subject,
  detail,
  why,
  remediation,
  file,
  line,
}: PostureFinding): GateFinding => ({
  ...{ id, severity, title: `${subject}: ${detail}`, file: file ?? subject, line: line ?? 1, column: 1 },
  ...{ evidence: subject, why: why ?? '', fix: remediation, fingerprint: printOf(id, subject, detail) },
})

const printOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)
