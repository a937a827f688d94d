import {
  isOpen,
  targetOf,
  wishOf,
  type Approval,
  type ApprovalState,
  type Json,
  type JsonObject,
} from '@sallyport/core'
import { z } from 'zod'
import type { ApprovalsApi, Standings, WebhookInbox } from './approvals-api.ts'
import { PASSKEY_PROOF, PIN_PROOF } from './operator-presence.ts'
import { sourceOf } from './presence-routes.ts'
import { answer, invalid } from './verdict-response.ts'
import type { Route } from './route.ts'

const Scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once') }),
  z.strictObject({ kind: z.literal('value') }),
  z.strictObject({ kind: z.literal('tool'), until: z.int() }),
])
const HEX32 = z.string().regex(/^[0-9a-f]{64}$/)
const DECISION = { nonce: HEX32, view: HEX32, scope: Scope, reason: z.string().max(500).default('') }
const HELD = { operator: z.string().max(64), held: z.literal(true) }
const ApproveBody = z.union([
  z.strictObject({ ...HELD, view: HEX32, scope: Scope, reason: DECISION.reason }),
  PIN_PROOF.extend({ ...DECISION, proof: HEX32 }),
  PASSKEY_PROOF.extend(DECISION),
])
const DenyBody = z.strictObject({ reason: z.string().max(500).default(''), endSession: z.boolean().default(false) })
const STATES: ReadonlySet<string> = new Set<ApprovalState | 'decided'>([
  'decided',
  'pending',
  'partially_approved',
  'approved',
  'consumed',
  'denied',
  'expired',
  'superseded',
  'cancelled',
])

/** What only one person's list says: whether that person may approve it, and why not. */
function personal(approval: Approval, standings: Standings | undefined, operator: string): JsonObject {
  if (standings === undefined || !isOpen(approval.state)) return {}
  const { may, why } = standings.of(operator, approval)
  return { mayDecide: may, ...(why === '' ? {} : { whyNot: why }) }
}

/** An approval as the API shows it (ND-5.3.a); `status` is what other products call it, `state` our own. */
function approvalSummary({ request, state, votes }: Approval): JsonObject {
  const { binding, demand } = request
  const last = votes.at(-1)
  return {
    id: request.id,
    auditId: request.auditId,
    target: targetOf(binding),
    sessionId: request.sessionId,
    agentId: binding.principal,
    instance: binding.instance,
    tool: binding.tool,
    what: wishOf(binding),
    arguments: request.args,
    policyRule: request.policyRule,
    reason: request.reason,
    severity: demand.severity,
    quorum: demand.quorum,
    approvals: votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.approver),
    createdAt: request.createdAt,
    expiresAt: request.expiresAt,
    callDigest: request.callDigest,
    state,
    status: isOpen(state) && state !== 'approved' ? 'pending' : state === 'consumed' ? 'approved' : state,
    ...(last === undefined ? {} : { decidedBy: last.approver, decidedAt: last.at, decidedWhy: last.reason ?? '' }),
  }
}

/** Who has decided so far, and why. */
const decisionsOf = ({ votes }: Approval): readonly JsonObject[] =>
  votes.map(({ approver, verdict, class: how, at, reason = '' }) => ({ approver, verdict, class: how, at, reason }))

/** Kills an agent; narrowing, so that it needs no proof. */
type StopAgent = (agent: string, by: string, reason: string) => Promise<unknown>

/** Approvals for operators. Approving is proved in the handler; denying, cancelling and revoking only narrow. */
export function approvalsRoutes(service: ApprovalsApi, stop: StopAgent, inboxes: Inboxes = {}): Route[] {
  const operator = { plane: 'operator' } as const
  const routes: Route[] = [
    {
      ...operator,
      method: 'GET',
      path: '/api/v1/approvals',
      scope: 'read',
      summary:
        'Approval requests; `state` narrows (`decided`: all that is over, newest first), `limit` up to 1000. In a browser each open one says whether its person may approve it.',
      async handle({ query, principal, session }) {
        const { state } = query
        const limit = Math.min(Number(query['limit'] ?? 100) || 100, 1000)
        const known = state !== undefined && STATES.has(state) ? { state: state as ApprovalState | 'decided' } : {}
        const items = await service.list({ limit, ...known })
        const standings = session === undefined ? undefined : await service.standings()
        const shown = items.map((item) => ({ ...approvalSummary(item), ...personal(item, standings, principal.id) }))
        return { status: 200, body: { items: shown, maxPending: service.maxPending } }
      },
    },
    {
      ...operator,
      method: 'GET',
      path: '/api/v1/approvals/watch',
      scope: 'read',
      summary: 'NDJSON: one line per change of any request, on all nodes.',
      handle: async ({ signal }) => ({
        status: 200,
        headers: { 'content-type': 'application/x-ndjson' },
        stream: lines(service, signal),
      }),
    },
    {
      ...operator,
      method: 'GET',
      path: '/api/v1/approvals/:id',
      scope: 'read',
      summary: 'One request with the view a human decides on.',
      async handle({ params, principal, caller, session }) {
        const shown = await service.show(params['id'] ?? '')
        if (!shown.ok) return answer(shown)
        const { approval, view, people, scopes } = shown.value
        const held = await service.holds(approval.request.id, principal.id, session ?? caller.connection)
        const more = { people, scopes, held, decisions: decisionsOf(approval), view } as unknown as JsonObject
        const standings = session === undefined ? undefined : await service.standings()
        const own = personal(approval, standings, principal.id)
        return { status: 200, body: { ...approvalSummary(approval), ...own, ...more } }
      },
    },
    {
      ...operator,
      method: 'GET',
      path: '/api/v1/approvals/:id/challenge',
      scope: 'read',
      summary: 'What a proof for this request is computed over, signed by the gateway for `nonce` (32 bytes, hex).',
      handle: async ({ params, query }) => answer(await service.challenge(params['id'] ?? '', query['nonce'] ?? '')),
    },
    {
      ...operator,
      method: 'POST',
      path: '/api/v1/approvals/:id/approve',
      scope: 'approve',
      presence: 'route',
      summary:
        'One operator approves; the proof is HMAC(scrypt(PIN), decision digest) or a passkey’s assertion over that digest, and is checked again at release.',
      async handle({ params, body, caller, peer, session }) {
        const asked = ApproveBody.safeParse(body)
        if (!asked.success) return invalid(asked.error)
        const via = { peer, connection: session ?? caller.connection }
        return answer(await service.approve(params['id'] ?? '', asked.data, sourceOf(caller), via))
      },
    },
    {
      ...operator,
      method: 'POST',
      path: '/api/v1/approvals/:id/deny',
      scope: 'write',
      presence: 'free',
      summary:
        'Denies. Needs no proof because it only narrows what may happen; wins over approvals not yet used. `endSession` also stops the agent.',
      async handle({ params, body, principal }) {
        const asked = DenyBody.safeParse(body ?? {})
        if (!asked.success) return invalid(asked.error)
        const { reason, endSession } = asked.data
        const id = params['id'] ?? ''
        const shown = endSession ? await service.show(id) : undefined
        const denied = await service.deny(id, principal, reason)
        if (shown?.ok === true) await stop(shown.value.approval.request.binding.principal, principal.id, reason)
        return answer(denied)
      },
    },
    {
      ...operator,
      method: 'GET',
      path: '/api/v1/grants',
      scope: 'read',
      summary: 'Decisions that are remembered: what they cover and until when.',
      async handle() {
        const grants = await service.grants()
        const items = grants.map(({ id, origin, scope, createdAt, until }) => {
          const { binding } = origin.request
          const { principal, tool, sinks } = binding
          const by = origin.votes.map((vote) => vote.approver)
          return {
            id,
            scope: scope.kind,
            agentId: principal,
            tool,
            sinks,
            approvalId: origin.request.id,
            by,
            createdAt,
            until,
          }
        })
        return { status: 200, body: { items: items as unknown as Json } }
      },
    },
    {
      ...operator,
      method: 'POST',
      path: '/api/v1/grants/:id/revoke',
      scope: 'write',
      presence: 'free',
      summary: 'Ends a grant at once. Needs no proof because it only narrows what may happen.',
      handle: async ({ params, principal }) => answer(await service.revokeGrant(params['id'] ?? '', principal)),
    },
  ]
  return [...routes, ...channelRoutes(inboxes)]
}

/** Channels that answer for people by signed messages. */
export interface Inboxes {
  readonly webhook?: WebhookInbox | undefined
  readonly slack?: WebhookInbox | undefined
}

const SIGNED = 'and approves up to medium only.'

function channelRoutes({ webhook, slack }: Inboxes): Route[] {
  const route = { method: 'POST', plane: 'operator', scope: 'public', surfaces: ['socket'] } as const
  return [
    ...(webhook === undefined
      ? []
      : [
          {
            ...{ ...route, path: '/api/v1/approvals/webhook' },
            justification: `Each message is signed with a shared secret (HMAC, timestamp, nonce) ${SIGNED}`,
            summary: 'Decisions of a notification channel.',
            handle: async ({ headers, bodyText }) => answer(await webhook.receive(headers, bodyText)),
          } satisfies Route,
        ]),
    ...(slack === undefined
      ? []
      : [
          {
            ...{ ...route, path: '/api/v1/approvals/slack', body: 'text' },
            justification: `Each press of a button is signed by Slack (HMAC, five minutes, once) ${SIGNED}`,
            summary: 'Presses of buttons in Slack, as a relay hands them on: form-encoded, unchanged.',
            handle: async ({ headers, bodyText }) => answer(await slack.receive(headers, bodyText)),
          } satisfies Route,
        ]),
  ]
}

async function* lines(service: ApprovalsApi, signal: AbortSignal): AsyncIterable<string> {
  for await (const approval of service.watch(signal)) yield `${JSON.stringify(approvalSummary(approval))}\n`
}
