import { describe, expect, it } from 'vitest'
import { SallyportError, type JsonObject } from '@sallyport/core'
import { refuse } from '../../boundary/ports.ts'
import { LocalTransport, type LocalOrder, type LocalTools } from './local-transport.ts'

/** A server of this process whose one tool does this, and what it says. */
async function local(call: LocalTools['call'] = async () => ({})) {
  const transport = new LocalTransport({ name: 'own', confinement: 'none', definitions: [], call })
  const said: JsonObject[] = []
  const lost: (readonly [number, string])[] = []
  await transport.start({
    message: (text) => void said.push(JSON.parse(text) as JsonObject),
    lost: (id, { code }) => void lost.push([id, code]),
    violation: () => undefined,
    closed: () => undefined,
  })
  const send = (message: JsonObject, decideWritten?: LocalOrder['decideWritten']) =>
    transport.send({
      text: JSON.stringify({ jsonrpc: '2.0', ...message }),
      ...(decideWritten === undefined ? {} : { request: { id: 1, method: '', paramsText: '{}', decideWritten } }),
    })
  return { transport, said, lost, send }
}

describe('tools of this process as an MCP server', () => {
  it.each([
    [{ id: 1, method: 'initialize' }, { result: { protocolVersion: '' } }],
    [
      { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } },
      { result: { protocolVersion: '2025-11-25' } },
    ],
    [{ id: 1, method: 'ping' }, { result: {} }],
    [{ id: 1, method: 'tools/list' }, { result: { tools: [] } }],
    [{ id: 1, method: 'resources/list' }, { error: { code: -32_601 } }],
    [{ id: 1 }, { error: { code: -32_601 } }],
  ])('%j is answered', async (message, answer) => {
    const { send, said } = await local()
    await send(message)
    expect(said).toMatchObject([{ id: 1, ...answer }])
  })

  it('a notification is not', async () => {
    const { send, said, transport } = await local()
    await send({ method: 'notifications/initialized' })
    transport.established()
    expect(said).toEqual([])
  })

  it.each([
    ['names no tool', { id: 1, method: 'tools/call' }],
    ['names one with a number', { id: 1, method: 'tools/call', params: { name: 5 } }],
  ])('a call that %s reaches none', async (_what, message) => {
    let called = 0
    const { send, lost } = await local(async () => ({ called: ++called }))
    await send(message)
    expect(lost).toEqual([[1, 'SP_MCP_UNKNOWN_TOOL']])
    expect(called).toBe(0)
  })

  it('a tool gets an object, whatever the arguments are, and who decides about what it writes', async () => {
    const got: (readonly [JsonObject, boolean])[] = []
    const { send, said } = await local(async (_name, args, { decideWritten }) => {
      got.push([args, decideWritten !== undefined])
      return {}
    })
    await send({ id: 1, method: 'tools/call', params: { name: 'a', arguments: [1] } })
    await send({ id: 1, method: 'tools/call', params: { name: 'a', arguments: { b: 1 } } }, () =>
      refuse('SP_SANDBOX_LANDING', ''),
    )
    await expect.poll(() => said.length).toBe(2)
    expect(got).toEqual([
      [{}, false],
      [{ b: 1 }, true],
    ])
  })

  it.each([
    ['a coded error', new SallyportError('SP_EGRESS_REFUSED', 'no'), 'SP_EGRESS_REFUSED'],
    ['a time limit', new SallyportError('SP_MCP_UPSTREAM_TIMEOUT', 'late'), 'SP_MCP_UPSTREAM_TIMEOUT'],
    ['any other', new Error('a bug'), 'SP_INTERNAL'],
  ])('what a tool throws is told by its code: %s', async (_what, thrown, code) => {
    const { send, lost } = await local(() => Promise.reject(thrown))
    await send({ id: 1, method: 'tools/call', params: { name: 'a' } })
    await expect.poll(() => lost).toEqual([[1, code]])
  })

  it.each(['abandon', 'close'] as const)('a call that runs is told to stop: %s', async (how) => {
    let isStopped = false
    const { send, transport, lost } = await local(
      (_name, _args, { signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            isStopped = true
            reject(signal.reason as Error)
          }),
        ),
    )
    await send({ id: 1, method: 'tools/call', params: { name: 'a' } })
    expect(transport.abandon(2)).toBe(true)
    expect(isStopped).toBe(false)
    if (how === 'abandon') transport.abandon(1)
    else await transport.close()
    expect(isStopped).toBe(true)
    await expect.poll(() => lost).toEqual([[1, 'SP_MCP_UPSTREAM_FAILED']])
  })
})
