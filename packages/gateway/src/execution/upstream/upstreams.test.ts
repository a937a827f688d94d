import { afterEach, describe, expect, it } from 'vitest'
import type { JsonObject, OpenOptions, ServerMessages } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import { closeAll, hello, pool, remote, talker, web, type Said } from './fixtures/remote.ts'

afterEach(closeAll)

const handler: ServerMessages = {
  notification: () => undefined,
  request: async () => ({ code: -32_601, message: 'no', error: 'SP_MCP_METHOD_REFUSED' }),
  closed: () => undefined,
}
const LEGACY: OpenOptions = { prefer: 'legacy', capabilities: {}, handler }
const MODERN: OpenOptions = { prefer: 'modern', capabilities: {}, handler }
const OK = { content: [] }

const answering = (result: JsonObject = OK) => talker(({ id = 0 }, say) => say({ jsonrpc: '2.0', id, result }))

/** A server of the 2026 era that answers each method so. */
async function modern(answers: Readonly<Record<string, JsonObject>>): Promise<string> {
  return web((_request, response, body) => {
    const { id = 0, method = '' } = JSON.parse(body) as Said
    const discovered = { result: { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } }
    const answer = { 'server/discover': discovered, ...answers }[method] ?? { result: {} }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
  })
}

/** Time that a test moves. */
function movedClock(): { readonly clock: Clock; readonly move: (ms: number) => void } {
  let at = 1_000_000
  return { clock: { now: () => at, monotonic: () => at }, move: (ms) => void (at += ms) }
}

describe('servers that are not there', () => {
  it.each(['call', 'open', 'listTools', 'listen', 'definitions'] as const)('%s', async (what) => {
    const { upstreams } = pool()
    const unknown = { code: 'SP_MCP_UNKNOWN_SERVER' }
    const { signal } = new AbortController()
    const asked = {
      call: () => upstreams.call('none', 'c', 'ping', '{}'),
      open: () => upstreams.open('none', 'c', LEGACY),
      listTools: () => upstreams.listTools('none', 'c'),
      listen: () => upstreams.listen('none', 'c', {}, signal),
      definitions: () => upstreams.definitions('none').catch((thrown: unknown) => thrown),
    }[what]
    expect(await asked()).toMatchObject(what === 'call' ? { outcome: 'failure', error: unknown } : unknown)
  })

  it('one that was removed is as if it never was, and its connections end', async () => {
    const { url } = await answering()
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    expect(await upstreams.call('far', 'c', 'tools/call', '{"name":"a"}')).toMatchObject({ outcome: 'success' })
    expect(upstreams.specs()).toHaveLength(1)
    await upstreams.remove('far')
    await upstreams.remove('far')
    expect([upstreams.specs(), upstreams.info('far')]).toEqual([[], undefined])
    expect(await upstreams.call('far', 'c', 'ping', '{}')).toMatchObject({ error: { code: 'SP_MCP_UNKNOWN_SERVER' } })
  })

  it('a gateway that stops starts none', async () => {
    const { url, told } = await answering()
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    await upstreams.close()
    expect(await upstreams.open('far', 'c', LEGACY)).toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
    expect(told).toEqual([])
  })

  it('T-086: what speaks against a start is said, and nothing is started', async () => {
    const { url, told } = await answering()
    const refusal = { ok: false, code: 'SP_SUPPLY_REFUSED', reason: 'not reviewed' } as const
    const { upstreams } = pool({ mayStart: async () => refusal as never })
    upstreams.add(remote('sse', url))
    expect(await upstreams.listTools('far', 'c')).toEqual(refusal)
    expect(told).toEqual([])
  })
})

describe('T-156: a server that fails', () => {
  it('is not tried again and again: soon it is refused at once, and later it is tried anew', async () => {
    let asked = 0
    const url = await web((_request, response) => {
      asked++
      response.writeHead(500).end()
    })
    const { clock, move } = movedClock()
    const { upstreams } = pool({ clock })
    upstreams.add(remote('sse', url))
    const reason = async (): Promise<string> => {
      const opened = await upstreams.open('far', 'c', LEGACY)
      return opened.ok ? '' : opened.reason
    }
    for (let n = 0; n < 7; n++) {
      expect(await reason()).toContain('HTTP 500')
      move(31_000)
    }
    expect(await reason()).toContain('HTTP 500')
    expect(await reason()).toContain('keeps failing')
    expect(asked).toBe(8)
    move(31_000)
    expect(await reason()).toContain('HTTP 500')
  })

  it('a second failure costs a wait, not a refusal', async () => {
    const url = await web((_request, response) => void response.writeHead(500).end())
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    for (let n = 0; n < 2; n++) await upstreams.open('far', 'c', LEGACY)
    const from = performance.now()
    expect(await upstreams.open('far', 'c', LEGACY)).toMatchObject({ code: 'SP_MCP_UPSTREAM_FAILED' })
    expect(performance.now() - from).toBeGreaterThan(200)
  })

  it.each([
    ['that lived for a minute is forgiven', 61_000, ''],
    ['that ended at once is not', 0, 'keeps failing'],
  ])('one %s', async (_what, lived, said) => {
    const { clock, move } = movedClock()
    const { url, hangUp, breaks } = await answering()
    const { upstreams, logged } = pool({ clock })
    upstreams.add(remote('sse', url))
    breaks(true)
    for (let n = 0; n < 5; n++) {
      expect(await upstreams.open('far', 'c', LEGACY)).toMatchObject({ ok: false })
      move(31_000)
    }
    breaks(false)
    let isOver = false
    const closed = (): void => void (isOver = true)
    const open = () => upstreams.open('far', 'c', { ...LEGACY, handler: { ...handler, closed } })
    expect(await open()).toMatchObject({ ok: true })
    move(lived)
    hangUp()
    await expect.poll(() => isOver).toBe(true)
    const again = await open()
    expect(again.ok ? '' : again.reason).toContain(said)
    expect(again.ok).toBe(said === '')
    expect(logged).toEqual([])
  })
})

describe('connections to a server', () => {
  it('T-156: the one that has been idle longest makes room', async () => {
    const { clock, move } = movedClock()
    const { url, told } = await answering()
    const { upstreams } = pool({ clock, limits: { connections: 2 } })
    upstreams.add(remote('sse', url))
    for (const connection of ['first', 'second', 'third']) {
      expect(await upstreams.call('far', connection, 'tools/call', '{"name":"a"}')).toMatchObject({
        outcome: 'success',
      })
      move(1_000)
    }
    const hellos = (): number => told.filter(({ method }) => method === 'initialize').length
    expect(hellos()).toBe(3)
    await upstreams.call('far', 'third', 'tools/call', '{"name":"a"}')
    expect(hellos()).toBe(3)
    await upstreams.call('far', 'first', 'tools/call', '{"name":"a"}')
    expect(hellos()).toBe(4)
  })

  it('one that says hello otherwise is opened anew', async () => {
    const { url, told } = await answering()
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    for (const capabilities of [{}, {}, { roots: {} }]) await upstreams.open('far', 'c', { ...LEGACY, capabilities })
    const hellos = told.filter(({ method }) => method === 'initialize')
    expect(hellos.map(({ params }) => params?.['capabilities'])).toEqual([{}, { roots: {} }])
  })
})

describe('lists of tools', () => {
  const listed = async (result: JsonObject, more: Parameters<typeof pool>[0] = {}) => {
    const { url } = await answering(result)
    const { upstreams } = pool(more)
    upstreams.add(remote('sse', url))
    return upstreams
  }
  const TOOL = { name: 'a', inputSchema: { type: 'object' } }

  it.each([
    ['is none', { tools: 5 }],
    ['is absent', {}],
    ['holds what is no tool', { tools: [5] }],
    ['holds one without a name', { tools: [{ inputSchema: {} }] }],
    ['holds one without a schema', { tools: [{ name: 'a' }] }],
    ['is too long', { tools: Array.from({ length: 4 }, (_, n) => ({ ...TOOL, name: `a${n}` })) }],
  ])('T-084: one that %s is an error of the server', async (_what, result) => {
    const upstreams = await listed(result, { limits: { listTools: 3 } })
    expect(await upstreams.listTools('far', 'c')).toMatchObject({ code: 'SP_MCP_UPSTREAM_PROTOCOL' })
    await expect(upstreams.definitions('far')).rejects.toMatchObject({ code: 'SP_MCP_UPSTREAM_PROTOCOL' })
  })

  it('reviews have a connection of their own, which ends, unless one is given', async () => {
    const { url, told } = await answering({ tools: [TOOL] })
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    const hellos = (): number => told.filter(({ method }) => method === 'initialize').length
    expect(await upstreams.definitions('far')).toEqual([TOOL])
    expect(await upstreams.definitions('far')).toEqual([TOOL])
    expect(hellos()).toBe(2)
    expect(await upstreams.definitions('far', 'c')).toEqual([TOOL])
    expect(await upstreams.definitions('far', 'c')).toEqual([TOOL])
    expect(hellos()).toBe(3)
  })

  it('a server that says of no tools is not asked for them', async () => {
    let lists = 0
    const url = await web((request, response, body) => {
      const said = JSON.parse(body === '' ? '{}' : body) as Said
      if (request.method !== 'POST') return void response.writeHead(405).end()
      if (said.method === 'tools/list') lists++
      if (said.id === undefined) return void response.writeHead(202).end()
      response.writeHead(200, { 'content-type': 'application/json' })
      const result = said.method === 'initialize' ? hello(said, { capabilities: {} }) : {}
      response.end(JSON.stringify({ jsonrpc: '2.0', id: said.id, result }))
    })
    const { upstreams } = pool()
    upstreams.add(remote('http', url))
    expect(await upstreams.listTools('far', 'c')).toEqual({ ok: true, value: [] })
    expect(lists).toBe(0)
  })

  it.each([
    ['refuses', { error: { code: -32_000, message: 'no' } }, 'SP_MCP_UPSTREAM_FAILED'],
    ['says nothing of use', { result: 5 }, 'SP_MCP_UPSTREAM_PROTOCOL'],
  ])('one that %s when it is asked for them', async (_what, answer, code) => {
    const { url } = await talker(({ id = 0 }, say) => say({ jsonrpc: '2.0', id, ...answer }))
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    expect(await upstreams.listTools('far', 'c')).toMatchObject({ ok: false, code })
  })
})

describe('subscriptions', () => {
  const { signal } = new AbortController()
  const listening = async (answer: JsonObject) => {
    const { upstreams } = pool()
    upstreams.add(remote('http', await modern({ 'subscriptions/listen': answer })))
    await upstreams.open('far', 'c', MODERN)
    return upstreams.listen('far', 'c', {}, signal)
  }

  it.each([
    ['the server ends is over', { result: {} }, { ok: true }],
    ['it refuses is refused', { error: { code: -32_601, message: 'no' } }, { code: 'SP_MCP_UPSTREAM_FAILED' }],
    ['breaks is lost', { result: 7 }, { code: 'SP_MCP_UPSTREAM_PROTOCOL' }],
  ])('one that %s', async (_what, answer, expected) => {
    expect(await listening(answer)).toMatchObject(expected)
  })

  it('a server of the old era has none, and one that cannot be reached is an error', async () => {
    const { url } = await answering()
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    upstreams.add(remote('sse', 'http://127.0.0.1:1/', { alias: 'gone' }))
    expect(await upstreams.listen('far', 'c', {}, signal)).toEqual({ ok: true, value: {} })
    expect(await upstreams.listen('gone', 'c', {}, signal)).toMatchObject({ code: 'SP_EGRESS_UNREACHABLE' })
  })

  it('a caller that ends one is answered', async () => {
    const url = await web((_request, response, body) => {
      const { id = 0, method } = JSON.parse(body) as Said
      if (method === 'subscriptions/listen') return
      response.writeHead(200, { 'content-type': 'application/json' })
      const result = { supportedVersions: ['2026-07-28'], capabilities: {} }
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    })
    const { upstreams } = pool()
    upstreams.add(remote('http', url))
    await upstreams.open('far', 'c', MODERN)
    const caller = new AbortController()
    const listened = upstreams.listen('far', 'c', {}, caller.signal)
    setTimeout(() => caller.abort(), 50)
    expect(await listened).toEqual({ ok: true, value: {} })
  })
})
