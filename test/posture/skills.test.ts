import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import { approveSkill } from '../../packages/gateway/src/assurance/admission/decide.ts'
import { findingsOf, judge } from '../../packages/gateway/src/assurance/posture/check.ts'
import { POSTURE_CHECKS } from '../../packages/gateway/src/assurance/posture/checks.ts'
import { admissionOf } from '../../packages/gateway/src/cli/skills/room.ts'
import { skillFacts } from '../../packages/gateway/src/cli/security/skill-facts.ts'
import { bundleOf, directory } from '../admission/kit.ts'
import { facts } from './fixtures.ts'

const IDS = ['supply.skill_review', 'supply.skill_hash', 'identity.skill_scope', 'monitoring.drift']

/** Every file below, made writable, as somebody with this account can. */
function tamper(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name)
    chmodSync(file, entry.isDirectory() ? 0o700 : 0o600)
    if (entry.name === 'SKILL.md') writeFileSync(file, '---\nname: notes\ndescription: Other.\n---\n')
  }
}

describe('the audit and skills of this gateway', () => {
  it('HB-119 HB-136 HB-137: a reviewed skill is fine, one that changed in place is found, and none at all is said', async () => {
    const io = { stateDir: directory() }
    mkdirSync(join(io.stateDir, 'run'))
    const found = async () => {
      const skills = await skillFacts(io)
      const told = findingsOf(judge(POSTURE_CHECKS, { ...facts(), skills }))
      return told.filter(({ id }) => IDS.includes(id)).map(({ id, severity }) => `${severity} ${id}`)
    }
    expect(await found()).toContain('info supply.skill_hash')
    const deps = admissionOf(io)
    const { hash } = await admitBundle(bundleOf('notes'), deps, 'account:ana')
    await approveSkill({ name: 'notes', hash, by: 'operator:ana', reason: 'looked at it' }, true, deps)
    expect(await found()).toEqual([])
    tamper(join(io.stateDir, 'skills', 'internal'))
    expect(await found()).toEqual(['high monitoring.drift', 'high supply.skill_hash'])
  })
})
