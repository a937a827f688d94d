import { diffPolicies, lintPolicies, wideningReasons, type LintFinding, type PolicyDiff } from '@sallyport/core'
import type { Issue } from '../position.ts'
import type { Preparer } from '../preparer.ts'
import { whyNot, type Prepared, type TestResult } from '../prepared.ts'
import type { LivePolicy } from '../service.ts'
import type { SourceFile } from '../sources.ts'

/** What an editor shows of files that are not in force. */
export interface DraftCheck {
  /** True when nothing but a person stands between these files and being in force. */
  readonly ok: boolean
  readonly problem: { readonly code: string; readonly text: string } | null
  readonly digest: string
  readonly version: string
  readonly ms: number
  readonly issues: readonly Issue[]
  readonly lint: readonly LintFinding[]
  readonly tests: { readonly passed: number; readonly failed: number; readonly results: readonly TestResult[] }
  readonly diff: PolicyDiff
  /** Why more could be allowed than now; empty when it only narrows. */
  readonly widening: readonly string[]
  /** Files whose text differs from the one in force. */
  readonly changed: readonly string[]
}

/** An editor waits for it, so the two engines are compared for a moment only; publishing compares them in full. */
const QUICK = { budgetMs: 60, requests: 2, every: 'policy' } as const

export async function prepareDraft(
  preparer: Preparer,
  files: readonly SourceFile[],
  live: LivePolicy,
): Promise<Prepared> {
  return preparer.prepare(files, { tools: live.tools, extent: 'change', check: QUICK, seed: 1 })
}

/** Errors are those of `Preparer.prepare`: what cannot be parsed is no error but an issue. */
export async function checkDraft(
  preparer: Preparer,
  files: readonly SourceFile[],
  live: LivePolicy,
  monotonic: () => number,
): Promise<DraftCheck> {
  const started = monotonic()
  const prepared = await prepareDraft(preparer, files, live)
  const issues = [...prepared.issues, ...live.stale(files, prepared).map(staleIssue)]
  const problem = whyNot({ ...prepared, issues })
  const { tests } = prepared
  const decided = new Set(tests.coverage.filter(({ fired }) => fired > 0).map(({ id }) => id))
  const before = new Map(live.files.map(({ path, text }) => [path, text]))
  const gone = live.files.filter(({ path }) => !files.some((file) => file.path === path)).map(({ path }) => path)
  return {
    ok: problem === undefined,
    problem: problem ?? null,
    digest: prepared.digest,
    version: prepared.version,
    ms: Math.round(monotonic() - started),
    issues,
    lint: lintPolicies(prepared.policies, tests.results.length === 0 ? undefined : decided),
    tests: { passed: tests.passed, failed: tests.failures.length, results: tests.results },
    diff: diffPolicies(live.policies, prepared.policies),
    widening: wideningReasons(live.policies, prepared.policies),
    changed: [...files.filter(({ path, text }) => before.get(path) !== text).map(({ path }) => path), ...gone],
  }
}

/** `path:1:1 text`, as `versionProblems` says it. */
function staleIssue(problem: string): Issue {
  const [, file = '', message = problem] = /^(.*?):1:1 (.*)$/s.exec(problem) ?? []
  return { severity: 'error', file, line: 1, col: 1, message }
}
