import type { ErrorCode } from '@sallyport/core'
import type { SkillState } from './states.ts'

/** What a skill gets where it stands (E-80). */
export interface SkillTerms {
  readonly serves: 'nobody' | 'internal' | 'everybody'
  /** `trial`: its files are read and run in a trial alone. */
  readonly use: 'trial' | 'gateway'
  /** `declared`: where its reviewed capabilities say `network`. */
  readonly egress: 'never' | 'declared'
  /** `declared`: where its reviewed capabilities say `reads-secrets`; `canaries`: false ones that tell when they are read. */
  readonly secrets: 'canaries' | 'never' | 'declared'
  readonly data: 'synthetic' | 'real'
  /** What a use through the gateway is refused with. */
  readonly refusal?: ErrorCode
}

const NOTHING = { serves: 'nobody', use: 'trial', egress: 'never', secrets: 'canaries', data: 'synthetic' } as const

/** The one table of what a stage gives; the boundary and the trial hold a skill to it. */
export const TERMS: Readonly<Record<SkillState, SkillTerms>> = Object.freeze({
  pending_review: { ...NOTHING, refusal: 'SP_SKILL_NOT_ADMITTED' },
  refused: { ...NOTHING, refusal: 'SP_SKILL_REFUSED' },
  disabled: { ...NOTHING, refusal: 'SP_SKILL_DRIFT' },
  internal: { serves: 'internal', use: 'gateway', egress: 'never', secrets: 'never', data: 'real' },
  external: { serves: 'everybody', use: 'gateway', egress: 'declared', secrets: 'declared', data: 'real' },
})

/** Whether what stands there may be used at all. */
export const isAdmitted = (state: SkillState): state is 'internal' | 'external' => TERMS[state].refusal === undefined
