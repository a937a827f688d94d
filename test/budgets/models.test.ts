import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TLSSocket } from 'node:tls'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { certificateFor, tlsUpstream, wayOut, type Upstream } from '../vault/lent-kit.ts'
import { makeClock } from '../store/temporary.ts'
import { spendingOf, sqliteIn } from './spending.ts'

const VALUE = 'sk-model-0123456789abcdef'
const usual = { category: 'write', agents: ['coder'], methods: ['GET', 'POST'], paths: ['/v1/**'] }
const START = '{"type":"message_start","message":{"usage":{"input_tokens":20,"output_tokens":1}}}'
const END = '{"type":"message_delta","delta":{},"usage":{"output_tokens":80}}'
const EVENTS = [
  `event: message_start\ndata: ${START}\n\n`,
  `event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"key ${VALUE} and \\"usage\\":{\\"output_tokens\\":9999}"}}\n\n`,
  `event: message_delta\ndata: ${END}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`,
].join('')
const JSON_ANSWER = '{"id":"m","content":[{"text":"{\\"usage\\":{}}"}],"usage":{"input_tokens":20,"output_tokens":30}}'

type Say = (socket: TLSSocket, body: string) => void
const headed = (status: string, type: string, body: string): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
const whole =
  (type: string, body: string, status = '200 OK'): Say =>
  (socket) =>
    void socket.end(headed(status, type, body))
/** One byte at a time: no event, name or number comes in one piece. */
const drop =
  (text: string): Say =>
  (socket) => {
    const bytes = Buffer.from(text)
    socket.setNoDelay(true)
    const next = (at: number): void => {
      if (at >= bytes.length) return void socket.end()
      socket.write(bytes.subarray(at, at + 1))
      setImmediate(next, at + 1)
    }
    next(0)
  }

describe('what models cost', () => {
  const certificate = certificateFor('localhost')
  let api: Upstream
  let say: Say = () => undefined
  let body = ''
  const closing: (() => void)[] = []
  let store: Store
  let made = 0
  const clock = makeClock()
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-models-'))
  beforeAll(async () => {
    store = await sqliteIn(directory, undefined, clock)
    api = await tlsUpstream(certificate, (socket, text) => {
      body = text.split('\r\n\r\n').slice(1).join('')
      say(socket, body)
    })
  })
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })
  afterAll(async () => {
    api.close()
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })

  async function open(limit = 1_000, more: object = {}, egress: object = {}) {
    const models = [{ host: `localhost:${api.port}`, reserve: 200 }]
    const spending = spendingOf([{ name: `models-${++made}`, limit, models, ...more }], store, clock)
    const way = await wayOut(
      { model: { ...usual, secret: 'model', base: `https://localhost:${api.port}` } },
      { model: VALUE },
      { authorities: [certificate.cert.toString()], budgets: spending.budgets.models, egress },
    )
    closing.push(() => way.close())
    const ask = (asked: object = { max_tokens: 100 }, path = '/v1/messages') =>
      way.ask(`/sallyport/model${path}`, { method: 'POST', body: JSON.stringify(asked) })
    return { ...spending, way, ask }
  }

  it('HB-135: an answer in one piece is charged what it says, and comes as it is', async () => {
    const { ask, left, records } = await open()
    say = whole('application/json', JSON_ANSWER)
    expect(await ask()).toMatchObject({ status: 200, body: JSON_ANSWER })
    await expect.poll(left).toEqual({ spent: 50, reserved: 0 })
    expect(records).toMatchObject([{ event: 'budget.spent', units: 50, toolName: 'localhost', agentId: 'coder' }])
  })

  it('HB-135 T-126: a stream that comes byte by byte is charged its last usage; no byte of it changes but the credential', async () => {
    const { ask, left } = await open()
    say = drop(headed('200 OK', 'text/event-stream; charset=utf-8', EVENTS))
    const answer = await ask()
    expect(answer.body).toBe(EVENTS.replace(VALUE, '*'.repeat(VALUE.length)))
    await expect.poll(left).toEqual({ spent: 100, reserved: 0 })
  })

  it('HB-135: a stream goes on while it comes: nothing is held back until its usage is there', async () => {
    const { way, left } = await open()
    let go: () => void = () => undefined
    say = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n')
      socket.write(`data: ${START}\n\n${': x'.repeat(2_000)}\n`)
      go = () => socket.end(EVENTS.slice(EVENTS.indexOf('event: message_delta')))
    }
    const outgoing = request({
      host: '127.0.0.1',
      port: way.port,
      path: '/sallyport/model/v1/messages',
      method: 'POST',
    })
    let text = ''
    const begun = new Promise<void>((resolve) =>
      outgoing.on('response', (response) => {
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString()
          resolve()
        })
      }),
    )
    outgoing.end('{"max_tokens":100}')
    await begun
    expect(text).toContain('message_start')
    expect(await left()).toEqual({ spent: 0, reserved: 100 })
    go()
    await expect.poll(left).toEqual({ spent: 100, reserved: 0 })
  })

  it('HB-135 T-161: requests at the same time never set aside more than there is; the rest get 429 and when to come back', async () => {
    const { ask, left, alerts, way } = await open(1_000)
    const open_: TLSSocket[] = []
    say = (socket) => void open_.push(socket)
    const asked = Array.from({ length: 30 }, () => ask({ max_tokens: 100 }))
    await expect.poll(async () => [open_.length, (await left()).reserved]).toEqual([10, 1_000])
    for (const socket of open_) socket.end(headed('200 OK', 'application/json', JSON_ANSWER))
    const answers = await Promise.all(asked)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(20)
    expect(refused[0]?.headers).toMatchObject({ 'x-sallyport-deny': 'budget_spent', 'retry-after': '50400' })
    await expect.poll(left).toEqual({ spent: 500, reserved: 0 })
    expect(alerts.map((one) => one.split(':')[0])).toEqual(['budget-spent'])
    expect(way.attempts.filter(({ reason }) => reason === 'budget_spent')[0]).toMatchObject({
      ...{ verdict: 'refused', rule: `budget models-${made}`, method: 'POST' },
    })
    // a credential is not taken out of the vault for them
    expect(way.records.filter(({ operation }) => operation === 'use')).toHaveLength(10)
  })

  it('T-161: who hangs up before the end pays what was set aside, not what was said so far', async () => {
    const { way, left } = await open()
    say = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n')
      socket.write(`data: ${START}\n\n${': x'.repeat(2_000)}\n`)
    }
    const outgoing = request({
      host: '127.0.0.1',
      port: way.port,
      path: '/sallyport/model/v1/messages',
      method: 'POST',
    })
    outgoing.on('error', () => undefined)
    outgoing.on('response', (response) => response.once('data', () => outgoing.destroy()).on('error', () => undefined))
    outgoing.end('{"max_tokens":150}')
    await expect.poll(left).toEqual({ spent: 150, reserved: 0 })
  })

  it.each([
    ['no usage', whole('application/json', '{"id":"m"}'), 100],
    ['a usage that is none', whole('application/json', '{"usage":{"input_tokens":-5,"output_tokens":"9"}}'), 100],
    ['no JSON', whole('text/plain', 'usage: 5'), 100],
    ['more than was set aside', whole('application/json', '{"usage":{"total_tokens":700}}'), 700],
    ['a failure of the server', whole('application/json', '{"error":{}}', '500 Internal Server Error'), 100],
    ['a refusal', whole('application/json', '{"error":{}}', '401 Unauthorized'), 0],
    ['too many requests', whole('application/json', '{"error":{}}', '429 Too Many Requests'), 0],
    ['overload', whole('application/json', '{"error":{}}', '529 Overloaded'), 0],
    ['a connection that breaks', (socket: TLSSocket) => void socket.destroy(), 100],
  ] as const)('HB-135 T-161: %s', async (_what, answer, units) => {
    const { ask, left } = await open()
    say = answer
    await ask()
    await expect.poll(left).toEqual({ spent: units, reserved: 0 })
  })

  it('HB-135: what is only read is free, and what does not get out costs nothing', async () => {
    const { ask, left, way } = await open()
    say = whole('application/json', JSON_ANSWER)
    await way.ask('/sallyport/model/v1/models')
    await ask({ messages: [] }, '/v1/messages/count_tokens')
    expect((await ask({}, '/v2/other')).status).toBe(403)
    await expect.poll(left).toEqual({ spent: 0, reserved: 0 })
  })

  it('HB-135: a packed body is read for what it asks, and goes on as it was said', async () => {
    const { way, left } = await open()
    say = whole('application/json', '{"id":"m"}')
    const asked = JSON.stringify({ max_tokens: 70 })
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
    await way.ask('/sallyport/model/v1/messages', { method: 'POST', headers, body: gzipSync(asked) })
    expect(body).toBe(asked)
    await expect.poll(left).toEqual({ spent: 70, reserved: 0 })
    const broken = await way.ask('/sallyport/model/v1/messages', { method: 'POST', headers, body: 'no gzip' })
    expect([broken.status, broken.headers['x-sallyport-deny']]).toEqual([403, 'body_encoding'])
  })

  it('HB-135: a WebSocket to a model is refused: what is said over it nobody counts', async () => {
    const { way } = await open()
    const answer = await way.ask('/sallyport/model/v1/realtime', {
      headers: {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    })
    expect([answer.status, answer.headers['x-sallyport-deny']]).toEqual([403, 'not_inspectable'])
  })

  it('HB-135: no way round: a tunnel to the host is looked into or refused, with any credential or none', async () => {
    const { budgets } = await open()
    expect(budgets.models?.covers('coder', 'localhost', api.port)).toBe(true)
    expect(budgets.models?.hostsOf('coder')).toEqual(['localhost'])
    const { way } = await open(1_000, {}, { rules: { all: { hosts: [`localhost:${api.port}`] } } })
    const tunnel = request({ host: '127.0.0.1', port: way.port, method: 'CONNECT', path: `localhost:${api.port}` })
    const status = await new Promise((resolve) => {
      tunnel.on('connect', ({ statusCode }) => resolve(statusCode))
      tunnel.end()
    })
    expect(status).toBe(403)
    expect(way.attempts.at(-1)).toMatchObject({ reason: 'not_inspectable' })
  })

  it('HB-135: budgets of others do not count it', async () => {
    const { ask, budgets } = await open(1, { agents: ['crew-*', 'server:*'] })
    say = whole('application/json', JSON_ANSWER)
    expect((await ask()).status).toBe(200)
    expect(await budgets.list()).toMatchObject([{ spent: 0, reserved: 0 }])
    expect(budgets.models?.covers('server:x', 'localhost', api.port)).toBe(true)
  })
})
