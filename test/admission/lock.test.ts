import { describe, expect, it } from 'vitest'
import { changeLines } from '../../packages/gateway/src/assurance/admission/changes.ts'
import { lockText, readLockFile, type LockedSkill } from '../../packages/gateway/src/assurance/admission/lock-file.ts'
import { fingerprintOf } from '../../packages/gateway/src/assurance/admission/parts.ts'
import { verifyLock, type PresentSkill } from '../../packages/gateway/src/assurance/admission/verify-lock.ts'
import { filesOf, finding, SKILL } from './kit.ts'

const FILES = {
  'SKILL.md': SKILL,
  'scripts/run.py': 'print(1)\n',
  'requirements.txt': 'requests==2.0\n',
  'tools.json': '{}',
}

const locked = (name: string, files: Readonly<Record<string, string>> = FILES): LockedSkill => ({
  ...{ name, source: `skills/${name}`, capabilities: [], findings: [] },
  ...fingerprintOf(filesOf(files)),
})
const present = (name: string, files: Readonly<Record<string, string>> = FILES, look: object = {}): PresentSkill => ({
  ...{ name, source: `skills/${name}`, bytes: filesOf(files) },
  ...fingerprintOf(filesOf(files)),
  look: () => Promise.resolve({ capabilities: [], findings: [], ...look }),
})
const text = lockText([locked('notes'), locked('list')])
const nobody = () => Promise.resolve(undefined)

describe('sallyport.lock', () => {
  it('E-85: the same skills give the same bytes in any order, and are read back as they were', () => {
    expect(lockText([locked('list'), locked('notes')])).toBe(text)
    expect(readLockFile(text).skills).toEqual([locked('list'), locked('notes')])
    const turned = Object.fromEntries(Object.entries(FILES).toReversed())
    expect(lockText([locked('notes', turned), locked('list')])).toBe(text)
  })

  it('E-85: manifest, instructions, code, dependencies and tool schemas have a hash each', () => {
    const { parts } = locked('notes')
    expect(Object.keys(parts)).toEqual(['manifest', 'instructions', 'code', 'dependencies', 'schemas'])
    const changed = (path: string, to: string) => {
      const after = locked('notes', { ...FILES, [path]: to }).parts
      return Object.keys(parts).filter((part) => after[part as 'code'] !== parts[part as 'code'])
    }
    expect(changed('SKILL.md', SKILL.replace('Turns', 'Turn'))).toEqual(['manifest'])
    expect(changed('SKILL.md', `${SKILL}\n`)).toEqual(['instructions'])
    expect(changed('scripts/run.py', 'print(2)\n')).toEqual(['code'])
    expect(changed('requirements.txt', 'requests==2.1\n')).toEqual(['dependencies'])
    expect(changed('tools.json', '{"a":1}')).toEqual(['schemas'])
  })

  it('two changes of different skills touch different lines', () => {
    const lines = text.split('\n')
    const one = lockText([locked('notes', { ...FILES, 'tools.json': '1' }), locked('list')]).split('\n')
    const other = lockText([locked('notes'), locked('list', { ...FILES, 'tools.json': '1' })]).split('\n')
    const differ = (now: readonly string[]) => lines.flatMap((line, at) => (line === now[at] ? [] : [at]))
    expect(differ(one).length).toBe(3)
    expect(differ(one).some((at) => differ(other).includes(at))).toBe(false)
  })

  it.each([
    ['a merge conflict', text.replace('  "skills"', '<<<<<<< ours\n  "skills"'), 'SP_SKILL_LOCK_CONFLICT'],
    ['half of a conflict', text.replace('  "skills"', '=======\n  "skills"'), 'SP_SKILL_LOCK_CONFLICT'],
    ['a cut file', text.slice(0, -30), 'SP_SKILL_LOCK_INVALID'],
    ['nothing', '', 'SP_SKILL_LOCK_INVALID'],
    ['a list', '[]', 'SP_SKILL_LOCK_INVALID'],
    ['a newer version', text.replace('"lockfileVersion": 1', '"lockfileVersion": 2'), 'SP_SKILL_LOCK_VERSION'],
    ['no version', text.replace('"lockfileVersion": 1,', ''), 'SP_SKILL_LOCK_VERSION'],
    ['a name twice', text.replace('"list": {', '"notes": {'), 'SP_SKILL_LOCK_INVALID'],
    ['a way out', text.replace('"skills/list"', '"../list"'), 'SP_SKILL_LOCK_INVALID'],
    ['an absolute path', text.replace('"skills/list"', '"/etc"'), 'SP_SKILL_LOCK_INVALID'],
    ['a hash that is none', text.replace(/"hash": "[0-9a-f]{8}/, '"hash": "'), 'SP_SKILL_LOCK_INVALID'],
    ['a member more', text.replace('"source"', '"trusted": true, "source"'), 'SP_SKILL_LOCK_INVALID'],
    ['a file with no hash', text.replace(/"tools.json": "[0-9a-f]+/, '"tools.json": "'), 'SP_SKILL_LOCK_INVALID'],
    ['a name that is a path', text.replace('"list": {', '"../list": {'), 'SP_SKILL_LOCK_INVALID'],
  ])('E-85: %s is an error, never a clean result', (_, broken, code) => {
    expect(broken).not.toBe(text)
    expect(() => readLockFile(broken)).toThrow(expect.objectContaining({ code }))
  })

  it('E-85: two skills of one name cannot be locked', () => {
    const twins = [locked('notes'), { ...locked('notes'), source: 'elsewhere/notes' }]
    expect(() => lockText(twins)).toThrow(expect.objectContaining({ code: 'SP_SKILL_LOCK_INVALID' }))
  })
})

describe('verify', () => {
  it('HB-137: what is as it was locked is no drift', async () => {
    expect(await verifyLock(readLockFile(text).skills, [present('notes'), present('list')], nobody)).toEqual([])
  })

  it('HB-35: what it can do now and what is found now comes first, then files, then texts', async () => {
    const after = { ...FILES, 'scripts/run.py': 'print(2)\n', 'new.sh': 'curl x\n' }
    const look = { capabilities: ['network'], findings: [finding('skill.exfiltration.x', 'critical')] }
    const kept = () => Promise.resolve(filesOf(FILES))
    const [drift] = await verifyLock([locked('notes')], [present('notes', after, look)], kept)
    expect(drift?.kind).toBe('changed')
    const lines = drift?.kind === 'changed' ? changeLines(drift.changes) : []
    expect(lines.slice(0, 2)).toEqual([
      'can now         network',
      'found now       critical skill.exfiltration.x at SKILL.md:1',
    ])
    expect(lines).toEqual(expect.arrayContaining(['added           new.sh', '- print(1)', '+ print(2)', '+ curl x']))
  })

  it('HB-35: gone, moved and never locked are drift too', async () => {
    const moved = { ...present('list'), source: 'other/list' }
    const kinds = (await verifyLock(readLockFile(text).skills, [moved, present('more')], nobody)).map(
      ({ kind, name }) => [name, kind],
    )
    expect(kinds).toEqual([
      ['list', 'moved'],
      ['notes', 'missing'],
      ['more', 'unlocked'],
    ])
  })

  it('HB-35 T-146: another skill that calls itself like a locked one is one that was not locked', async () => {
    const twin = { ...present('list', { ...FILES, 'scripts/run.py': 'print(2)\n' }), source: 'skills/aa' }
    const { skills } = readLockFile(text)
    for (const all of [
      [twin, present('list'), present('notes')],
      [present('list'), present('notes'), twin],
    ])
      expect(await verifyLock(skills, all, nobody)).toEqual([{ kind: 'unlocked', name: 'list', source: 'skills/aa' }])
  })
})
