import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pinDigest, type LaunchSpec, type ToolDefinition } from '@sallyport/core'
import { rig, type Rig } from '../../../../../test/approvals/setup.ts'
import { memoryEvidence } from '../../../../../test/policy/fixtures.ts'
import { contended } from '../../../../../test/store/contended.ts'
import { systemRandom } from '../../random.ts'
import { Catalogue, type CatalogueDeps } from './catalogue.ts'

const LAUNCH: LaunchSpec = { transport: 'stdio', command: ['server'], env: [] }
const OTHER: LaunchSpec = { transport: 'stdio', command: ['other'], env: [] }
const tool = (name: string, description = 'one'): ToolDefinition => ({
  name,
  description,
  inputSchema: { type: 'object' },
})

let on: Rig
beforeEach(async () => {
  on = await rig()
})
afterEach(() => on.close())

const opened = (more: Partial<CatalogueDeps> = {}): Promise<Catalogue> =>
  Catalogue.open({
    ...{
      store: on.store,
      evidence: memoryEvidence(),
      clock: on.clock,
      random: systemRandom,
      sheets: () => [],
      notes: {},
    },
    ...{ elevated: [], pinning: 'first-use', changed: async () => undefined },
    ...more,
  })

describe('T-083: servers by their first launch', () => {
  test('a name that is none, and another launch under one that is taken', async () => {
    const catalogue = await opened()
    expect(await catalogue.addServer('No Server', LAUNCH)).toMatchObject({ ok: false, code: 'SP_MCP_UNKNOWN_SERVER' })
    expect(await catalogue.addServer('a', LAUNCH, '/work')).toMatchObject({ ok: true })
    expect(await catalogue.addServer('a', LAUNCH)).toMatchObject({ ok: true })
    expect(await catalogue.addServer('a', OTHER)).toMatchObject({ ok: false, code: 'SP_MCP_TOOL_DRIFT' })
    expect([catalogue.directory('a'), catalogue.launch('a')]).toEqual(['/work', LAUNCH])
    const again = await opened()
    expect([again.directory('a'), again.servers().length]).toEqual(['/work', 1])
  })

  test('of two gateways at once the first launch counts; an entry that cannot be read is tampered with', async () => {
    const faster = await opened({ store: contended(on.store, 'server', 1) })
    expect(await faster.addServer('a', LAUNCH)).toMatchObject({ ok: true })
    const slower = await opened({
      store: contended(on.store, 'server', 1, (row) => ({ ...row, body: { launch: OTHER as never } })),
    })
    expect(await slower.addServer('b', LAUNCH)).toMatchObject({ ok: false, code: 'SP_MCP_TOOL_DRIFT' })
    const lost = await opened({ store: { ...on.store, put: async () => false } })
    expect(await lost.addServer('c', LAUNCH)).toMatchObject({ ok: false, code: 'SP_STORE_TAMPERED' })
  })

  test('a server that is forgotten takes its pins along, and nobody else’s', async () => {
    const catalogue = await opened()
    for (const alias of ['a', 'b']) {
      await catalogue.addServer(alias, LAUNCH)
      await catalogue.observe(alias, [tool('t')])
    }
    await catalogue.removeServer('a')
    await catalogue.removeServer('never')
    expect([
      catalogue.servers().map(({ alias }) => alias),
      await catalogue.pins('a'),
      (await catalogue.pins('b')).length,
    ]).toEqual([['b'], [], 1])
    expect(await catalogue.addServer('a', OTHER)).toMatchObject({ ok: true })
  })
})

describe('T-084: tools by their first definition', () => {
  test('a difference is held until what was looked at is pinned', async () => {
    const catalogue = await opened()
    expect(await catalogue.observe('nobody', [tool('t')])).toEqual({ added: [], drifted: [], refused: [] })
    await catalogue.addServer('a', LAUNCH)
    expect(await catalogue.observe('a', [tool('t')])).toMatchObject({ added: ['a.t'] })
    for (const _ of [1, 2]) expect(await catalogue.observe('a', [tool('t', 'two')])).toMatchObject({ drifted: ['a.t'] })
    expect(await catalogue.drifts('a')).toMatchObject([{ tool: 'a.t' }])
    const digest = pinDigest(tool('t', 'two'), LAUNCH)
    await expect(catalogue.keepHeld('a', 'ana', { t: 'other' })).rejects.toMatchObject({ code: 'SP_MCP_TOOL_DRIFT' })
    expect(await catalogue.keepHeld('a', 'ana', { t: digest })).toEqual(['a.t'])
    expect(await catalogue.pins('a')).toMatchObject([{ kept: { by: 'ana' } }])
    await expect(catalogue.pin('a', [], 'ana', { t: 'other' })).rejects.toMatchObject({ code: 'SP_MCP_TOOL_DRIFT' })
    expect(await catalogue.pin('a', ['x'], 'ana')).toEqual([])
    expect(await catalogue.pin('a', ['t'], 'ana', { t: digest })).toEqual(['a.t'])
    expect(await catalogue.pins('a')).toMatchObject([{ seenAt: 0, by: 'ana', history: [{ by: 'first-use' }] }])
    expect(await catalogue.drifts('a')).toEqual([])
  })

  test('rows that are not whole are shown as what they are, and their history as none', async () => {
    await on.store.put({ kind: 'server', id: 'a', state: 'known', expiresAt: 0, body: { launch: LAUNCH as never } }, 0)
    const body = { server: 'a', definition: tool('t') as never, pin: 7, history: 'x', kept: {} }
    await on.store.put({ kind: 'pin', id: 'a.t', state: 'drifted', expiresAt: 0, body }, 0)
    const catalogue = await opened()
    expect(await catalogue.pins('a')).toMatchObject([
      { pin: '', by: '', at: 0, seenAt: 0, history: [], kept: { by: '', at: 0 } },
    ])
    expect(await catalogue.pin('a', [], 'ana')).toEqual(['a.t'])
  })

  test('a tool that waits for a review, one that is switched off, and one whose name is none', async () => {
    const notes = {
      a: { trust: 'trusted', tools: { t: { effect: 'read', groups: [], args: {} } as never }, disabled: ['off'] },
    } as const
    const catalogue = await opened({ pinning: 'review', notes })
    await catalogue.addServer('a', LAUNCH)
    const seen = await catalogue.observe('a', [tool('t'), tool('off'), tool('no such name!')])
    expect([seen.added, seen.refused]).toEqual([['a.t', 'a.off'], ['a.no such name!']])
    const states = Object.fromEntries(catalogue.entries('a').map(({ tool: { name }, state }) => [name, state]))
    expect(states).toMatchObject({ t: 'unreviewed', off: 'disabled', 'no such name!': 'refused' })
    expect(['t', 'off'].map((name) => catalogue.annotatedBy('a', name))).toEqual(['operator', 'unknown'])
  })

  test('a pin that another gateway takes away is no news; a definition that is written at the same time is shown as stored', async () => {
    const catalogue = await opened({ store: contended(on.store, 'pin', 1) })
    await catalogue.addServer('a', LAUNCH)
    expect(await catalogue.observe('a', [tool('t')])).toMatchObject({ added: ['a.t'] })
    const row = await on.store.get('pin', 'a.t')
    await on.store.remove('pin', 'a.t', row?.version ?? 0)
    await expect.poll(() => catalogue.pins('a')).toEqual([])
  })
})
