import { afterAll, expect, it } from 'vitest'
import { Drafts } from '../../packages/gateway/src/control/policy/drafts/drafts.ts'
import { createPreparer } from '../../packages/gateway/src/control/policy/preparer.ts'
import { createPolicyService } from '../../packages/gateway/src/control/policy/service.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { folder, memoryEvidence, memoryStore, PRESETS, request, tool } from './fixtures.ts'

const TEAM = '// version: 1.0\n@id("read") permit (principal, action == Action::"fs.read", resource);\n'
const WIDER = TEAM.replace('1.0', '1.1').replace('fs.read"', 'fs.write"')
const NARROWER = TEAM.replace('1.0', '1.2') + '@id("no") forbid (principal, action == Action::"fs.write", resource);\n'
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const open: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of open) await close()
})

async function rig() {
  const preparer = createPreparer({
    ...{ cacheDir: undefined, macKey: new Uint8Array(), onTampered: () => undefined },
    monotonic: () => performance.now(),
  })
  const store = memoryStore()
  const policy = createPolicyService({
    ...{ sources: ['.'], baseDir: folder({ 'team.cedar': TEAM }), presetsDir: PRESETS },
    ...{ preparer, store, evidence: memoryEvidence(), clock, random: systemRandom, fourEyes: true },
  })
  open.push(() => policy.close())
  await policy.setTools([tool('fs.read'), tool('fs.write', { effect: 'write' })])
  await policy.load()
  const drafts = new Drafts({
    ...{ policy, preparer, store, clock, protectedPaths: [], fourEyes: true },
    tools: { find: () => undefined, describe: () => expect.fail('nothing is explained') },
  })
  const propose = async (text: string) => {
    const { draft, revision } = await drafts.create('ana')
    await drafts.save(draft.id, revision, [{ path: 'team.cedar', text }], 'ana')
    return { id: draft.id, digest: (await drafts.check(draft.id)).digest }
  }
  const writes = () => policy.evaluate(request('fs.write', { tool: { effect: 'write' } })).outcome
  return { drafts, propose, writes, policy }
}

it('T-049: what allows more needs two people, and one twice is not two', async () => {
  const { drafts, propose, writes } = await rig()
  const { id, digest } = await propose(WIDER)
  expect(await drafts.publish(id, digest, 'ana')).toMatchObject({ outcome: 'waiting', agreed: ['ana'] })
  expect(await drafts.publish(id, digest, 'ana')).toMatchObject({ outcome: 'waiting', agreed: ['ana'] })
  expect(writes()).toBe('deny')
  expect(await drafts.publish(id, digest, 'mei')).toMatchObject({ outcome: 'loaded', agreed: ['ana', 'mei'] })
  expect(writes()).toBe('allow')
})

it('T-049: an agreement is to exactly what was seen: any change of the draft ends it', async () => {
  const { drafts, propose, writes } = await rig()
  const { id, digest } = await propose(WIDER)
  await drafts.publish(id, digest, 'ana')
  const { revision } = await drafts.get(id)
  await drafts.save(id, revision, [{ path: 'team.cedar', text: `${WIDER}// and more\n` }], 'eve')
  await expect(drafts.publish(id, digest, 'mei')).rejects.toMatchObject({ code: 'SP_POLICY_DRAFT' })
  const changed = await drafts.check(id)
  expect(await drafts.publish(id, changed.digest, 'mei')).toMatchObject({ outcome: 'waiting', agreed: ['mei'] })
  expect(writes()).toBe('deny')
})

it('what only narrows needs one', async () => {
  const { drafts, propose } = await rig()
  const { id, digest } = await propose(NARROWER)
  expect(await drafts.publish(id, digest, 'ana')).toMatchObject({ outcome: 'loaded', widening: [] })
})

it('T-049: going back to what allowed more needs two people too, each of whom is there', async () => {
  const { drafts, propose, writes, policy } = await rig()
  const wider = await propose(WIDER)
  await drafts.publish(wider.id, wider.digest, 'ana')
  await drafts.publish(wider.id, wider.digest, 'mei')
  const { number } = policy.live()
  const narrower = await propose(NARROWER)
  await drafts.publish(narrower.id, narrower.digest, 'ana')
  await drafts.publish(narrower.id, narrower.digest, 'mei')
  expect(writes()).toBe('deny')
  const back = (actor: string) => policy.revert(number, { source: 'api', actor })
  for (const actor of ['eve', 'eve']) expect(await back(actor)).toMatchObject({ outcome: 'staged' })
  expect(writes()).toBe('deny')
  expect(await back('mei')).toMatchObject({ outcome: 'loaded' })
  expect(writes()).toBe('allow')
})
