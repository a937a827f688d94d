import { describe, expect, it } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import {
  allowSkill,
  approveSkill,
  blockSkill,
  unblockSkill,
} from '../../packages/gateway/src/assurance/admission/decide.ts'
import { fingerprintOf } from '../../packages/gateway/src/assurance/admission/parts.ts'
import { bundleOf, finding, room, SKILL } from './kit.ts'

const by = { by: 'operator:ana', reason: 'looked at it', at: 1 }
const hashOf = (name: string): string => fingerprintOf(bundleOf(name).files).hash
const allow = (name: string, change: object = {}) => ({
  ...{ name, hash: hashOf(name), source: `/skills/${name}`, to: 'internal' as const, ...by, ...change },
})

describe('who decides', () => {
  it('HB-34 SYS-4: block beats allow', async () => {
    const deps = room()
    await allowSkill(allow('notes'), deps)
    await blockSkill({ name: 'notes', ...by }, deps)
    const admission = await admitBundle(bundleOf('notes'), deps, 'ana')
    expect(admission).toMatchObject({ state: 'refused', decidedBy: 'block-list' })
  })

  it('HB-34: allow beats the scan, for exactly this hash from exactly there', async () => {
    const grave = [finding('skill.injection.x', 'critical')]
    const deps = room(grave)
    await allowSkill(allow('notes'), deps)
    expect(await admitBundle(bundleOf('notes'), deps, 'ana')).toMatchObject({
      state: 'internal',
      decidedBy: 'allow-list',
    })
    const other = bundleOf('notes', { 'SKILL.md': `${SKILL}.` })
    expect(await admitBundle(other, deps, 'ana')).toMatchObject({ state: 'refused', decidedBy: 'scan' })
  })

  it.each([
    [
      'another hash, by one digit',
      (hash: string) => ({ hash: hash.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }),
    ],
    ['another path', () => ({ source: '/skills/notes/' })],
    ['another name', () => ({ name: 'note' })],
  ])('HB-34: an allow rule for %s allows nothing', async (_, change) => {
    const deps = room()
    await allowSkill(allow('notes', change(hashOf('notes'))), deps)
    expect(await admitBundle(bundleOf('notes'), deps, 'ana')).toMatchObject({
      state: 'pending_review',
      decidedBy: 'scan',
    })
  })

  it('HB-34: a scan that fails refuses, and so does a critical finding', async () => {
    const failed = await admitBundle(bundleOf('notes'), room(new Error('the parser died')), 'ana')
    expect(failed).toMatchObject({ state: 'refused', decidedBy: 'scan' })
    expect(failed.version.verdict).toBe('failed')
    const grave = await admitBundle(bundleOf('notes'), room([finding('skill.x', 'critical')]), 'ana')
    expect(grave.state).toBe('refused')
  })

  it('HB-31: a clean one waits for a review all the same, and so does one with high findings', async () => {
    expect(await admitBundle(bundleOf('notes'), room(), 'ana')).toMatchObject({ state: 'pending_review' })
    const held = await admitBundle(bundleOf('notes'), room([finding('skill.x', 'high')]), 'ana')
    expect(held.state).toBe('pending_review')
  })

  it('HB-34 T-078: a block by name holds for names that look the same, by publisher for whoever signed or claims it', async () => {
    const deps = room()
    await blockSkill({ name: 'pdf-tools', ...by }, deps)
    await blockSkill({ publisher: 'Evil Corp', ...by }, deps)
    for (const name of ['PDF_Tools', 'pdf.tools', 'pdftools'])
      expect(await admitBundle(bundleOf(name), deps, 'ana'), name).toMatchObject({ decidedBy: 'block-list' })
    const text = '---\nname: other\nauthor: evil corp\n---\n'
    expect(await admitBundle(bundleOf('other', { 'SKILL.md': text }), deps, 'ana')).toMatchObject({
      decidedBy: 'block-list',
    })
    const signed = bundleOf('third', undefined, { signature: 'verified', signedBy: 'EVIL CORP' })
    expect(await admitBundle(signed, deps, 'ana')).toMatchObject({ decidedBy: 'block-list' })
    expect(await admitBundle(bundleOf('fourth'), deps, 'ana')).toMatchObject({ decidedBy: 'scan' })
  })

  it('HB-34: blocking puts what is in force out of force, and taking the rule off brings nothing back', async () => {
    const deps = room()
    const { hash } = await admitBundle(bundleOf('notes'), deps, 'ana')
    await approveSkill({ name: 'notes', hash, by: 'operator:ana', reason: 'fine' }, false, deps)
    expect(await blockSkill({ hash, ...by }, deps)).toEqual([`notes@${hash}`])
    await unblockSkill({ hash }, deps)
    const { skills } = await deps.store.read()
    expect(skills['notes']?.versions[0]?.state).toBe('disabled')
  })

  it('HB-78 HB-94: a secret in a skill is refused at the door, however little it weighs', async () => {
    const deps = room([finding('skill.secret.embedded', 'medium')])
    expect(await admitBundle(bundleOf('notes'), deps, 'ana')).toMatchObject({ state: 'refused', decidedBy: 'scan' })
  })

  it('HB-36 SYS-9 E-86: what a registry serves needs an exact version and a hash', async () => {
    const from = { source: 'registry', url: 'clawhub:ana/notes' } as const
    const take = (change: object, provenance: object = {}) =>
      admitBundle({ ...bundleOf('notes', undefined, { ...from, ...provenance }), ...change }, room(), 'ana')
    await expect(take({})).rejects.toMatchObject({ code: 'SP_SKILL_UNPINNED' })
    await expect(take({ version: 'latest' }, { integrity: 'sha256-x' })).rejects.toMatchObject({
      code: 'SP_SKILL_UNPINNED',
    })
    await expect(take({ version: '1.0.0' })).rejects.toMatchObject({ code: 'SP_SKILL_UNPINNED' })
    const taken = await take({ version: '1.0.0' }, { integrity: 'sha256-x', notes: ['moderation: clean'] })
    const forged = await take({ version: '1.0.0' }, { integrity: 'sha256-x', signature: 'unverified' })
    expect(forged.version.findings.map(({ id }) => id)).toContain('skill.supply.signature-unverified')
    // what the registry says of it is shown, and lets nothing in (E-86)
    expect(taken).toMatchObject({ state: 'pending_review', version: { provenance: { notes: ['moderation: clean'] } } })
  })
})
