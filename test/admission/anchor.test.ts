import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import {
  anchored,
  follows,
  recoverRegister,
  RegisterAnchor,
} from '../../packages/gateway/src/assurance/admission/anchor.ts'
import { approveSkill, blockSkill, disableSkill } from '../../packages/gateway/src/assurance/admission/decide.ts'
import { createSkillGate } from '../../packages/gateway/src/assurance/admission/gate.ts'
import { EMPTY, markOf, succeeding } from '../../packages/gateway/src/assurance/admission/register.ts'
import { memoryEvidence, openTestStore } from '../api/kit.ts'
import { bundleOf, directory, room } from './kit.ts'

const by = { by: 'operator:ana', reason: 'looked at it' }

/** A gateway's view of the skills of a command line that writes behind its back. */
async function watched() {
  const offline = room()
  const store = await openTestStore(directory())
  onTestFinished(() => store.close())
  const evidence = memoryEvidence()
  const record = (kind: string, level: string, body: object) => ({ kind, level, ...body }) as never
  const open = () => RegisterAnchor.open({ store, evidence, record })
  const file = join(offline.store.directory, 'register.json')
  return { offline, store, open, file, evidence }
}

describe('an older register', () => {
  it('T-004: with a good seal is none: what was switched off since does not come back', async () => {
    const { offline, open, file } = await watched()
    const { hash } = await admitBundle(bundleOf('notes'), offline, 'ana')
    await approveSkill({ name: 'notes', hash, ...by }, false, offline)
    const old = readFileSync(file, 'utf8')
    await disableSkill({ name: 'notes', hash, ...by }, offline)
    await blockSkill({ name: 'notes', ...by, at: 1 }, offline)
    const anchor = await open()
    const store = anchored(offline.store, anchor)
    const gate = createSkillGate({ ...offline, store, tell: () => undefined })
    expect((await store.read()).block).toHaveLength(1)
    writeFileSync(file, old)
    // the seal fits: without the anchor it would be believed
    expect((await offline.store.read()).skills['notes']?.versions[0]?.state).toBe('internal')
    await expect(gate.load('notes', 'internal')).rejects.toMatchObject({ code: 'SP_SKILL_ROLLED_BACK' })
    await expect(store.change(({ register }) => Promise.resolve([register, 0]))).rejects.toMatchObject({
      code: 'SP_SKILL_ROLLED_BACK',
    })
    // over a restart too
    await anchor.settled()
    const again = await open()
    expect(again.current).toEqual(anchor.current)
    await expect(anchored(offline.store, again).read()).rejects.toMatchObject({ code: 'SP_SKILL_ROLLED_BACK' })
    expect(await recoverRegister(offline.store, again, offline.clock)).toEqual(['notes'])
    await expect(
      createSkillGate({ ...offline, store: anchored(offline.store, again), tell: () => undefined }).load(
        'notes',
        'internal',
      ),
    ).rejects.toMatchObject({ code: 'SP_SKILL_DRIFT' })
  })

  it('T-004: a store that is gone when it is remembered ends nothing, and whoever waits for it is told', async () => {
    const { offline, store, open, evidence } = await watched()
    const anchor = await open()
    await store.close()
    const lost: unknown[] = []
    const hear = (reason: unknown): void => void lost.push(reason)
    process.on('unhandledRejection', hear)
    onTestFinished(() => void process.off('unhandledRejection', hear))
    await admitBundle(bundleOf('notes'), offline, 'ana')
    await anchored(offline.store, anchor).read()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(lost).toEqual([])
    expect(evidence.records.map(({ event }) => event)).toContain('skill.register')
    await expect(anchor.settled()).rejects.toMatchObject({ code: 'SP_STORE_UNAVAILABLE' })
  })

  it('T-004: so is none at all, and one that went on from an older one until its number was higher', async () => {
    const { offline, open, file } = await watched()
    for (const name of ['alpha', 'bravo']) await admitBundle(bundleOf(name), offline, 'ana')
    const old = readFileSync(file, 'utf8')
    await admitBundle(bundleOf('charlie'), offline, 'ana')
    const store = anchored(offline.store, await open())
    const { seq } = await store.read()
    cpSync(file, `${file}.aside`)
    rmSync(file)
    await expect(store.read()).rejects.toMatchObject({ code: 'SP_SKILL_ROLLED_BACK' })
    writeFileSync(file, old)
    for (const name of ['delta', 'echo', 'foxtrot']) await admitBundle(bundleOf(name), offline, 'ana')
    expect((await offline.store.read()).seq).toBeGreaterThan(seq)
    await expect(store.read()).rejects.toMatchObject({ code: 'SP_SKILL_ROLLED_BACK' })
    cpSync(`${file}.aside`, file)
    expect((await store.read()).seq).toBe(seq)
  })

  it('T-004: what others changed while no gateway looked follows, however often', async () => {
    let register = { ...EMPTY }
    const first = { seq: 0, mark: markOf(register) }
    for (let at = 0; at < 256; at++) {
      register = succeeding(register, { ...register, block: [] }) as typeof register
      expect(follows(register, first)).toBe(true)
    }
    // farther back than is remembered: another history, for all that can be known
    expect(follows(succeeding(register, register), first)).toBe(false)
  })

  it('T-004: the log holds the anchor where the row of the store is gone', async () => {
    const { offline, store, open, evidence, file } = await watched()
    await admitBundle(bundleOf('notes'), offline, 'ana')
    const old = readFileSync(file, 'utf8')
    await admitBundle(bundleOf('other'), offline, 'ana')
    const anchor = await open()
    anchor.take(await offline.store.read())
    await anchor.settled()
    const logged = evidence.records.map((body) => JSON.stringify(body))
    const row = { ts: 1, kind: 'gateway', auditId: 'a', session: '', agent: '', tool: '', decision: '' }
    await store.append(logged.map((body) => ({ ...row, body })))
    const doc = await store.get('meta', `skills.anchor.${store.stream}`)
    await store.remove('meta', `skills.anchor.${store.stream}`, doc?.version ?? 0)
    writeFileSync(file, old)
    await expect(anchored(offline.store, await open()).read()).rejects.toMatchObject({ code: 'SP_SKILL_ROLLED_BACK' })
  })
})
