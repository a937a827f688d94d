import type { Outcome, PolicySource } from '@sallyport/core'
import type { Issue } from './position.ts'

/** A policy file as it stands in a prepared set. */
interface PreparedFile {
  readonly path: string
  readonly version: string
  readonly digest: string
  readonly policies: number
}

/** What the two engines said about the same generated requests. */
export interface SelfCheckReport {
  readonly requests: number
  readonly policies: number
  /** Ids of policies that the time did not suffice for. */
  readonly skipped: readonly string[]
  readonly disagreements: readonly string[]
  readonly ms: number
}

export interface TestFailure {
  readonly file: string
  readonly line: number
  readonly col: number
  readonly test: string
  readonly message: string
}
/** One test and what came of it. */
export interface TestResult {
  readonly file: string
  readonly line: number
  readonly test: string
  /** The tool that is called. */
  readonly call: string
  /** `refuse`: the test does not say whether somebody is asked. */
  readonly expected: Outcome | 'refuse'
  /** The rule that has to decide, when the test names one. */
  readonly expectedBy?: string
  /** Absent when it could not be run. */
  readonly got?: Outcome
  readonly by: readonly string[]
  readonly reason: string
  readonly ok: boolean
}
export interface TestReport {
  readonly passed: number
  readonly failures: readonly TestFailure[]
  readonly results: readonly TestResult[]
  /** Per policy: how many tests it decided, and how many it was asked in and stayed out of. */
  readonly coverage: readonly {
    readonly id: string
    readonly kind: string
    readonly file: string
    readonly fired: number
    readonly quiet: number
  }[]
}

/**
 * A set of policies, parsed, validated and checked: all that a gateway needs to build its buckets. Plain data, so that it
 * can come out of a worker thread or a cache.
 */
export interface Prepared {
  /** SHA-256 over paths and digests of the policy files (tests do not count). */
  readonly digest: string
  readonly version: string
  readonly files: readonly PreparedFile[]
  readonly policies: readonly PolicySource[]
  /** Actions that policies name and that no inspected server has yet: policy id → action ids. */
  readonly inactive: Readonly<Record<string, readonly string[]>>
  /** Tools that the policies do not fit: every call is denied. */
  readonly blocked: Readonly<Record<string, string>>
  /** Policies that the stock engine answers, with the construct: id → construct. */
  readonly unsupported: Readonly<Record<string, string>>
  readonly issues: readonly Issue[]
  readonly selfCheck: SelfCheckReport
  readonly tests: TestReport
}

/** One line why these policies must not be loaded, or undefined. */
export function whyNot({ issues, tests, selfCheck: check }: Prepared): Refused | undefined {
  const errors = issues.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (first !== undefined) {
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
    return { code: 'SP_POLICY_INVALID', text: `${first.file}:${first.line}:${first.col} ${first.message}${more}` }
  }
  const [red] = tests.failures
  if (red !== undefined) {
    const more = tests.failures.length > 1 ? ` (and ${tests.failures.length - 1} more)` : ''
    return {
      code: 'SP_POLICY_TEST_FAILED',
      text: `${red.file}:${red.line}:${red.col} ${red.test}: ${red.message}${more}`,
    }
  }
  const [difference] = check.disagreements
  return difference === undefined ? undefined : { code: 'SP_POLICY_DISAGREE', text: difference.slice(0, 500) }
}

export interface Refused {
  readonly code: 'SP_POLICY_INVALID' | 'SP_POLICY_TEST_FAILED' | 'SP_POLICY_DISAGREE'
  readonly text: string
}
