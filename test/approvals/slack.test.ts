import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { callDigest, escapeText } from '@sallyport/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSlackInbox, slackKey } from '../../packages/gateway/src/control/approvals/slack.ts'
import { APPROVE, DENY, slackMessage } from '../../packages/gateway/src/control/approvals/slack-message.ts'
import { claim, openStage, type Stage } from '../metrics/stage.ts'
import { asked, binding, DEMAND, held, rig, type Rig } from './setup.ts'
import { unelevated } from '../unconfined.ts'

const SECRET = 'slack-signing-secret-of-the-test'
const ANN = 'U012ANN'

interface Message {
  readonly text: string
  readonly blocks: readonly {
    readonly type: string
    readonly text?: { readonly text: string }
    readonly elements?: readonly { readonly action_id?: string; readonly value?: string; readonly text: unknown }[]
  }[]
}
const buttonsOf = (message: Message): Readonly<Record<string, string>> =>
  Object.fromEntries(
    message.blocks
      .flatMap(({ elements = [] }) => elements)
      .flatMap(({ action_id: action, value = '' }) => (action === undefined ? [] : [[action, value]])),
  )
const shownText = (message: Message): string =>
  message.blocks
    .flatMap(({ text }) => (text === undefined ? [] : [text.text.replaceAll('```', '')]))
    .join('\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

function press(action: string, value: string, user = ANN): string {
  const payload = {
    type: 'block_actions',
    user: { id: user, team_id: 'T1' },
    actions: [{ action_id: action, value, block_id: 'x' }],
  }
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
}

function signed(body: string, at: number, secret = SECRET): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000))
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature }
}

describe('buttons of Slack', () => {
  const mac = randomBytes(32)
  let on: Rig
  let n = 0
  beforeAll(async () => {
    on = await rig({ channels: [{ secret: slackKey(mac), approvers: ['operator:ann'] }] })
    await on.enrol('ann')
  })
  afterAll(() => on.close())

  const inbox = () =>
    createSlackInbox({
      ...{ secret: SECRET, people: new Map([[ANN, 'operator:ann']]), mac },
      ...{ store: on.store, clock: on.clock, service: on.approvals },
    })
  const send = (body: string, more: { readonly at?: number; readonly secret?: string } = {}) =>
    inbox().receive(signed(body, more.at ?? on.clock.now(), more.secret), body)
  const fresh = () => ({ instance: `s-${++n}`, argsDigest: `${n}`.padStart(64, '5') })
  async function question(severity: 'low' | 'medium' | 'high' | 'critical', args: Record<string, string> = {}) {
    const of = fresh()
    const id = await held(on, { ...asked({ demand: { ...DEMAND, severity } }, of), args })
    const shown = await on.approvals.show(id)
    if (!shown.ok) throw new Error(shown.code)
    const message = slackMessage(shown.value.approval, 'https://sallyport.localhost:7443') as unknown as Message
    const state = async (): Promise<string> => {
      const now = await on.approvals.show(id)
      return now.ok ? now.value.approval.state : now.code
    }
    const redeem = () =>
      on.approvals.redeem({ kind: 'approval', approvalId: id, callDigest: callDigest(binding(of)) }, binding(of))
    return { id, of, message, state, redeem, value: buttonsOf(message)[DENY] ?? '' }
  }

  it('T-011: approves up to medium, and the executor verifies it again; above there is no button and no approval', async () => {
    for (const severity of ['low', 'medium', 'high', 'critical'] as const) {
      const counts = severity === 'low' || severity === 'medium'
      const { message, value, redeem, state } = await question(severity)
      expect(APPROVE in buttonsOf(message)).toBe(counts)
      expect(DENY in buttonsOf(message)).toBe(true)
      expect((await send(press(APPROVE, value))).ok).toBe(counts)
      expect(await state()).toBe(counts ? 'approved' : 'pending')
      expect((await redeem()).ok).toBe(counts)
    }
  })

  it('TM-ACCESS-002 T-011: forged, stale, early and replayed presses are refused, whatever they press', async () => {
    for (const action of [APPROVE, DENY]) {
      const { value, state } = await question('low')
      const body = press(action, value)
      const now = on.clock.now()
      const tries = [
        await send(body, { secret: 'another secret of the same length' }),
        await send(body, { at: now - 301_000 }),
        await send(body, { at: now + 301_000 }),
        await inbox().receive({}, body),
        await inbox().receive({ ...signed(body, now), 'x-slack-signature': 'v0=' }, body),
        await inbox().receive(signed(body, now), `${body}&x=1`),
        await inbox().receive(signed(body, now), body.replace(ANN, 'U999EVE')),
        await inbox().receive({ ...signed(body, now), 'x-slack-request-timestamp': String(now) }, body),
      ]
      for (const tried of tries) expect(tried).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
      expect(await state()).toBe('pending')
      expect((await send(body)).ok).toBe(true)
      const decided = await state()
      expect(await inbox().receive(signed(body, now), body)).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
      expect(await state()).toBe(decided)
    }
  })

  it('T-011: whoever is not mapped decides nothing, not even a denial', async () => {
    const { value, state } = await question('low')
    for (const action of [APPROVE, DENY])
      expect(await send(press(action, value, 'U666EVE'))).toMatchObject({ ok: false, code: 'SP_AUTHZ_SCOPE' })
    expect(await state()).toBe('pending')
  })

  it('T-011 T-030: a button of another call, of another view or made up by the agent approves nothing', async () => {
    const [one, two] = [await question('low'), await question('low')]
    const parts = JSON.parse(one.value) as Record<string, string>
    const others = [
      { ...(JSON.parse(two.value) as object), id: one.id },
      { ...parts, view: 'a'.repeat(64) },
      { ...parts, call: 'b'.repeat(64) },
    ]
    for (const value of others)
      expect(await send(press(APPROVE, JSON.stringify(value)))).toMatchObject({
        ok: false,
        reason: 'What was shown is not this call.',
      })
    for (const value of [
      JSON.stringify({ ...parts, approver: 'operator:ann' }),
      JSON.stringify({ id: one.id }),
      one.id,
      '',
    ])
      expect((await send(press(APPROVE, value))).ok).toBe(false)
    expect(await one.state()).toBe('pending')
    expect(await two.state()).toBe('pending')
  })

  it('T-011: what is no press of one of our buttons is refused', async () => {
    const { value, state } = await question('low')
    const payload = (more: object) =>
      new URLSearchParams({
        payload: JSON.stringify({
          ...{ type: 'block_actions', user: { id: ANN }, actions: [{ action_id: APPROVE, value }] },
          ...more,
        }),
      }).toString()
    for (const body of [
      payload({ type: 'view_submission' }),
      payload({ actions: [] }),
      payload({
        actions: [
          { action_id: APPROVE, value },
          { action_id: APPROVE, value },
        ],
      }),
      payload({ actions: [{ action_id: 'sallyport.approve.all', value }] }),
      payload({ user: { id: 'ann' } }),
      `${payload({})}&payload=%7B%7D`,
      `payload=${'['.repeat(5000)}`,
      'payload=',
      '',
      '{"type":"block_actions"}',
    ])
      expect(await send(body)).toMatchObject({ ok: false, code: 'SP_API_INVALID' })
    expect(await state()).toBe('pending')
  })

  it('T-011 T-035: the whole view is in the message; where it has no room there is no button to approve', async () => {
    const small = await question('low', { note: 'pay rneridian.example' })
    expect(shownText(small.message)).toContain('rneridian.example')
    expect(APPROVE in buttonsOf(small.message)).toBe(true)
    const large = await question('low', { note: 'x'.repeat(200_000) })
    expect(APPROVE in buttonsOf(large.message)).toBe(false)
    expect(DENY in buttonsOf(large.message)).toBe(true)
    expect(large.message.blocks.length).toBeLessThanOrEqual(50)
    for (const { text } of large.message.blocks) expect((text?.text ?? '').length).toBeLessThanOrEqual(3000)
  })

  it('T-168 T-034: what an agent writes is text in a code block: no link, no mention, no end of the block', async () => {
    const evil = '``` <!channel> <@U012ANN> <https://evil.example|click> *bold* \u202e & &lt; \n```'
    const { message } = await question('low', { note: evil })
    const raw = JSON.stringify(message)
    expect(raw).not.toContain('<!channel>')
    expect(raw).not.toContain('<@U012ANN>')
    expect(raw).not.toContain('<https://')
    expect(raw).not.toContain('\u202e')
    for (const { text } of message.blocks) if (text !== undefined) expect(text.text.match(/```/g)).toHaveLength(2)
    expect(shownText(message)).toContain(escapeText('<!channel>'))
  })

  it('T-008: who asked does not answer for it in chat either', async () => {
    const of = { ...fresh(), principal: 'operator:ann' }
    const id = await held(on, asked({ demand: { ...DEMAND, severity: 'low' } }, of))
    const shown = await on.approvals.show(id)
    if (!shown.ok) throw new Error(shown.code)
    const message = slackMessage(shown.value.approval, undefined) as unknown as Message
    expect(await send(press(APPROVE, buttonsOf(message)[DENY] ?? ''))).toMatchObject({ code: 'SP_APPROVAL_SELF' })
  })
})

describe('Slack and a whole gateway', () => {
  let stage: Stage
  let chat: { readonly server: Server; readonly received: Message[] }
  beforeAll(async () => {
    const received: Message[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      request.on('end', () => {
        received.push(JSON.parse(body) as Message)
        response.end('ok')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    chat = { server, received }
    const { port } = server.address() as AddressInfo
    stage = await openStage(
      {
        console: { port: 0 },
        ...unelevated,
        approvals: {
          slack: { url: `http://localhost:${port}/services/T/B/x`, signingSecret: SECRET, people: { [ANN]: 'ana' } },
        },
      },
      `permit (principal, action, resource);
@id("test.ask") @decision("approve") @severity("medium")
forbid (principal, action, resource) unless { context.approved };`,
    )
    await claim(stage.gateway)
  }, 90_000)
  afterAll(async () => {
    await stage?.close()
    chat.server.close()
  })

  const ask = async (id: string): Promise<Message> => {
    const seen = chat.received.length
    const { status, text } = await stage.ask({
      method: 'POST',
      path: '/v1/calls',
      headers: { prefer: 'wait=1' },
      body: { tool: 'counter.count', arguments: { id } },
      bearer: stage.credential('tester'),
    })
    expect(status, text).toBe(202)
    for (let i = 0; i < 200 && chat.received.length === seen; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 50))
    const message = chat.received.at(-1)
    if (message === undefined) throw new Error('nothing was said')
    return message
  }
  const send = (body: string) =>
    stage.ask({
      method: 'POST',
      path: '/api/v1/approvals/slack',
      bodyText: body,
      headers: { ...signed(body, Date.now()), 'content-type': 'application/x-www-form-urlencoded' },
    })
  const idOf = (message: Message): string => (JSON.parse(buttonsOf(message)[DENY] ?? '{}') as { id: string }).id
  const stateOf = async (message: Message): Promise<string> =>
    String(((await stage.ask({ path: `/api/v1/approvals/${idOf(message)}` })).body as { state?: string }).state)

  it('§3.6: a press comes back through a relay to the operator socket, form-encoded and unchanged', async () => {
    const denied = await ask('deny in chat')
    expect((await send(press(DENY, buttonsOf(denied)[DENY] ?? ''))).status).toBe(200)
    expect(await stateOf(denied)).toBe('denied')
    const agreed = await ask('approve in chat')
    expect((await send(press(APPROVE, buttonsOf(agreed)[APPROVE] ?? ''))).status).toBe(200)
    for (let i = 0; i < 100 && (await stateOf(agreed)) !== 'consumed'; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 50))
    expect(['approved', 'consumed']).toContain(await stateOf(agreed))
    const forged = press(APPROVE, buttonsOf(agreed)[APPROVE] ?? '', 'U666EVE')
    expect((await send(forged)).status).toBe(403)
  }, 60_000)

  it('T-010: whoever fetches the links of a notification changes nothing, with any method or agent of a preview', async () => {
    const message = await ask('only look')
    const links = JSON.stringify(message).match(/https?:\/\/[^\s"]+?(?=[."\s])[^\s"]*?(?=\.?[\s"])/g) ?? []
    const origin = stage.gateway.consoleUrl ?? ''
    expect(links.some((link) => link.startsWith(`${origin}/approvals/`))).toBe(true)
    const agents = [
      'Slackbot-LinkExpanding 1.0',
      'Twitterbot/1.0',
      'SkypeUriPreview',
      'Mozilla/5.0 BarracudaCentral',
      'curl/8',
    ]
    for (const link of [
      ...links,
      `${origin}/approvals/${idOf(message)}/deny`,
      `${origin}/api/v1/approvals/${idOf(message)}/deny`,
    ]) {
      for (const method of ['GET', 'HEAD', 'OPTIONS'])
        for (const agent of agents) await fetchOnce(link.replace(/[.,]+$/, ''), method, agent)
    }
    expect(await stateOf(message)).toBe('pending')
    await send(press(DENY, buttonsOf(message)[DENY] ?? ''))
  }, 60_000)

  it('T-010: the route of presses takes POST alone, and not over the console', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect([403, 404]).toContain((await stage.ask({ method, path: '/api/v1/approvals/slack' })).status)
    const { status } = await fetchOnce(`${stage.gateway.consoleUrl ?? ''}/api/v1/approvals/slack`, 'POST', 'curl/8')
    expect([401, 403]).toContain(status)
  })
})

function fetchOnce(link: string, method: string, agent: string): Promise<{ readonly status: number }> {
  const url = new URL(link)
  return new Promise((resolve, reject) => {
    const sent = secureRequest(
      {
        ...{ host: '127.0.0.1', servername: url.hostname, port: url.port, path: url.pathname, method },
        ...{ rejectUnauthorized: false, agent: false },
        headers: { host: url.host, 'user-agent': agent, 'sec-purpose': 'prefetch;prerender', accept: '*/*' },
      },
      (response) => {
        response.resume()
        response.on('end', () => resolve({ status: response.statusCode ?? 0 }))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}
