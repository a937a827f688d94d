import { afterEach, describe, expect, it } from 'vitest'
import type { Era, JsonObject, OpenOptions } from '@sallyport/core'
import { closeAll, hello, pool, remote, web, type Said } from './fixtures/remote.ts'

afterEach(closeAll)

/** What becomes of a conversation with a server that answers the two ways to begin so. */
async function begun(prefer: Era, answers: Readonly<Record<string, (said: Said) => JsonObject>>) {
  const asked: string[] = []
  const url = await web((request, response, body) => {
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const said = JSON.parse(body) as Said
    const { id, method = '' } = said
    asked.push(method)
    if (id === undefined) return void response.writeHead(202).end()
    const answer = answers[method]?.(said) ?? { error: { code: -32_601, message: 'no such method' } }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
  })
  const { upstreams } = pool()
  upstreams.add(remote('http', url))
  const handler = {
    notification: () => undefined,
    request: () => new Promise<never>(() => undefined),
    closed: () => undefined,
  }
  const how: OpenOptions = { prefer, capabilities: {}, handler }
  return { opened: await upstreams.open('far', 'c', how), asked, info: upstreams.info('far') }
}

describe('SYS-14: how a conversation begins', () => {
  it.each([
    ['legacy', ['initialize', 'server/discover']],
    ['modern', ['server/discover', 'initialize']],
  ] as const)('a server that refuses both is refused with what it said to the first, %s', async (prefer, order) => {
    const { opened, asked, info } = await begun(prefer, {
      [order[0]]: () => ({ error: { code: -32_001, message: 'first' } }),
      [order[1]]: () => ({ error: { code: -32_002, message: 'second' } }),
    })
    expect(opened).toEqual({ ok: false, code: 'SP_MCP_UPSTREAM_FAILED', reason: 'It refused to begin (-32001).' })
    expect(asked).toEqual(order)
    expect(info).toBeUndefined()
  })

  it.each([
    ['none', undefined, 'null'],
    ['no text', 7, '7'],
    ['one of the other era', '2026-07-28', '"2026-07-28"'],
    ['one that is not known', '1999-01-01', '"1999-01-01"'],
  ])('a legacy server whose revision is %s is not spoken with', async (_what, protocolVersion, said) => {
    const { opened } = await begun('legacy', {
      initialize: () => ({
        result: { capabilities: {}, ...(protocolVersion === undefined ? {} : { protocolVersion }) },
      }),
    })
    const reason = `It answered with revision ${said}.`
    expect(opened).toEqual({ ok: false, code: 'SP_MCP_UPSTREAM_PROTOCOL', reason })
  })

  it.each([
    ['none', {}],
    ['no list', { supportedVersions: '2026-07-28' }],
    ['others', { supportedVersions: ['2099-01-01'] }],
  ])('a modern server that offers %s is not spoken with', async (_what, result) => {
    const { opened } = await begun('modern', { 'server/discover': () => ({ result }) })
    const reason = 'It shares no revision with the gateway.'
    expect(opened).toEqual({ ok: false, code: 'SP_MCP_UPSTREAM_PROTOCOL', reason })
  })

  it('what a server says of itself is taken only in its form, and cut', async () => {
    const odd = { capabilities: [], serverInfo: 'me', instructions: 5 }
    const { opened } = await begun('legacy', { initialize: (said) => ({ result: hello(said, odd) }) })
    expect(opened).toMatchObject({
      ok: true,
      value: { era: 'legacy', capabilities: {}, serverInfo: {}, instructions: '' },
    })
    const long = { instructions: 'x'.repeat(20_000), serverInfo: { name: 'a' } }
    const second = await begun('legacy', { initialize: (said) => ({ result: hello(said, long) }) })
    expect(second.opened).toMatchObject({ value: { instructions: 'x'.repeat(16_384), serverInfo: { name: 'a' } } })
  })

  it.each([
    ['not an object', 5, {}],
    ['an object', { 'io.modelcontextprotocol/serverInfo': { name: 'new' } }, { name: 'new' }],
  ])('a modern server is known by its `_meta`, here %s', async (_what, _meta, serverInfo) => {
    const result = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, _meta }
    const { opened, asked } = await begun('modern', { 'server/discover': () => ({ result }) })
    expect(opened).toMatchObject({ ok: true, value: { era: 'modern', version: '2026-07-28', serverInfo } })
    expect(asked).toEqual(['server/discover'])
  })
})
