import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError, type PostureFinding } from '@sallyport/core'
import { LARGEST, scanContent, unread, type ScannedContent } from '../scan/changes/scan-content.ts'
import { fingerprints } from '../scan/code/baseline.ts'
import type { ScanCode } from '../scan/code/scan-code.ts'
import { readSubject } from '../scan/files/read-subject.ts'
import type { ScanFinding } from '../scan/finding.ts'
import { scanMcp } from '../scan/mcp/scan-mcp.ts'
import { scanSkill } from '../scan/skill/scan-skill.ts'
import type { ScanDeps } from '../scan/skill/deps.ts'
import { walk, type Unwalked } from '../scan/walk.ts'
import type { GateFinding } from './gate.ts'

/** Milliseconds that one skill may take. */
const LONGEST = 60_000
const SKILL = /(?:^|\/)SKILL\.md$/
const SERVERS = /(?:^|\/)\.?mcp\.json$/

export interface TreeDeps {
  readonly scan: ScanCode
  /** Made when there is a skill or a list of servers. */
  readonly deps: () => Promise<ScanDeps>
  /** Monotonic milliseconds. */
  readonly now: () => number
}

/** Everything below a directory: secrets, programs, skills, configurations of MCP clients. */
export async function scanTree(
  root: string,
  { scan, deps, now }: TreeDeps,
): Promise<{ readonly files: number; readonly findings: readonly GateFinding[] }> {
  const found = new Map<string, GateFinding>()
  const add = (finding: GateFinding): void => {
    const key = `${finding.id}\0${finding.file}\0${finding.line}\0${finding.column}`
    if (!found.has(key)) found.set(key, finding)
  }
  let files = 0
  const unwalked = ({ name, message }: Unwalked): void => {
    for (const one of gateFindings(unread(name, message, message))) add(one)
  }
  for (const { path, name, bytes } of walk(root, unwalked)) {
    files++
    for (const content of contentOf(path, name, bytes, scan)) for (const one of gateFindings(content)) add(one)
    if (SKILL.test(name)) {
      const folder = name.slice(0, -'SKILL.md'.length)
      const subject = await readSubject(join(root, folder), { now, deadline: now() + LONGEST })
      for (const one of await scanSkill(subject, await deps())) add(ofScan({ ...one, file: `${folder}${one.file}` }))
    }
    if (SERVERS.test(name))
      for (const one of scanMcp('tools', [[name, readFileSync(path, 'utf8')]], await deps()))
        add(ofScan({ ...one, file: name }))
  }
  return { files, findings: [...found.values()] }
}

function contentOf(path: string, name: string, bytes: number, scan: ScanCode): readonly ScannedContent[] {
  if (bytes > LARGEST) return [unread(name, String(bytes), `it has ${bytes} bytes.`)]
  try {
    return scanContent(name, readFileSync(path), scan)
  } catch (thrown) {
    return [unread(name, 'unreadable', toSallyportError(thrown).message)]
  }
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
