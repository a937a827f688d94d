import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import {
  allowSkill,
  approveSkill,
  disableSkill,
  promoteSkill,
  rejectSkill,
  removeSkill,
  rollBackSkill,
} from '../../packages/gateway/src/assurance/admission/decide.ts'
import { createSkillGate } from '../../packages/gateway/src/assurance/admission/gate.ts'
import { TERMS } from '../../packages/gateway/src/assurance/admission/terms.ts'
import { SKILL_STATES, stepFrom, type SkillAct } from '../../packages/gateway/src/assurance/admission/states.ts'
import { bundleOf, room, SKILL, tree } from './kit.ts'

const by = { by: 'operator:ana', reason: 'looked at it' }
const second = { 'SKILL.md': `${SKILL}Second edition.\n` }

describe('steps of a skill', () => {
  it('E-80 HB-32: external is reached through quarantine and internal only, one decision each', () => {
    const acts: readonly SkillAct[] = ['approve', 'reject', 'promote', 'disable', 'admit']
    const to = (wanted: string) =>
      SKILL_STATES.flatMap((from) =>
        acts.flatMap((act) => {
          try {
            return stepFrom(from, act) === wanted ? [`${from} ${act}`] : []
          } catch {
            return []
          }
        }),
      )
    expect(to('external')).toEqual(['internal promote'])
    expect(to('internal')).toEqual([
      'pending_review approve',
      'pending_review admit',
      'disabled approve',
      'disabled admit',
    ])
    expect(to('pending_review')).toEqual([])
  })

  it('E-80 HB-31 HB-32: nothing is loaded before its review, nothing is shown to visitors before the second', async () => {
    const deps = room()
    const gate = createSkillGate({ ...deps, tell: () => undefined })
    const { hash } = await admitBundle(bundleOf('notes'), deps, 'ana')
    await expect(gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_NOT_ADMITTED' })
    await expect(promoteSkill({ name: 'notes', hash, ...by }, deps)).rejects.toMatchObject({ code: 'SP_SKILL_STATE' })
    await approveSkill({ name: 'notes', hash, ...by }, false, deps)
    expect((await gate.load('notes', 'internal')).state).toBe('internal')
    await expect(gate.load('notes', 'external')).rejects.toMatchObject({ code: 'SP_SKILL_NOT_ADMITTED' })
    await promoteSkill({ name: 'notes', hash, ...by }, deps)
    expect((await gate.load('notes', 'external')).hash).toBe(hash)
    expect((await gate.load('notes', 'internal')).hash).toBe(hash)
  })

  it('E-80: in quarantine a skill gets no credentials, no way out and no real data', () => {
    for (const state of ['pending_review', 'refused', 'disabled'] as const)
      expect(TERMS[state]).toMatchObject({
        ...{ serves: 'nobody', use: 'trial', egress: 'never', secrets: 'canaries', data: 'synthetic' },
        refusal: expect.stringMatching(/^SP_SKILL_/),
      })
    expect(TERMS.internal).toEqual({
      ...{ serves: 'internal', use: 'gateway', egress: 'never', secrets: 'never', data: 'real' },
    })
    expect(TERMS.external).toMatchObject({ serves: 'everybody', egress: 'declared', secrets: 'declared' })
  })

  it('E-80: an allow rule that says external lets in to internal first', async () => {
    const deps = room()
    const { hash } = await admitBundle(bundleOf('notes'), room(), 'ana')
    await allowSkill({ name: 'notes', hash, source: '/skills/notes', to: 'external', ...by, at: 1 }, deps)
    expect((await admitBundle(bundleOf('notes'), deps, 'ana')).state).toBe('internal')
    expect((await admitBundle(bundleOf('notes'), deps, 'ana')).state).toBe('external')
  })

  it.each([
    ['runs programs', '---\nname: notes\nallowed-tools: Bash\n---\n# Notes\n'],
    ['changes files', '---\nname: notes\nallowed-tools: Write\n---\n# Notes\n'],
  ])('HB-18 E-91: a skill that %s is never for strangers, by a person or by a list', async (_, text) => {
    const deps = room()
    const bundle = bundleOf('notes', { 'SKILL.md': text })
    const { hash } = await admitBundle(bundle, deps, 'ana')
    await approveSkill({ name: 'notes', hash, ...by }, true, deps)
    await expect(promoteSkill({ name: 'notes', hash, ...by }, deps)).rejects.toMatchObject({ code: 'SP_SURFACE_TOOL' })
    await allowSkill({ name: 'notes', hash, source: '/skills/notes', to: 'external', ...by, at: 1 }, deps)
    expect((await admitBundle(bundle, deps, 'ana')).state).toBe('internal')
  })

  it('HB-31: a review is bound to the hash that was looked at, and says who and why', async () => {
    const deps = room()
    const { hash } = await admitBundle(bundleOf('notes'), deps, 'ana')
    const other = hash.replace(/^./, (first) => (first === 'a' ? 'b' : 'a'))
    await expect(approveSkill({ name: 'notes', hash: other, ...by }, false, deps)).rejects.toMatchObject({
      code: 'SP_SKILL_UNKNOWN',
    })
    const approved = await approveSkill({ name: 'notes', hash, ...by }, false, deps)
    expect(approved.history.at(-1)).toMatchObject({ to: 'internal', ...by })
    expect(approved.history.at(-1)?.at).toBeGreaterThan(0)
  })

  it('HB-33: what changes data or goes out and does not say requires_approval fails validation', async () => {
    const deps = room()
    const script = { 'scripts/send.py': 'import requests\nrequests.post("https://api.example.com/x", json=data)\n' }
    const text = (flag: string) => `---\nname: notes\ndescription: Sends notes.\n${flag}---\nSend them.\n`
    const bad = await admitBundle(bundleOf('notes', { 'SKILL.md': text(''), ...script }), deps, 'ana')
    expect(bad.version.findings.map(({ id }) => id)).toContain('skill.validation.requires-approval')
    expect(bad.version.capabilities).toContain('network')
    const decision = { name: 'notes', hash: bad.hash, ...by }
    await expect(approveSkill(decision, false, deps)).rejects.toMatchObject({ code: 'SP_SKILL_INVALID' })
    const good = await admitBundle(
      bundleOf('notes', { 'SKILL.md': text('requires_approval: true\n'), ...script }),
      deps,
      'ana',
    )
    expect(good.version.findings.map(({ id }) => id)).not.toContain('skill.validation.requires-approval')
    await approveSkill({ ...decision, hash: good.hash }, false, deps)
    // the reviewer may say it for the author; then it holds here
    expect((await approveSkill(decision, true, deps)).requiresApproval).toBe(true)
    const gate = createSkillGate({ ...deps, tell: () => undefined })
    expect((await gate.load('notes', 'internal')).requiresApproval).toBe(true)
  })

  it.each([
    ['allowed-tools: [Bash]', true],
    ['allowed-tools: Read, WebFetch', true],
    ['allowed-tools: [Write]', true],
    ['allowed-tools: [Read, Grep]', false],
    ['allowed-tools: Bash(git log:*)', false],
  ])('HB-33: %s needs approval: %s', async (line, needs) => {
    const admission = await admitBundle(
      bundleOf('notes', { 'SKILL.md': `---\nname: notes\n${line}\n---\nx\n` }),
      room(),
      'ana',
    )
    expect(admission.version.findings.some(({ id }) => id === 'skill.validation.requires-approval')).toBe(needs)
  })

  it('TM-PERSIST-002 HB-35: an update waits for its own review, the reviewed one serves meanwhile, and a rollback brings it back', async () => {
    const deps = room()
    const gate = createSkillGate({ ...deps, tell: () => undefined })
    const one = await admitBundle(bundleOf('notes'), deps, 'ana')
    await approveSkill({ name: 'notes', hash: one.hash, ...by }, false, deps)
    const two = await admitBundle(bundleOf('notes', second), deps, 'ana')
    expect(two.state).toBe('pending_review')
    expect((await gate.load('notes', 'internal')).hash).toBe(one.hash)
    await approveSkill({ name: 'notes', hash: two.hash, ...by }, false, deps)
    expect((await gate.load('notes', 'internal')).hash).toBe(two.hash)
    await rollBackSkill({ name: 'notes', hash: one.hash, ...by }, deps)
    const back = await gate.load('notes', 'internal')
    expect(Buffer.from(back.files[0]?.bytes ?? []).toString()).toBe(SKILL)
    await expect(rollBackSkill({ name: 'notes', hash: one.hash, ...by }, deps)).rejects.toMatchObject({
      code: 'SP_SKILL_STATE',
    })
  })

  it('HB-31: one that was refused or switched off comes back through a review only', async () => {
    const deps = room()
    const { hash } = await admitBundle(bundleOf('notes'), deps, 'ana')
    const decision = { name: 'notes', hash, ...by }
    await approveSkill(decision, false, deps)
    await disableSkill(decision, deps)
    expect(await admitBundle(bundleOf('notes'), deps, 'eve')).toMatchObject({
      state: 'disabled',
      decidedBy: 'register',
    })
    await rejectSkill(decision, deps)
    expect(await admitBundle(bundleOf('notes'), deps, 'eve')).toMatchObject({ state: 'refused', decidedBy: 'register' })
    await expect(approveSkill(decision, false, deps)).rejects.toMatchObject({ code: 'SP_SKILL_STATE' })
  })

  it('T-004: removing leaves nothing behind but a register that says so', async () => {
    const deps = room()
    const before = tree(deps.parent)
    const { hash } = await admitBundle(bundleOf('notes'), deps, 'ana')
    await approveSkill({ name: 'notes', hash, ...by }, false, deps)
    await admitBundle(bundleOf('notes', { ...second, 'scripts/deep/er/x.py': 'print(1)\n' }), deps, 'ana')
    expect(tree(deps.parent).length).toBeGreaterThan(10)
    await removeSkill('notes', deps)
    expect(tree(deps.parent)).toEqual([...before, 'skills/', 'skills/register.json'])
  })

  it('lies read-only, below folders that only this account enters', async () => {
    const deps = room()
    const { hash } = await admitBundle(bundleOf('notes'), deps, 'ana')
    const place = join(deps.parent, 'skills', 'quarantine', `notes@${hash}`)
    expect(readFileSync(join(place, 'SKILL.md'), 'utf8')).toBe(SKILL)
    const { statSync } = await import('node:fs')
    expect(statSync(join(place, 'SKILL.md')).mode & 0o777).toBe(0o400)
    expect(statSync(join(deps.parent, 'skills')).mode & 0o777).toBe(0o700)
  })
})
