import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '@sallyport/core'
import { folder, memoryEvidence, memoryStore, PRESETS, request, tool } from '../../../../../test/policy/fixtures.ts'
import { contended } from '../../../../../test/store/contended.ts'
import { systemRandom } from '../../random.ts'
import type { Store } from '../../store/ports.ts'
import { createPreparer } from './preparer.ts'
import { createPolicyService, type PolicyService } from './service.ts'

const OPEN: PolicyService[] = []
afterEach(async () => {
  for (const service of OPEN.splice(0)) await service.close()
})

const ANA = { source: 'api', actor: 'operator:ana' } as const
const TOOLS = [tool('fs.read', { effect: 'read' }, { path: { type: 'string' } }, ['path'])]
const READ = request('fs.read', { args: { path: '/work/a' }, tool: { effect: 'read' } })
const text = (version: string, more = ''): string =>
  `// version: ${version}\n@id("read") permit (principal, action in Action::"read", resource);\n${more}`
const GUARD = '@id("guard") forbid (principal, action, resource) when { context.args has path };\n'

async function started(store: Store = memoryStore(), dir = folder({ 'team.cedar': text('1.0') })) {
  const service = createPolicyService({
    ...{ sources: ['team.cedar'], baseDir: dir, presetsDir: PRESETS, store, evidence: memoryEvidence() },
    preparer: createPreparer({
      ...{ cacheDir: undefined, macKey: new Uint8Array(32), monotonic: () => performance.now() },
      onTampered: () => undefined,
    }),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    ...{ random: systemRandom, alert: () => undefined },
  })
  OPEN.push(service)
  await service.setTools(TOOLS)
  return {
    service,
    store,
    write: (now: string) => writeFileSync(join(dir, 'team.cedar'), now),
    remove: () => rmSync(join(dir, 'team.cedar')),
  }
}
const said = (store: Store, record: JsonObject): Promise<void> =>
  store.append([
    {
      body: JSON.stringify(record),
      auditId: 'a1',
      ts: 0,
      kind: 'decision',
      session: '',
      agent: '',
      tool: '',
      decision: '',
    },
  ])

describe('the policy of a gateway', () => {
  test('before the first load nothing is live, and nothing can be published or taken back', async () => {
    const { service } = await started()
    expect(service.live()).toMatchObject({ number: 0, policies: [] })
    expect(service.live().stale([], undefined as never)).toEqual([])
    expect(service.describe()).toMatchObject({ files: [], inactive: {}, blocked: {}, issues: [] })
    await expect(service.publish([], 'none', ANA, [])).rejects.toMatchObject({ code: 'SP_POLICY_CONFLICT' })
    await expect(service.revert(7, ANA)).rejects.toMatchObject({ code: 'SP_POLICY_UNKNOWN' })
    await expect(service.filesAt(7)).rejects.toMatchObject({ code: 'SP_POLICY_UNKNOWN' })
    await expect(service.accept('d', ANA)).rejects.toMatchObject({ code: 'SP_POLICY_UNKNOWN' })
    expect(await service.staged()).toBeUndefined()
  })

  test('sources that cannot be read are said once; what was in force stays', async () => {
    const { service, remove } = await started()
    await service.load()
    remove()
    expect(await service.reload(ANA)).toMatchObject({ outcome: 'refused' })
    expect(await service.reload(ANA)).toMatchObject({ outcome: 'unchanged', error: { code: 'SP_POLICY_INVALID' } })
    expect(service.evaluate(READ).outcome).toBe('allow')
  })

  test('T-049: of two gateways that change it at once one is refused', async () => {
    const store = memoryStore()
    const { service } = await started(store)
    await service.load()
    const late = await started(contended(store, 'policy', 1), folder({ 'team.cedar': text('1.1', GUARD) }))
    expect(await late.service.load()).toMatchObject({
      outcome: 'refused',
      error: { message: expect.stringContaining('at the same time') as string },
    })
  })

  test('what another gateway put into force is taken over', async () => {
    const store = memoryStore()
    const [one, two] = [await started(store), await started(store)]
    await one.service.load()
    await two.service.load()
    two.write(text('1.1', GUARD))
    expect(await two.service.reload(ANA)).toMatchObject({ outcome: 'loaded' })
    await expect.poll(() => one.service.evaluate(READ).outcome).toBe('deny')
  })

  test('publishing: nothing new, an old version, another base; taking back what is in force changes nothing', async () => {
    const { service } = await started()
    await service.load()
    const { files, digest, number } = service.live()
    expect(await service.publish(files, digest, ANA, [])).toMatchObject({ outcome: 'unchanged' })
    const changed = files.map((file) =>
      file.origin === 'file' ? { ...file, text: text('1.0', GUARD), digest: 'x' } : file,
    )
    await expect(service.publish(changed, digest, ANA, [])).rejects.toMatchObject({ code: 'SP_POLICY_INVALID' })
    await expect(service.publish(files, 'other', ANA, [])).rejects.toMatchObject({ code: 'SP_POLICY_CONFLICT' })
    expect(await service.revert(number, ANA)).toMatchObject({ outcome: 'unchanged' })
    expect((await service.presetFiles('balanced')).length).toBeGreaterThan(0)
  })
})

describe('why a call was decided as it was', () => {
  test('an event that is not there', async () => {
    const { service } = await started()
    await expect(service.explainEvent('none')).rejects.toMatchObject({ code: 'SP_AUDIT_UNKNOWN' })
  })

  test('by the policy in force, by an earlier one, by one that nobody knows, and by none', async () => {
    const { service, store, write } = await started()
    await service.load()
    const { digest } = service.live()
    await said(store, { kind: 'release' })
    await said(store, { kind: 'decision', bundle: digest, policyRule: ['read'] })
    expect(await service.explainEvent('a1')).toMatchObject({
      inForce: true,
      policies: [{ id: 'read', file: 'team.cedar:2' }],
    })
    write(text('1.1', GUARD))
    expect(await service.reload(ANA)).toMatchObject({ outcome: 'loaded' })
    expect(await service.explainEvent('a1')).toMatchObject({
      inForce: false,
      policies: [{ id: 'read' }],
      change: { digest },
    })
  })

  test.each([
    [{ kind: 'decision', bundle: 'unknown', policyRule: ['read'] }],
    [{ kind: 'release', policyRule: 'read' }],
  ])('without a policy that is known: %j', async (record) => {
    const { service, store } = await started()
    await service.load()
    await said(store, record)
    expect(await service.explainEvent('a1')).toMatchObject({ inForce: false, policies: [], record })
  })
})
