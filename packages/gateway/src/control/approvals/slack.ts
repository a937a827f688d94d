import { createHmac, timingSafeEqual } from 'node:crypto'
import { decisionDigest, parseJson, sha256, type Approval, type Json } from '@sallyport/core'
import { z } from 'zod'
import { refuse, type Clock, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { macOver, webhookClaim } from './asserted.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import type { ApprovalService, Decided } from './service.ts'
import { APPROVE, DENY, slackMessage } from './slack-message.ts'
import type { Post } from './webhook.ts'

/** Buttons of Slack-shaped chats (threat-model §3.6, T-010, T-011): deny, and approve up to medium severity. */
export interface SlackInbox {
  /** @param bodyText exactly as it came: `payload=…`, form-encoded */
  receive(headers: Readonly<Record<string, string>>, bodyText: string): Promise<Verdict<Decided>>
}

const FRESH_S = 300
const Button = z.object({ action_id: z.enum([DENY, APPROVE]), value: z.string().max(2_000) })
/** The members that count; Slack sends many more and adds some as it likes. */
const Payload = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().regex(/^[A-Z0-9]{2,32}$/) }),
  actions: z.tuple([Button]),
})
const HEX = z.string().regex(/^[0-9a-f]{64}$/)
const Value = z.strictObject({ id: z.string().max(80), call: HEX, view: HEX })

/** Key under which the gateway vouches for what it took from a signed message of Slack; outside the store like its parent. */
export const slackKey = (mac: Uint8Array): Buffer => createHmac('sha256', mac).update('sallyport/slack/1').digest()

export interface SlackInboxDeps {
  /** Signing secret of the app. */
  readonly secret: string
  /** Slack's id of a person → `operator:NAME`. */
  readonly people: ReadonlyMap<string, string>
  readonly mac: Uint8Array
  readonly store: Pick<Store, 'spend'>
  readonly clock: Clock
  readonly service: Pick<ApprovalService, 'webhookDecided' | 'webhookSubject' | 'show'>
}

/** Takes each signed press of a button once, within five minutes, from people it knows. */
export function createSlackInbox({ secret, people, mac, store, clock, service }: SlackInboxDeps): SlackInbox {
  const key = slackKey(mac)
  return {
    async receive(headers, bodyText) {
      const timestamp = headers['x-slack-request-timestamp'] ?? ''
      const signature = headers['x-slack-signature'] ?? ''
      const expected = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${bodyText}`).digest('hex')}`
      if (!isSame(signature, expected)) return refuse('SP_AUTHN_INVALID', 'The signature does not fit.')
      const sent = /^\d{10}$/.test(timestamp) ? Number(timestamp) : 0
      if (Math.abs(clock.now() / 1000 - sent) > FRESH_S) return refuse('SP_AUTHN_INVALID', 'The message is too old.')
      if (!(await store.spend(`slack:${signature}`, (sent + 2 * FRESH_S) * 1000)))
        return refuse('SP_AUTHN_INVALID', 'The message was received before.')
      const pressed = read(bodyText)
      if (pressed === undefined) return refuse('SP_API_INVALID', 'It is not a press of one of our buttons.')
      const approver = people.get(pressed.user)
      if (approver === undefined) return refuse('SP_AUTHZ_SCOPE', 'Nobody said who this person is here.')
      const { id, call, view } = pressed
      const none = { nonce: '', view: '', notAfter: 0, proof: '', reason: 'Answered in Slack.' }
      if (!pressed.approves) return service.webhookDecided(id, { ...none, verdict: 'deny', approver })
      const shown = await service.show(id)
      if (!shown.ok) return shown
      const subject = service.webhookSubject(shown.value.approval.request)
      if (call !== subject.call || view !== subject.view)
        return refuse('SP_APPROVAL_EVIDENCE', 'What was shown is not this call.')
      const { notAfter } = subject
      const nonce = sha256(signature)
      const decision = decisionDigest({ approvalId: id, call, view, scope: { kind: 'once' }, notAfter, nonce })
      const proof = macOver(key, webhookClaim(approver, decision))
      return service.webhookDecided(id, { ...none, verdict: 'approve', approver, nonce, view, notAfter, proof })
    },
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function read(bodyText: string) {
  try {
    const fields = new URLSearchParams(bodyText)
    if ([...fields.keys()].join() !== 'payload') return undefined
    const { user, actions } = Payload.parse(parseJson(fields.get('payload') ?? ''))
    const [{ action_id: action, value }] = actions
    return { user: user.id, approves: action === APPROVE, ...Value.parse(parseJson(value)) }
  } catch {
    return undefined
  }
}

/** Tells the channel of each new request. */
export function createSlackOutbox(deps: {
  readonly url: string
  readonly post: Post
  readonly consoleUrl: () => string | undefined
}): Outbox {
  return createOutbox({
    message: (approval: Approval): Json | undefined => slackMessage(approval, deps.consoleUrl()),
    async send(body) {
      const status = await deps.post(deps.url, { 'content-type': 'application/json' }, body)
      return status >= 200 && status < 300
    },
  })
}
