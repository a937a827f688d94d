import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '@sallyport/core'
import { operatorOf, type TestOperator } from '../approvals/operator.ts'
import { openStage, type Stage } from '../requirements/stage.ts'
import { startReceiver, type Receiver } from './kit.ts'

const CLI = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const POLICY = `version: "1.0"
enforcement: mandatory
rules:
  - name: no-deleting
    match: { tool: box.delete }
    deny: ['*']
    severity: critical
`

describe('alerts of a whole gateway', () => {
  let stage: Stage
  let ana: TestOperator
  let receiver: Receiver

  beforeAll(async () => {
    receiver = await startReceiver()
    stage = await openStage({
      tools: {
        read: { effect: 'read', properties: { path: { type: 'string' } } },
        delete: {
          effect: 'write',
          properties: { path: { type: 'string' }, token: { type: 'string' } },
          args: { token: 'secret' },
        },
      },
      policies: ['rules.yaml'],
      files: { 'rules.yaml': POLICY },
      config: {
        alerts: {
          sinks: {
            hook: { type: 'webhook', url: receiver.url, secret: 'a shared secret of thirty-two characters or more' },
          },
        },
      },
    })
    ana = operatorOf(stage.gateway)
    await stage.gateway.listen()
  }, 60_000)
  afterAll(async () => {
    await stage.close()
    receiver.server.closeAllConnections()
    receiver.server.close()
  })

  /** The operator socket. */
  const api = (method: string, path: string, body?: unknown): Promise<{ status: number; body: JsonObject }> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      const asked = request(
        {
          ...{ method, path, host: 'localhost' },
          createConnection: () => createConnection({ path: `${stage.state}/run/operator.sock` }),
          headers: {
            ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          },
        },
        (response) => {
          let out = ''
          response.on('data', (chunk: Buffer) => (out += chunk.toString()))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(out) as JsonObject }))
        },
      )
      asked.on('error', reject)
      asked.end(text)
    })
  const cli = async (...words: readonly string[]) => {
    const child = spawn(process.execPath, [CLI, ...words, '--state', stage.state], {
      env: { PATH: process.env['PATH'] ?? '', HOME: stage.place },
    })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdin.end()
    const [code] = (await once(child, 'close')) as [number]
    return { code, out, err }
  }

  it('AC-5.2.1 AC-5.2.2 AC-5.2.3: a denial has its alert when the caller hears of it, under its audit id and without secrets', async () => {
    const secret = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_')
    const result = await stage.call('delete', { path: '/data', token: secret })
    expect(result).toMatchObject({ outcome: 'denied' })
    const { auditId } = result as { auditId: string }
    // nothing was awaited in between: what is in the store now was there before the answer
    const documents = await stage.gateway.store.list('alert')
    expect(documents.map(({ body }) => body)).toMatchObject([
      { name: 'call.denied', severity: 'critical', tool: 'box.delete', agent: 'coder', count: 1, state: 'open' },
    ])
    const records = await stage.records({ auditId })
    expect(records.map(({ kind }) => kind)).toEqual(['decision', 'alert'])
    expect(records[1]).toMatchObject({
      ...{ name: 'call.denied', severity: 'critical', toolName: 'box.delete', agentId: 'coder' },
      policyRule: [expect.stringContaining('no-deleting')],
    })
    expect(JSON.stringify([documents, records])).not.toContain(secret)
  })

  it('O5: whatever a call violates, its denial is counted by an alert that names its record, and the log proves both', async () => {
    const { identity } = stage.gateway
    const principal = (name: string, effects?: readonly ('read' | 'write')[]) => {
      const issued = identity.issueFor(name, effects)
      const verified = issued.ok ? identity.verify(issued.value.credential) : issued
      if (!verified.ok) throw new Error(verified.reason)
      return verified.value
    }
    const stopped = await identity.agents.add({ name: 'stopped', by: 'test' }).then(() => principal('stopped'))
    await identity.kill({ agent: 'stopped' } as never, 'test', 'gone wrong')
    const key = `-----BEGIN ${'PRIVATE'} KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----`
    const violations: Readonly<Record<string, () => Promise<unknown>>> = {
      'a rule': () => stage.call('delete', { path: '/data' }),
      'a tool that there is not': () => stage.call('nothing', {}),
      'arguments that the tool does not take': () => stage.call('read', { path: 7 }),
      'the content gate': () => stage.call('read', { path: `/data/${key}` }),
      'a credential for less': () =>
        stage.call('delete', { path: '/d' }, {}, stage.caller({ principal: principal('coder', ['read']) })),
      'the kill switch': () => stage.call('read', { path: '/d' }, {}, stage.caller({ principal: stopped })),
    }
    const denials = async (): Promise<readonly JsonObject[]> =>
      (await stage.gateway.store.list('alert', { limit: 1000 })).map(({ body }) => body)
    const counted = (of: readonly JsonObject[]): number => of.reduce((sum, { count }) => sum + Number(count), 0)
    for (const [what, violate] of Object.entries(violations)) {
      const before = await denials()
      const result = (await violate()) as { readonly outcome: string; readonly auditId: string }
      expect(result.outcome, what).toBe('denied')
      const after = await denials()
      expect(counted(after), what).toBeGreaterThan(counted(before))
      expect(
        after.map(({ cause }) => (cause as JsonObject)['auditId']),
        what,
      ).toContain(result.auditId)
      const [decision] = await stage.records({ auditId: result.auditId })
      expect(decision, what).toMatchObject({ kind: 'decision', policyDecision: 'denied', enforcement: 'gateway' })
    }
    await stage.gateway.store.checkpoint()
    expect(await cli('log', 'verify')).toMatchObject({ code: 0 })
  })

  it('AC-5.2.3: names in other case or form are one alert under the name of the registry, or of what was asked for', async () => {
    const tools = async (): Promise<readonly string[]> => {
      const { body } = await api('GET', '/api/v1/alerts')
      const denied = (body['items'] as JsonObject[]).filter(({ name }) => name === 'call.denied')
      return denied.map(({ tool }) => JSON.stringify(tool)).toSorted((one, other) => one.localeCompare(other))
    }
    const callAll = async (): Promise<void> => {
      for (const name of ['delete', 'DELETE', 'Delete']) await stage.call(name, { path: '/data' })
    }
    await callAll()
    const once = await tools()
    expect(once).toContain('"box.delete"')
    await callAll()
    expect(await tools()).toEqual(once)
  })

  it('E-57: the fifth denial within a minute is a critical alert of its own', async () => {
    for (let i = 0; i < 5; i++) await stage.call('delete', { path: `/data/${i}` })
    const { body } = await api('GET', '/api/v1/alerts?severity=critical')
    const names = (body['items'] as JsonObject[]).map(({ name }) => name)
    expect(names).toContain('call.refused_repeatedly')
  })

  it('is listed, shown and taken by anybody who may write, and tested', async () => {
    const listed = await cli('alerts', 'ls')
    expect(listed).toMatchObject({ code: 1 })
    expect(listed.out).toMatch(/critical .*coder tried box\.delete and was denied/)
    const items = (JSON.parse((await cli('alerts', 'ls', '--json')).out) as { items: { id: string; name: string }[] })
      .items
    const id = items.find(({ name }) => name === 'call.denied')?.id ?? ''
    const shown = await cli('alerts', 'show', id)
    expect(shown).toMatchObject({ code: 0 })
    expect(shown.out).toMatch(/policyRule .*no-deleting/)
    expect(shown.out).toMatch(/hook +sent/)
    expect(await cli('alerts', 'take', id)).toMatchObject({ code: 0 })
    expect((await api('GET', `/api/v1/alerts/${id}`)).body).toMatchObject({ state: 'taken' })
    expect(await cli('alerts', 'test')).toMatchObject({ code: 0, out: expect.stringMatching(/hook +ok/) })
    receiver.answer = 500
    expect(await cli('alerts', 'test', 'hook')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/hook +answered 500/),
    })
    receiver.answer = 200
    expect(await cli('alerts', 'test', 'nothing')).toMatchObject({ code: 2 })
    expect(await cli('alerts', 'ls', '--sinks')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/hook +webhook +0 +0/),
    })
  })

  it('T-175: hiding and closing need a human: nothing without an operator’s proof, and a proof for one is none for another', async () => {
    const until = Date.now() + 3_600_000
    const asked = { matcher: { agent: 'coder' }, until, reason: 'maintenance' }
    expect(await api('POST', '/api/v1/silences', asked)).toMatchObject({ body: { code: 'SP_AUTHN_UNCLAIMED' } })
    await ana.claim()
    expect(await api('POST', '/api/v1/silences', asked)).toMatchObject({ body: { code: 'SP_AUTHN_PRESENCE' } })
    const other = await ana.prove('alerts.silence', { ...asked, matcher: { agent: 'other' } })
    expect((await api('POST', '/api/v1/silences', { ...asked, proof: other })).status).not.toBe(201)
    const proof = await ana.prove('alerts.silence', asked)
    const made = await api('POST', '/api/v1/silences', { ...asked, proof })
    expect(made).toMatchObject({ status: 201, body: { by: 'operator:ana', reason: 'maintenance' } })
    expect((await cli('alerts', 'ls', '--silences')).out).toContain('agent=coder')
    expect(await cli('alerts', 'unsilence', made.body['id'] as string)).toMatchObject({ code: 0 })

    const [first] = ((await api('GET', '/api/v1/alerts')).body['items'] as JsonObject[]).map(({ id }) => id as string)
    const closing = { ids: [first ?? ''], reason: 'a test' }
    expect(await api('POST', '/api/v1/alerts/resolve', closing)).toMatchObject({ body: { code: 'SP_AUTHN_PRESENCE' } })
    const closed = await api('POST', '/api/v1/alerts/resolve', {
      ...closing,
      proof: await ana.prove('alerts.resolve', closing),
    })
    expect(closed).toMatchObject({ status: 200, body: { resolved: [first] } })
    const events = (await stage.records())
      .filter(({ kind }) => kind === 'gateway')
      .map(({ event, actor }) => [event, actor])
    expect(events).toContainEqual(['alert.resolved', 'operator:ana'])
    expect(events).toContainEqual(['alert.silenced', 'operator:ana'])
  })

  it('T-175: what a silence would have hidden is told, and bad ones are refused', async () => {
    const preview = await api('GET', '/api/v1/silences/preview?agent=coder')
    expect(preview.status).toBe(200)
    expect((preview.body['items'] as JsonObject[]).every(({ severity }) => severity !== 'critical')).toBe(true)
    for (const body of [
      { matcher: {}, until: Date.now() + 1_000, reason: 'why not' },
      { matcher: { agent: 'coder' }, until: Date.now() + 1_000, reason: 'x' },
      { matcher: { agent: 'coder', by: 'x' }, until: Date.now() + 1_000, reason: 'why not' },
    ])
      expect(await api('POST', '/api/v1/silences', body)).toMatchObject({
        status: 422,
        body: { code: 'SP_API_INVALID' },
      })
    expect(await cli('alerts', 'silence', '--agent', 'coder', '--preview')).toMatchObject({ code: 0 })
    expect(await cli('alerts', 'silence', '--for', '1h', '--reason', 'nothing named')).toMatchObject({ code: 2 })
  })
})
