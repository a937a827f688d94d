import type { PostureFinding, PostureFix, PostureSeverity } from '@sallyport/core'
import type { Facts, Given, Looked, Need } from './facts.ts'

type PostureCategory =
  | 'identity'
  | 'data'
  | 'network'
  | 'gateway'
  | 'monitoring'
  | 'supply'
  | 'filesystem'
  | 'tools'
  | 'isolation'
  | 'secrets'
  | 'policy'
  | 'logging'
  | 'hooks'
  | 'channels'
  | 'browser'
  | 'plugins'
  | 'models'
  | 'config'

/** One finding as a check makes it; what it leaves out is the check's own. */
export interface Found {
  readonly severity: PostureSeverity
  readonly subject: string
  readonly detail: string
  readonly remediation?: string
  readonly why?: string
  readonly file?: string
  readonly line?: number
  readonly fix?: PostureFix
}

/** What looking came to. Nothing found is said with what was looked at. */
export type Outcome =
  | { readonly state: 'found'; readonly found: readonly Found[] }
  | { readonly state: 'fine'; readonly proof: string }
  | { readonly state: 'unknown'; readonly why: string; readonly hides: boolean }
  | { readonly state: 'not-installed'; readonly what: string }

export interface PostureCheck<N extends Need = Need> {
  /** Stable; also the anchor on the page of findings. */
  readonly id: string
  readonly category: PostureCategory
  /** What it may report, worst first. */
  readonly severities: readonly PostureSeverity[]
  /** What is checked, as a sentence that holds when all is well. */
  readonly title: string
  /** What it lets happen when it is not. */
  readonly why: string
  readonly remediation: string
  /** Requirements that ask for it. */
  readonly requirements: readonly string[]
  readonly needs: readonly N[]
  /** `facts`: what it may also look at, where that is known. */
  readonly run: (on: Given<N>, facts: Facts) => Outcome
}

/** The page of all findings. */
export const PAGE = 'docs/reference/posture.md'

/** The place that says more about a finding. */
export const docsOf = (id: string): string => `${PAGE}#${id.replace(/[^a-z0-9_]/g, '')}`

/** A check whose judgement sees exactly what it names under `needs`. */
export const check = <const N extends Need>(one: PostureCheck<N>): PostureCheck => one as unknown as PostureCheck

/** Finds something, or is fine; `proof` says what was looked at. */
export const foundOr = (found: readonly Found[], proof: string): Outcome =>
  found.length > 0 ? { state: 'found', found } : { state: 'fine', proof }

const unknown = (why: string, hides = true): Outcome => ({ state: 'unknown', why, hides })

/** Checks and what came of them. */
export interface Judged {
  readonly check: PostureCheck
  readonly outcome: Outcome
}

/** Runs checks over what was gathered. A part that could not be looked at is never taken for clean, and a check that throws neither. */
export function judge(checks: readonly PostureCheck[], facts: Facts): readonly Judged[] {
  return checks.map((one) => ({ check: one, outcome: outcomeOf(one, facts) }))
}

function outcomeOf(one: PostureCheck, facts: Facts): Outcome {
  for (const need of one.needs) {
    const part: Looked<unknown> = facts[need]
    if (part.state !== 'known') return part
  }
  const given = Object.fromEntries(
    one.needs.flatMap((need) => {
      const part: Looked<unknown> = facts[need]
      return part.state === 'known' ? [[need, part.value]] : []
    }),
  )
  try {
    return one.run({ ...given, now: facts.now } as Parameters<PostureCheck['run']>[0], facts)
  } catch (thrown) {
    return unknown(`The check itself failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}

/** Findings of what was judged, with everything that a report needs. */
export const findingsOf = (judged: readonly Judged[]): readonly PostureFinding[] =>
  judged.flatMap(({ check: { id, title, why, remediation }, outcome }) => {
    if (outcome.state === 'not-installed')
      return [
        {
          ...({ id, severity: 'info', subject: 'not installed', why } as const),
          detail: `Not installed: ${outcome.what}`,
          remediation: `Nothing to do. Once it is there, this is checked: ${title}`,
        },
      ]
    if (outcome.state !== 'found') return []
    return outcome.found.map((one): PostureFinding => ({ id, remediation, why, ...one }))
  })
