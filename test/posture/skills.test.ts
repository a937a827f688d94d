import { describe, expect, test } from 'vitest'
import type { SkillEntry, SkillVersion } from '../../packages/gateway/src/assurance/admission/register.ts'
import { findingsOf, judge } from '../../packages/gateway/src/assurance/posture/check.ts'
import { POSTURE_CHECKS } from '../../packages/gateway/src/assurance/posture/checks.ts'
import { factsOf } from '../../packages/gateway/src/cli/security/skill-facts.ts'
import { facts } from './fixtures.ts'

const version = (hash: string, changes: Partial<SkillVersion> = {}): SkillVersion => ({
  ...{ hash, parts: {}, files: [], state: 'internal', publishers: [], capabilities: [], requiresApproval: false },
  ...{ verdict: 'allow', findings: [], found: 0, provenance: { source: 'registry', notes: [] } },
  history: [{ at: 1, to: 'internal', by: 'ana', reason: 'looked at', of: 'person' }],
  ...changes,
})
const entry = (versions: readonly SkillVersion[], internal: readonly string[]): SkillEntry => ({
  ...{ versions, internal, external: [] },
})
const found = (one: SkillEntry): readonly string[] =>
  findingsOf(judge(POSTURE_CHECKS, facts({ skills: factsOf('notes', one) })))
    .filter(({ id }) => /skill|secret/.test(id))
    .map(({ id, severity }) => `${severity} ${id}`)

describe('skills of the register', () => {
  test('HB-119 HB-136 HB-137: one that a person let in is fine; those that were replaced are not looked at', () => {
    const old = version('a', { history: [] })
    expect(found(entry([old, version('b')], ['a', 'b']))).toEqual([])
  })

  test('HB-136: one that serves without a decision of a person is high, one that waits is to know', () => {
    const byScan = version('a', { history: [{ at: 1, to: 'internal', by: 'scan', reason: 'x', of: 'scan' }] })
    expect(found(entry([byScan], ['a']))).toEqual(['high supply.skill_review'])
    expect(found(entry([version('a', { state: 'pending_review' })], []))).toEqual(['info supply.skill_review'])
    expect(found(entry([version('a', { state: 'refused' }), version('b', { state: 'disabled' })], ['b']))).toEqual([])
  })
})
