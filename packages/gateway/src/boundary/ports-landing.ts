import type { Change, LandingRefusal } from '@sallyport/core'
import type { Refusal, Verdict } from './ports.ts'

/** Policy about a call that ran, now that it is known what it would change: absolute paths, all below `cwd` (E-69). */
export type DecideWritten = (written: readonly string[], cwd: string) => Verdict<null>

/** What a released call did to its copy of a workspace and would like to land there (E-69). */
export interface LandingRequest {
  readonly server: string
  /** `<server>.<tool>`. */
  readonly tool: string
  /** Canonical path of what the changes are of. */
  readonly workspace: string
  readonly decideWritten: DecideWritten
  readonly changes: readonly Change[]
  /** Those that never land. */
  readonly refused: readonly LandingRefusal[]
  /** A changed file as text, as it was and as it is; a new one was nothing. */
  readonly textsOf: (change: Change) => { readonly before: string; readonly after: string }
}

export type LandingVerdict = { readonly ok: true } | Refusal

/**
 * The second decision about a call that writes: its effect was released, what became of it was not. Resolves when the verdict is on
 * record; rejects with SP_AUDIT_* and then nothing may land.
 */
export type LandingPort = (request: LandingRequest) => Promise<LandingVerdict>
