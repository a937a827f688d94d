import type { ArgRole } from '../action/tool.ts'

/**
 * Where an argument came from, best first: `user` said it over a proven channel · `known` to the operator's book or vouched for by
 * a human · `trusted` results only · a `record` that the user named · `model`: the model's own, in a session that has read nothing
 * untrusted · `ambiguous`: the user's words do not settle it · `untrusted`: seen in untrusted text, or explained by nothing in a
 * session that has read some.
 */
export const ORIGINS = Object.freeze(['user', 'known', 'trusted', 'record', 'model', 'ambiguous', 'untrusted'] as const)
export type Origin = (typeof ORIGINS)[number]

/** What flow control tells policy of one call. Sets hold the distinct origins of all leaves of that role. */
export interface FlowFacts {
  readonly sinks: readonly Origin[]
  readonly selectors: readonly Origin[]
  readonly audiences: readonly Origin[]
  /** Origins of the web addresses, mail addresses and account numbers that stand in content and parameters (T-103). */
  readonly contentSinks: readonly Origin[]
  /** A naming leaf is the user's, known, trusted or of a named record: the call is about something the user meant. */
  readonly anchored: boolean
  /** Every argument but plain parameters is the user's own words. */
  readonly spelledOut: boolean
  /** The effect of this very call goes outside (an argument can make an external tool stay inside). */
  readonly reaches: boolean
  /** Content that may carry confidential data: a detail of it, or more than a word that nobody vouches for. */
  readonly confidentialContent: boolean
  /** A code, number or address that stands in confidential results and that the user did not say. */
  readonly confidentialDetail: boolean
  /** More than a word of the content is neither the user's nor from trusted results, in a tainted session. */
  readonly untrustedContent: boolean
  /** Confidentiality of what the arguments carry, 0–3. */
  readonly contentConfidentiality: number
  /** Amounts that no user named, in minor units, summed over the tainted session with this call; 0 when it has none. */
  readonly unvouchedMinor: number
  /** This agent has read untrusted text / confidential data. */
  readonly seenUntrusted: boolean
  readonly seenConfidential: boolean
  /** `none` declared · this tool is `in` the declared plan · `out` of it. */
  readonly plan: 'none' | 'in' | 'out'
}

/** Why a leaf has its origin: for the approver and `session show`. */
export interface LeafOrigin {
  readonly path: string
  readonly role: ArgRole
  readonly value: string
  readonly origin: Origin
  readonly why: string
  /** Tools in whose results the value stands. */
  readonly from: readonly string[]
}

export interface FlowAssessment {
  readonly facts: FlowFacts
  readonly leaves: readonly LeafOrigin[]
  /** Letters and digits of the content that neither the user nor trusted results explain. */
  readonly unvouched: number
}

export const NO_FLOW: FlowFacts = Object.freeze({
  sinks: Object.freeze([]),
  selectors: Object.freeze([]),
  audiences: Object.freeze([]),
  contentSinks: Object.freeze([]),
  anchored: true,
  spelledOut: false,
  reaches: true,
  confidentialContent: false,
  confidentialDetail: false,
  untrustedContent: false,
  contentConfidentiality: 0,
  unvouchedMinor: 0,
  seenUntrusted: false,
  seenConfidential: false,
  plan: 'none',
})
