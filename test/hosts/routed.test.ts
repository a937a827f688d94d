import { describe, expect, test } from 'vitest'
import type {
  Boundary,
  Caller,
  CrossingResult,
  IncomingCall,
  Ingress,
} from '../../packages/gateway/src/boundary/ports.ts'
import { watchTraffic } from '../../packages/gateway/src/ingress/hooks/traffic.ts'
import { createStage, post, pre, type Stage } from './stage.ts'

type Outcome = 'executed' | 'delegated' | 'failed' | 'denied' | 'pending'
interface Crossing {
  readonly server?: string
  readonly tool?: string
  readonly args?: string
  readonly outcome?: Outcome | Promise<Outcome>
  readonly agent?: string
}
interface Wired {
  readonly stage: Stage
  readonly list: (alias: string, ingress?: Ingress) => void
  readonly cross: (crossing?: Crossing) => Promise<CrossingResult>
  readonly alerts: () => readonly unknown[]
}

/** The hook ingress beside the real watch on the MCP ingress; only what the boundary decides is played. */
function wired(hookDecides: 'allow' | 'deny' = 'deny'): Wired {
  const outcomes: (Outcome | Promise<Outcome>)[] = []
  const inner: Boundary = {
    async cross() {
      return { outcome: await outcomes.shift(), auditId: 'a' } as CrossingResult
    },
    visible: () => [],
    refused: async () => 'r',
    report: async () => ({ ok: true, value: null }),
  }
  const time = { now: () => stage.clock.now(), monotonic: () => stage.clock.now() }
  const watched = watchTraffic(inner, time)
  const stage: Stage = createStage({ decide: () => hookDecides, traffic: watched.traffic })
  watched.onCall((caller, call, phase) => stage.hooks.observeMcpCall(caller, call, phase))
  const as = (ingress: Ingress, agent?: string): Caller => ({ ...stage.caller(agent), ingress })
  return {
    stage,
    list: (alias, ingress = 'mcp-stdio') => void watched.boundary.visible(as(ingress), alias),
    cross({ server = 'files', tool = 'read_file', args = '{"path":"/x"}', outcome = 'executed', agent } = {}) {
      outcomes.push(outcome)
      const call = { requestId: '1', server, tool, argsText: args, meta: {}, enforcement: 'gateway', approvalWaitMs: 0 }
      return watched.boundary.cross(as('mcp-stdio', agent), call as IncomingCall)
    },
    alerts: () => stage.records.filter(({ kind }) => kind === 'alert').map((record) => record['name']),
  }
}
const hooked = (server: object | undefined, tool = 'mcp__files__read_file', input: object = { path: '/x' }) =>
  pre(tool, input, server === undefined ? {} : { mcp_server: server })
const FILES = { name: 'files', source: 'user' }

describe('MCP tools seen by the hook', () => {
  test('one of the wired server is asked about once, at the gateway', async () => {
    const { stage, list, cross, alerts } = wired()
    list('files')
    const call = hooked(FILES)
    expect((await stage.hook('claude-code', call as never)).exit).toBe('0')
    await cross({ args: '{ "path" : "\\u002fx" }' })
    await stage.hook('claude-code', post(call, 'x') as never)
    expect(stage.crossed).toEqual([])
    expect(alerts()).toEqual([])
  })

  test.each([
    ['a name that folds to the alias', { name: 'Files!', source: 'user' }, 'mcp__Files___read_file'],
    ['capitals', { name: 'FILES', source: 'user' }, 'mcp__FILES__read_file'],
    ['a longer name', { name: 'files__x', source: 'user' }, 'mcp__files__x__read_file'],
    ['another name before the same tool name', { name: 'evil', source: 'user' }, 'mcp__files__read_file'],
    ['the alias, but another server in the tool name', FILES, 'mcp__Files___read_file'],
    ['a repository’s entry of the very name', { name: 'files', source: 'project' }, 'mcp__files__read_file'],
    ['a plugin’s entry', { name: 'files', source: 'plugin' }, 'mcp__files__read_file'],
    ['an entry of unknown source', { name: 'files' }, 'mcp__files__read_file'],
    ['no word about the server', undefined, 'mcp__files__read_file'],
    ['no tool', FILES, 'mcp__files__'],
  ])('T-085: %s is decided at the hook though files is wired', async (_what, server, tool) => {
    const { stage, list } = wired()
    list('files')
    expect((await stage.hook('claude-code', hooked(server, tool) as never)).exit).toBe('2')
    expect(stage.crossed).toHaveLength(1)
    expect(stage.crossed[0]).toMatchObject({ server: 'claude-code', tool })
  })

  test('T-085: a list read by any other way than mcp wrap wires nothing', async () => {
    const { stage, list } = wired()
    list('files', 'mcp-http')
    expect((await stage.hook('claude-code', hooked(FILES) as never)).exit).toBe('2')
    expect(stage.crossed).toHaveLength(1)
  })

  test('T-042: a server of the same name beside the gateway is found out by its first result', async () => {
    const { stage, list, alerts } = wired()
    list('files')
    const call = hooked(FILES)
    await stage.hook('claude-code', call as never)
    await stage.hook('claude-code', post(call, 'x') as never)
    expect(alerts()).toEqual(['hook.gateway_bypassed'])
    expect((await stage.hook('claude-code', hooked(FILES) as never)).exit).toBe('2')
  })

  const covers: readonly (readonly [string, Crossing])[] = [
    ['was denied', { outcome: 'denied' }],
    ['waits for a human', { outcome: 'pending' }],
    ['failed', { outcome: 'failed' }],
    ['has other arguments', { args: '{"path":"/y"}' }],
    ['is of another tool', { tool: 'list' }],
    ['is of another server', { server: 'other' }],
    ['is another agent’s', { agent: 'other' }],
  ]
  test.each(covers)('T-042: a gateway call that %s does not cover a bypass', async (_what, crossing) => {
    const { stage, list, cross, alerts } = wired()
    list('files')
    const call = hooked(FILES)
    await stage.hook('claude-code', call as never)
    await cross(crossing)
    await stage.hook('claude-code', post(call, 'x') as never)
    expect(alerts()).toContain('hook.gateway_bypassed')
  })

  test('T-042: nor does one that still runs, and one that came before the hook', async () => {
    for (const early of [true, false]) {
      const { stage, list, cross, alerts } = wired()
      list('files')
      const call = hooked(FILES)
      if (early) await cross()
      stage.clock.advance(1)
      await stage.hook('claude-code', call as never)
      if (!early) void cross({ outcome: new Promise(() => undefined) })
      await stage.hook('claude-code', post(call, 'x') as never)
      expect(alerts(), String(early)).toContain('hook.gateway_bypassed')
    }
  })

  test('T-042: one gateway call covers one of two equal hooks, also when the other failed', async () => {
    for (const failed of [false, true]) {
      const { stage, list, cross, alerts } = wired()
      list('files')
      const calls = [hooked(FILES), hooked(FILES)] as const
      for (const call of calls) await stage.hook('claude-code', call as never)
      await cross()
      const first = failed
        ? { ...calls[0], hook_event_name: 'PostToolUseFailure', error: 'The server says no.' }
        : post(calls[0], 'x')
      await stage.hook('claude-code', first as never)
      expect(alerts()).toEqual([])
      await stage.hook('claude-code', post(calls[1], 'x') as never)
      expect(alerts(), String(failed)).toEqual(['hook.gateway_bypassed'])
    }
  })

  test('two equal calls at once are two hooks and two crossings', async () => {
    const { stage, list, cross, alerts } = wired()
    list('files')
    const calls = [hooked(FILES), hooked(FILES)] as const
    for (const call of calls) await stage.hook('claude-code', call as never)
    await Promise.all([cross(), cross()])
    for (const call of [...calls].reverse()) await stage.hook('claude-code', post(call, 'x') as never)
    expect(alerts()).toEqual([])
  })
})

describe('MCP calls without their hook', () => {
  test('T-042: one of a hooked agent means that hooks do not fire, whatever becomes of it', async () => {
    for (const outcome of ['executed', 'denied'] as const) {
      const { stage, list, cross, alerts } = wired()
      list('files')
      await cross({ outcome })
      expect(alerts()).toEqual([])
      await stage.hook('claude-code', hooked(FILES) as never)
      await cross({ outcome: 'executed' })
      expect(alerts()).toEqual([])
      await cross({ tool: 'write_file', outcome })
      expect(alerts()).toEqual(['hook.not_firing'])
    }
  })

  test('T-042: one hook covers one call that ran, and every try before it', async () => {
    const { stage, list, cross, alerts } = wired()
    list('files')
    await stage.hook('claude-code', hooked(FILES) as never)
    await cross({ outcome: 'pending' })
    stage.clock.advance(5 * 60_000)
    await cross({ outcome: 'executed' })
    expect(alerts()).toEqual([])
    await cross({ outcome: 'executed' })
    expect(alerts()).toEqual(['hook.not_firing'])
  })

  test('T-042: a hook that said no covers no call', async () => {
    const { stage, cross, alerts } = wired('deny')
    await stage.hook('claude-code', hooked({ name: 'Files!', source: 'user' }, 'mcp__Files___read_file') as never)
    await cross()
    expect(alerts()).toEqual(['hook.not_firing'])
  })

  test('one that was decided at the hook and again at the gateway is no alarm', async () => {
    const { stage, list, cross, alerts } = wired('allow')
    list('files')
    const call = hooked({ name: 'Files!', source: 'user' }, 'mcp__Files___read_file')
    expect((await stage.hook('claude-code', call as never)).exit).toBe('0')
    expect(stage.crossed).toHaveLength(1)
    await cross()
    await stage.hook('claude-code', post(call, 'x') as never)
    expect(alerts()).toEqual([])
  })
})
