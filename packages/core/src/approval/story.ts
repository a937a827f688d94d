import type { ArgRole } from '../action/tool.ts'
import type { Origin } from '../flow/facts.ts'

/**
 * What surrounds a request, taken down when it was made, so that everybody is shown the same and signs the same. All of it
 * is what the gateway saw, except `claims`.
 */
export interface ApprovalStory {
  /** Arguments in document order, with what is known of where they came from. */
  readonly provenance?: readonly ArgumentProvenance[]
  /** What changed the labels of this agent instance, oldest first. */
  readonly reads?: readonly StoryRead[]
  readonly earlier?: EarlierCalls
  /** Decisions in force that let this agent do something without being asked again (T-037). */
  readonly grants?: readonly StandingGrant[]
  /** Counterparties to compare look-alikes with (T-033). */
  readonly known?: readonly string[]
  /** Text of the agent about the call; shown apart, last and as a claim (T-036). */
  readonly claims?: Readonly<Record<string, string>>
}

export interface ArgumentProvenance {
  readonly path: string
  readonly role: ArgRole
  readonly origin: Origin
  readonly why: string
  /** Tools in whose results the value stands. */
  readonly from: readonly string[]
}

interface StoryRead {
  readonly at: string
  readonly text: string
}

/** Calls of the same tool by the same agent before this one, as far as the log was looked at. */
export interface EarlierCalls {
  readonly calls: number
  readonly allowed: number
  readonly denied: number
  /** True when there may be more than were counted. */
  readonly more: boolean
  /** For each destination and selector of this call: in how many of them it was the same. */
  readonly same: readonly { readonly path: string; readonly count: number }[]
  /** Arguments that none of them had. */
  readonly newArguments: readonly string[]
}

interface StandingGrant {
  readonly tool: string
  /** Destinations it is for. */
  readonly sinks: readonly string[]
  /** ms since 1970 */
  readonly until: number
}
