import { lstat, realpath } from 'node:fs/promises'
import { SallyportError, severityRank } from '@sallyport/core'
import { machineFiles } from '../posture/hosts/files.ts'
import { inOrder, type ScanFinding } from '../scan/finding.ts'
import type { ScanDeps } from '../scan/skill/deps.ts'
import { createBench } from './bench.ts'
import { findFiles, INSPECT_LIMITS, type InspectLimits } from './find-files.ts'
import { AGENT_FILE, projectOf, readAgents } from './readers/agents.ts'
import { READERS } from './readers/all.ts'
import { readSkill, SKILL_FILE } from './readers/skills.ts'
import type { Inspection, Started } from './started.ts'

export interface InspectOptions {
  readonly deps: ScanDeps
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly limits?: InspectLimits
  /** Called now and then while it takes long. */
  readonly progress?: (looked: number, path: string) => void
}

/**
 * What a folder would run, or have an agent load, when somebody or an agent opens, installs or commits in it (T-041, T-141). Nothing of it
 * is run, no link is followed out of it, and what could not be read is a row.
 * @throws SallyportError SP_CLI_USAGE when there is no such folder
 */
export async function inspectFolder(root: string, options: InspectOptions): Promise<Inspection> {
  const { deps, now, limits = INSPECT_LIMITS, progress = () => undefined } = options
  await assertFolder(root)
  const rows: Started[] = []
  const findings: ScanFinding[] = []
  const bench = createBench(await realpath(root), { deps, files: machineFiles, rows, findings })
  const deadline = now() + limits.time
  const { paths, gaps } = await findFiles(
    root,
    (path) => AGENT_FILE.test(path) || SKILL_FILE.test(path) || READERS.some((reader) => reader.path.test(path)),
    { now, limits, progress },
  )
  const unreadable = (path: string, what: string): void =>
    bench.row({ kind: 'unreadable', when: 'it is loaded', what, file: path === '' ? '.' : path, severity: 'high' })
  for (const { path, why } of gaps) unreadable(path, why)
  const late = (path: string): boolean => {
    if (now() <= deadline) return false
    unreadable(path, `The time of ${limits.time / 1000} s was up; this file and those after it were not looked at.`)
    return true
  }
  for (const project of new Set(paths.filter((path) => AGENT_FILE.test(path)).map(projectOf))) {
    if (late(project)) break
    await readAgents(project, bench)
  }
  for (const [index, path] of paths.entries()) {
    if (late(path)) break
    if (index > 0 && index % 100 === 0) progress(index, path)
    for (const reader of READERS) {
      if (!reader.path.test(path)) continue
      const text = await bench.read(path)
      if (text !== undefined) await reader.read(path, text, bench)
    }
    if (SKILL_FILE.test(path)) await readSkill(path, bench, { now, deadline })
  }
  return { rows: sorted(rows), findings: inOrder(findings), files: paths.length }
}

async function assertFolder(root: string): Promise<void> {
  try {
    if ((await lstat(root)).isDirectory()) return
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `${root} cannot be read.`, { cause })
  }
  throw new SallyportError('SP_CLI_USAGE', `${root} is not a folder.`)
}

/** Worst first, then by place; a thing said twice once. */
function sorted(rows: readonly Started[]): readonly Started[] {
  const seen = new Map(rows.map((row) => [[row.id, row.when, row.what, row.file, row.line].join('\0'), row]))
  return [...seen.values()].toSorted(
    (a, b) =>
      severityRank(b.severity) - severityRank(a.severity) ||
      (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line),
  )
}
