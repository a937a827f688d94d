import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  approvalView,
  isOpen,
  parseJson,
  renderView,
  severityRank,
  toSallyportError,
  viewDigest,
  type Approval,
  type Json,
} from '@sallyport/core'
import { z } from 'zod'
import { refuse, type Clock, type Random, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import type { ApprovalService, Decided } from './service.ts'

/**
 * The webhook channel (threat-model §3.6, T-010, T-011). Outbound: the whole view, what a proof is computed over, and a
 * signature. Inbound: deny, or approve up to medium severity by a mapped person. Nothing secret and no link that acts.
 */
export interface WebhookInbox {
  receive(headers: Readonly<Record<string, string>>, bodyText: string): Promise<Verdict<Decided>>
}

export interface WebhookConfig {
  readonly url: string
  /** 32 bytes or more. */
  readonly secret: Uint8Array
}

/** Sends one request; the guarded outgoing port of `execution/egress`. Resolves with the status. */
export type Post = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>

const FRESH_MS = 300_000

const sign = (secret: Uint8Array, timestamp: string, nonce: string, body: string): string =>
  createHmac('sha256', secret).update(`sallyport/webhook/1\n${timestamp}\n${nonce}\n${body}`).digest('hex')

const Body = z.strictObject({
  approvalId: z.string(),
  verdict: z.enum(['approve', 'deny']),
  approver: z.string(),
  nonce: z.string().default(''),
  view: z.string().default(''),
  notAfter: z.int().default(0),
  proof: z.string().default(''),
  reason: z.string().max(500).default(''),
})

/** Accepts each signed message once, and only within five minutes of its timestamp. */
export function createWebhookInbox(deps: {
  readonly secret: Uint8Array
  readonly store: Pick<Store, 'spend'>
  readonly clock: Clock
  readonly service: Pick<ApprovalService, 'webhookDecided'>
}): WebhookInbox {
  const { secret, store, clock, service } = deps
  return {
    async receive(headers, bodyText) {
      const timestamp = headers['x-sallyport-timestamp'] ?? ''
      const nonce = headers['x-sallyport-nonce'] ?? ''
      const given = Buffer.from(headers['x-sallyport-signature'] ?? '')
      const expected = Buffer.from(sign(secret, timestamp, nonce, bodyText))
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        return refuse('SP_AUTHN_INVALID', 'The signature does not fit.')
      const sent = /^\d{13}$/.test(timestamp) ? Number(timestamp) : 0
      if (Math.abs(clock.now() - sent) > FRESH_MS) return refuse('SP_AUTHN_INVALID', 'The message is too old.')
      if (!/^[0-9a-f]{32}$/.test(nonce) || !(await store.spend(`webhook-message:${nonce}`, sent + 2 * FRESH_MS))) {
        return refuse('SP_AUTHN_INVALID', 'The message was received before.')
      }
      const body = read(bodyText)
      if (!body.success) return refuse('SP_API_INVALID', body.error.issues[0]?.path.join('.') ?? '')
      const { approvalId, ...vote } = body.data
      return service.webhookDecided(approvalId, vote)
    },
  }
}

function read(text: string): z.ZodSafeParseResult<z.infer<typeof Body>> {
  try {
    return Body.safeParse(parseJson(text))
  } catch (thrown) {
    return Body.safeParse(toSallyportError(thrown).code)
  }
}

/** Tells the channel about requests and what becomes of them. */
export function createWebhookOutbox(deps: {
  readonly config: WebhookConfig
  readonly post: Post
  readonly clock: Clock
  readonly random: Random
}): Outbox {
  const { config, post, clock, random } = deps
  return createOutbox({
    message,
    async send(body) {
      const timestamp = String(clock.now())
      const nonce = Buffer.from(random.bytes(16)).toString('hex')
      const status = await post(
        config.url,
        {
          'content-type': 'application/json',
          'x-sallyport-timestamp': timestamp,
          'x-sallyport-nonce': nonce,
          'x-sallyport-signature': sign(config.secret, timestamp, nonce, body),
        },
        body,
      )
      return status >= 200 && status < 300
    },
  })
}

/** Approving from here is offered only where it can count, and only with the full view (§3.6). */
function message({ request, state }: Approval): Json {
  const view = approvalView({ request })
  const offered = isOpen(state) && severityRank(request.demand.severity) <= severityRank('medium')
  return {
    type: 'approval',
    approvalId: request.id,
    state,
    expiresAt: request.expiresAt,
    text: [...renderView(view, { width: 100, full: true })],
    verdicts: isOpen(state) ? (offered ? ['deny', 'approve'] : ['deny']) : [],
    callDigest: request.callDigest,
    viewDigest: viewDigest(view),
    notAfter: request.expiresAt,
  }
}
