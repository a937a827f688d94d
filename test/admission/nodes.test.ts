import { appendFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import {
  allowSkill,
  approveSkill,
  blockSkill,
  disableSkill,
  promoteSkill,
  removeSkill,
} from '../../packages/gateway/src/assurance/admission/decide.ts'
import { createSkillGate } from '../../packages/gateway/src/assurance/admission/gate.ts'
import { SharedSkills } from '../../packages/gateway/src/assurance/admission/nodes/shared-skills.ts'
import { entryOf } from '../../packages/gateway/src/assurance/admission/register.ts'
import { openTestStore } from '../api/kit.ts'
import { bundleOf, directory, filesOf, room, SKILL } from './kit.ts'

const by = { by: 'operator:ana', reason: 'looked at it' }

/** Two gateways, each with files of its own, on one store. */
async function nodes() {
  const store = await openTestStore(directory())
  onTestFinished(() => store.close())
  const node = (stream: string) => {
    const deps = room()
    const shared = new SharedSkills(deps.store, { ...bound(store), stream })
    const gate = createSkillGate({ ...deps, tell: () => undefined })
    const state = async (name = 'notes') => entryOf(await deps.store.read(), name)?.versions[0]?.state
    return { ...deps, shared, gate, state, exchange: () => shared.exchange() }
  }
  return { a: node('a'), b: node('b'), store }
}
const bound = (store: Awaited<ReturnType<typeof openTestStore>>) => ({
  get: store.get.bind(store),
  put: store.put.bind(store),
  list: store.list.bind(store),
})

type Node = Awaited<ReturnType<typeof nodes>>['a']
async function both(...all: readonly Node[]): Promise<void> {
  for (let round = 0; round < 2; round++) for (const one of all) await one.exchange()
}
async function admitted(on: Node, bundle = bundleOf('notes')): Promise<string> {
  const { hash, name } = await admitBundle(bundle, on, 'account:ana')
  await approveSkill({ name, hash, ...by }, false, on)
  return hash
}

describe('skills on several nodes', () => {
  it('HB-31 HB-35: one that is admitted on A is loaded on B, and one that drifts on A is off on B', async () => {
    const { a, b } = await nodes()
    const large = filesOf({
      'SKILL.md': SKILL,
      'data.txt': Array.from({ length: 90_000 }, (_, at) => at * 7_919).join(),
    })
    const hash = await admitted(a, { ...bundleOf('notes'), files: large })
    await expect(b.gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_UNKNOWN' })
    await both(a, b)
    const loaded = await b.gate.load('notes', 'internal')
    expect([loaded.hash, loaded.files.length]).toEqual([hash, 2])
    const file = join(a.store.directory, 'internal', `notes@${hash}`, 'SKILL.md')
    chmodSync(file, 0o600)
    appendFileSync(file, '!')
    await expect(a.gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_DRIFT' })
    await both(a, b)
    await expect(b.gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_DRIFT' })
  }, 60_000)

  it('HB-34: of two changes at once the narrower one holds, on both', async () => {
    const { a, b } = await nodes()
    const hash = await admitted(a)
    await both(a, b)
    await promoteSkill({ name: 'notes', hash, ...by }, a)
    await disableSkill({ name: 'notes', hash, ...by }, b)
    await both(a, b)
    expect([await a.state(), await b.state()]).toEqual(['disabled', 'disabled'])
    await blockSkill({ name: 'evil', ...by, at: 1 }, a)
    await allowSkill({ name: 'fine', hash, source: '/x', to: 'internal', ...by, at: 1 }, b)
    await both(b, a)
    for (const { store } of [a, b]) expect(await store.read()).toMatchObject({ block: [{ name: 'evil' }], allow: [] })
    expect(await admitBundle(bundleOf('evil'), b, 'eve')).toMatchObject({ state: 'refused', decidedBy: 'block-list' })
  }, 60_000)

  it('HB-31: what is removed on one is gone on the other, and a quarantined one is in quarantine there', async () => {
    const { a, b } = await nodes()
    await admitted(a)
    await admitBundle(bundleOf('waits'), a, 'account:ana')
    await both(a, b)
    await expect(b.gate.load('waits', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_NOT_ADMITTED' })
    await removeSkill('notes', b)
    await both(a, b)
    expect(await a.state()).toBeUndefined()
    await expect(a.gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_UNKNOWN' })
  }, 60_000)

  it('T-146: bytes of the store that are not what was reviewed are taken in by nobody', async () => {
    const { a, b, store } = await nodes()
    const hash = await admitted(a)
    await a.exchange()
    const row = await store.get('pack', `${hash}.0`)
    const other = Buffer.from('{}').toString('base64')
    await store.put(
      { kind: 'pack', id: `${hash}.0`, state: '', expiresAt: 0, body: { text: other, count: 1 } },
      row?.version ?? 0,
    )
    await expect(b.exchange()).rejects.toMatchObject({ code: 'SP_SKILL_TAMPERED' })
    await expect(b.gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_UNKNOWN' })
  }, 60_000)

  it('HB-31: nothing changed, nothing is written', async () => {
    const { a, b, store } = await nodes()
    await admitted(a)
    await both(a, b)
    const rows = await store.list('skill')
    const { seq } = await b.store.read()
    await both(a, b)
    expect((await store.list('skill')).map(({ version }) => version)).toEqual(rows.map(({ version }) => version))
    expect((await b.store.read()).seq).toBe(seq)
  }, 60_000)
})
