import type { JsonObject, RegisteredTool } from '@sallyport/core'
import type { CallHold } from './held.ts'
import type { Caller, DescribedCall, IncomingCall, Refusal } from './ports.ts'

/** A call as the guard on skills sees it. */
export interface SkillUse {
  readonly tool: RegisteredTool
  readonly args: JsonObject
  readonly call: Pick<IncomingCall, 'cwd' | 'enforcement' | 'server' | 'tool'>
  readonly caller: Pick<Caller, 'principal'>
  readonly described: Pick<DescribedCall, 'facts' | 'effect'>
}

/** What the skills behind a call say to it. */
export interface SkillVerdict {
  readonly refusal?: Refusal
  readonly hold?: CallHold
}

/**
 * Step 4, last part: a skill that is not admitted is neither read nor run, one that is gets what its stage gives (E-80), and what
 * needs a person waits for one (HB-33).
 */
export interface SkillUsePort {
  /** Undefined, and nothing done, where there are no skills. Never rejects; what the call loads counts when it resolves. */
  look(use: SkillUse): Promise<SkillVerdict> | undefined
}
