import { SallyportError } from '@sallyport/core'

/**
 * Where a version of a skill stands (E-80): `pending_review` lies in quarantine · `internal` serves the agents of people who
 * belong here · `external` serves visitors too · `refused` was not taken · `disabled` was admitted and is off.
 */
export const SKILL_STATES = ['pending_review', 'internal', 'external', 'refused', 'disabled'] as const
export type SkillState = (typeof SKILL_STATES)[number]

/** What is done with a version. `admit`: an entry of the allow list stands for the review of a person. */
export type SkillAct = 'approve' | 'reject' | 'promote' | 'disable' | 'admit'

const STEPS: Readonly<Record<SkillAct, Readonly<Partial<Record<SkillState, SkillState>>>>> = {
  approve: { pending_review: 'internal', disabled: 'internal' },
  admit: { pending_review: 'internal', disabled: 'internal' },
  promote: { internal: 'external' },
  reject: { pending_review: 'refused', disabled: 'refused' },
  disable: { pending_review: 'disabled', internal: 'disabled', external: 'disabled' },
}

/** @throws SallyportError SP_SKILL_STATE when the act is not possible there: no step is ever skipped (E-80) */
export function stepFrom(state: SkillState, act: SkillAct): SkillState {
  const next = STEPS[act][state]
  if (next === undefined) throw new SallyportError('SP_SKILL_STATE', `It is ${state}; ${act} does not go from there.`)
  return next
}

/** Who asks for a skill: an agent that visitors talk to gets less than one of the house. */
export type Surface = 'internal' | 'external'
