import type { Severity } from '../policy/decision.ts'

/** One place in a text where a detector saw something. Offsets are UTF-16 units in the text as it was given. */
export interface Finding {
  /** Stable id of the rule, e.g. `secret.github`. */
  readonly rule: string
  readonly category: string
  readonly severity: Severity
  readonly start: number
  readonly end: number
  /** The finding lies in a decoded form (`base64`, `url>base64`): start and end cover the encoded run. */
  readonly decoded?: string
}
