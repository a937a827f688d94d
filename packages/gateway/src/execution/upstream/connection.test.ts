import type { JsonObject, OpenOptions, ServerAnswer, ServerMessages } from '@sallyport/core'
import { afterEach, describe, expect, it } from 'vitest'
import { closeAll, pool, remote, talker, type Said, type Say } from './fixtures/remote.ts'

afterEach(closeAll)

interface Heard {
  readonly notifications: string[]
  readonly closed: string[]
  readonly aborted: number[]
}

/** A conversation with a server that does this; `answer` is what the client's side says to its requests. */
async function talk(act: (said: Said, say: Say) => void, answer?: (params: JsonObject) => Promise<ServerAnswer>) {
  const { url, told } = await talker(act)
  const { upstreams, logged } = pool()
  upstreams.add(remote('sse', url))
  const heard: Heard = { notifications: [], closed: [], aborted: [] }
  const handler: ServerMessages = {
    notification: (method) => void heard.notifications.push(method),
    async request(_method, params, _text, signal) {
      signal.addEventListener('abort', () => heard.aborted.push(Number(params['n'])))
      return answer === undefined ? new Promise(() => undefined) : answer(params)
    },
    closed: (reason) => void heard.closed.push(reason),
  }
  const how: OpenOptions = { prefer: 'legacy', capabilities: {}, handler }
  expect(await upstreams.open('far', 'c', how)).toMatchObject({ ok: true })
  const call = (params: JsonObject, timeoutMs = 5_000, signal?: AbortSignal) =>
    upstreams.call('far', 'c', 'tools/call', JSON.stringify(params), {
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    })
  return { upstreams, logged, told, heard, call }
}
const answerTo = ({ id = 0 }: Said, result: JsonObject = { content: [] }): JsonObject => ({
  ...{ jsonrpc: '2.0', id, result },
})
const nameOf = ({ params }: Said): unknown => params?.['name']

describe('requests to a server', () => {
  it('T-156: no more than 256 of one connection are open; who is still waiting at its end is told', async () => {
    const { call, upstreams } = await talk(() => undefined)
    const open = Array.from({ length: 256 }, () => call({ name: 'a' }))
    expect(await call({ name: 'one more' })).toMatchObject({ outcome: 'failure', error: { code: 'SP_AUTHZ_RATE' } })
    await upstreams.closeConnection('c')
    for (const one of await Promise.all(open))
      expect(one).toMatchObject({ outcome: 'failure', error: { code: 'SP_MCP_UPSTREAM_FAILED' } })
  })

  it('T-065: an answer that comes too late is dropped, is no fault, and the server was told', async () => {
    let late: (() => void) | undefined
    const { call, told, logged } = await talk((said, say) => {
      if (nameOf(said) === 'late') late = () => say(answerTo(said))
      if (nameOf(said) === 'quick') say(answerTo(said))
    })
    expect(await call({ name: 'late' }, 50)).toMatchObject({
      ...{ outcome: 'timeout', error: { code: 'SP_MCP_UPSTREAM_TIMEOUT' } },
    })
    await expect.poll(() => told.at(-1)).toMatchObject({ method: 'notifications/cancelled' })
    late?.()
    expect(await call({ name: 'quick' })).toMatchObject({ outcome: 'success' })
    expect(logged).toEqual([])
    late?.()
    expect(await call({ name: 'quick' })).toMatchObject({ outcome: 'success' })
    expect(logged.join()).toContain('which is not open')
  })

  it.each([
    ['before it was sent', true],
    ['while it waits', false],
  ])('a caller that gave up %s waits no longer', async (_when, before) => {
    const { call, told } = await talk(() => undefined)
    const caller = new AbortController()
    if (before) caller.abort()
    const asked = call({ name: 'a' }, 5_000, caller.signal)
    if (!before) await expect.poll(() => told.some((said) => nameOf(said) === 'a')).toBe(true)
    caller.abort()
    expect(await asked).toMatchObject({ outcome: 'aborted' })
    expect(told.some((said) => nameOf(said) === 'a')).toBe(!before)
  })

  it.each([
    ['a number', 5],
    ['a list', []],
    ['nothing', null],
  ])('a result that is %s is an error of the server', async (_what, result) => {
    const { call, logged } = await talk(({ id = 0 }, say) => say({ jsonrpc: '2.0', id, result }))
    expect(await call({ name: 'a' })).toMatchObject({ error: { code: 'SP_MCP_UPSTREAM_PROTOCOL' } })
    expect(logged.join()).toContain('not an object')
  })

  it.each([
    ['with data', { data: { why: 'so' } }],
    ['without', {}],
  ])('an error of the server stays its own, %s', async (_what, data) => {
    const error = { code: -32_000, message: 'no', ...data }
    const { call } = await talk(({ id = 0 }, say) => say({ jsonrpc: '2.0', id, error }))
    expect(await call({ name: 'a' })).toMatchObject({ outcome: 'failure', rpcError: error })
  })

  it('a tool call that names no tool is the server’s to refuse', async () => {
    const { call } = await talk(({ id = 0 }, say) => say({ jsonrpc: '2.0', id, error: { code: -32_602, message: '' } }))
    expect(await call({})).toMatchObject({ rpcError: { code: -32_602 } })
  })

  it('T-067: progress is heard by who asked, without the token, and prolongs the wait', async () => {
    const { url } = await talker((said, say) => {
      const { progressToken } = (said.params?.['_meta'] ?? {}) as { readonly progressToken?: string }
      const progress = (n: number): void =>
        say({
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: { progressToken: progressToken ?? '', progress: n },
        })
      for (let n = 1; n <= 3; n++) setTimeout(() => progress(n), n * 200)
      setTimeout(() => say(answerTo(said)), 800)
    })
    const { upstreams } = pool()
    upstreams.add(remote('sse', url))
    const heard: JsonObject[] = []
    const how = { timeoutMs: 400, onProgress: (progress: JsonObject) => void heard.push(progress) }
    expect(await upstreams.call('far', 'c', 'tools/call', '{"name":"a"}', how)).toMatchObject({ outcome: 'success' })
    expect(heard).toEqual([{ progress: 1 }, { progress: 2 }, { progress: 3 }])
  })
})

describe('T-066, T-156: a server that says too much is cut off, once', () => {
  const many = (message: JsonObject) => (_said: Said, say: Say) => {
    for (let n = 0; n < 1_500; n++) say({ jsonrpc: '2.0', ...message })
  }
  it.each([
    ['notifications', { method: 'notifications/message', params: { level: 'info' } }],
    ['progress of nothing', { method: 'notifications/progress', params: { progressToken: 'guessed', progress: 1 } }],
    ['progress without a token', { method: 'notifications/progress', params: { progress: 1 } }],
    ['requests', { id: 'x', method: 'made/up' }],
  ])('%s', async (_what, message) => {
    const { call, heard } = await talk(many(message))
    expect(await call({ name: 'a' })).toMatchObject({
      ...{ outcome: 'failure', error: { code: 'SP_MCP_UPSTREAM_PROTOCOL' } },
    })
    expect(heard.closed).toHaveLength(1)
    expect(heard.notifications.length).toBeLessThan(1_500)
  })

  it('nine answers to nothing', async () => {
    const { call, heard } = await talk((_said, say) => {
      for (let n = 0; n < 9; n++) say({ jsonrpc: '2.0', id: 1_000 + n, result: {} })
    })
    expect(await call({ name: 'a' })).toMatchObject({ error: { code: 'SP_MCP_UPSTREAM_PROTOCOL' } })
    expect(heard.closed[0]).toContain('8 protocol faults')
  })
})

describe('requests of a server', () => {
  const ping = (n: number, id: number | string = n): JsonObject => ({
    ...{ jsonrpc: '2.0', id, method: 'elicitation/create', params: { n } },
  })
  const answersTo = (told: readonly Said[], id: unknown): readonly Said[] =>
    told.filter((one) => (one.id as unknown) === id && one.method === undefined)

  it('T-065: an id that is open is no second request, and no more than 32 are open', async () => {
    const { call, told, logged } = await talk((said, say) => {
      say(ping(0, 'twice'))
      say(ping(1, 'twice'))
      for (let n = 1; n <= 32; n++) say(ping(n, `many-${n}`))
      say(answerTo(said))
    })
    expect(await call({ name: 'a' })).toMatchObject({ outcome: 'success' })
    expect(logged.join()).toContain('the id of an open one')
    await expect.poll(() => answersTo(told, 'many-32')).toMatchObject([{ error: { code: -32_603 } }])
    expect(answersTo(told, 'many-31')).toEqual([])
  })

  it('are answered once: with what was found, or with an error that says nothing of why', async () => {
    const { call, told } = await talk(
      (said, say) => {
        for (let n = 1; n <= 3; n++) say(ping(n, `q${n}`))
        say(answerTo(said))
      },
      async ({ n }) => {
        if (n === 1) return { resultText: '{"action":"decline"}' }
        if (n === 2) return { code: -32_001, message: 'no', error: 'SP_MCP_METHOD_REFUSED' }
        throw new Error('a secret of the gateway')
      },
    )
    await call({ name: 'a' })
    await expect.poll(() => [1, 2, 3].map((n) => answersTo(told, `q${n}`).length)).toEqual([1, 1, 1])
    expect(answersTo(told, 'q1')).toMatchObject([{ result: { action: 'decline' } }])
    expect(answersTo(told, 'q2')).toMatchObject([{ error: { code: -32_001 } }])
    expect(answersTo(told, 'q3')).toMatchObject([
      { error: { code: -32_603, message: 'The gateway could not answer.' } },
    ])
    expect(JSON.stringify(told)).not.toContain('secret')
  })

  it('that it takes back are not answered; what is no id takes nothing back', async () => {
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const { call, told, heard } = await talk(
      (said, say) => {
        if (nameOf(said) === 'ask') {
          say(ping(1, 'kept'))
          say(ping(2, 'taken back'))
          say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: { id: 'kept' } } })
          say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'taken back' } })
        }
        say(answerTo(said))
      },
      async () => {
        await held
        return { resultText: '{}' }
      },
    )
    await call({ name: 'ask' })
    expect(heard.aborted).toEqual([2])
    release?.()
    await expect.poll(() => answersTo(told, 'kept').length).toBe(1)
    await call({ name: 'more' })
    expect(answersTo(told, 'taken back')).toEqual([])
  })
})
