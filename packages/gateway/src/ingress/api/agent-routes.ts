import { parseMessage, SallyportError, type CallOutcome, type Effect } from '@sallyport/core'
import { z } from 'zod'
import type { Boundary, Caller, Clock, Enforcement, EvidencePort, Random, Verdict } from '../../boundary/ports.ts'
import { callResponse } from './call-response.ts'
import { plainText } from './caller.ts'
import type { Calls } from './calls.ts'
import type { ToolsPort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, ApiResponse, Route } from './route.ts'

export interface AgentRoutesDeps {
  readonly boundary: Pick<Boundary, 'report'>
  readonly calls: Calls
  readonly tools: Pick<ToolsPort, 'ready'>
  readonly identity: {
    issueFor(
      agent: string,
      effects?: readonly Effect[],
    ): Verdict<{
      readonly credential: string
      readonly agent: string
      readonly effects: readonly Effect[]
      readonly expiresAt: number
    }>
  }
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
}

const EFFECT = z.enum(['read', 'write', 'external'])
const TOKEN = z.strictObject({ effects: z.array(EFFECT).min(1).max(3).optional() }).optional()
const TOOL_ID = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}\.[A-Za-z0-9_.:/-]{1,64}$/, 'not `<server>.<tool>`')
const HINT = z.string().max(128).optional()
const CALL = z.strictObject({
  tool: TOOL_ID,
  arguments: z.custom<object>(isObject, 'not an object'),
  session: HINT,
  purpose: z.string().max(256).optional(),
})
const OUTCOME = z.strictObject({
  eventId: z.string().min(1).max(64),
  outcome: z.enum(['success', 'failure', 'timeout', 'aborted']),
  result: z.unknown().optional(),
})
const UNMEDIATED = z.strictObject({
  calls: z
    .array(
      z.strictObject({
        tool: TOOL_ID,
        argumentsDigest: z.string().regex(/^[0-9a-f]{64}$/),
        at: z.iso.datetime(),
        reason: z.string().max(200),
      }),
    )
    .min(1)
    .max(100),
})

/** Longest a request is held open, seconds. */
const MAX_WAIT = 50
const DEFAULT_WAIT = 10

/** `/v1/*`: what an agent may do. */
export function agentRoutes(deps: AgentRoutesDeps): Route[] {
  const { calls, boundary, identity } = deps
  return [
    {
      method: 'POST',
      path: '/v1/token',
      plane: 'agent',
      scope: 'read',
      auth: 'key',
      visitors: true,
      summary: 'Exchange the agent’s key for a 15-minute credential, if wanted for fewer effects.',
      handle: (request) => {
        const asked = readAs(TOKEN, request.body)
        const issued = identity.issueFor(request.principal.id, asked?.effects)
        if (!issued.ok) throw new SallyportError(issued.code, issued.reason)
        const { credential, agent, effects, expiresAt } = issued.value
        const body = { credential, tokenType: 'Bearer', agent, effects, expiresAt: new Date(expiresAt).toISOString() }
        return Promise.resolve({ status: 200, body })
      },
    },
    {
      method: 'GET',
      path: '/v1/session',
      plane: 'agent',
      scope: 'read',
      visitors: true,
      summary: 'Who the gateway takes the caller for.',
      handle: ({ principal }) => {
        const { id, instance, trustLevel, surface = 'local', scopes, effects = [] } = principal
        return Promise.resolve({ status: 200, body: { agent: id, instance, trustLevel, surface, scopes, effects } })
      },
    },
    {
      method: 'POST',
      path: '/v1/calls',
      plane: 'agent',
      scope: 'execute',
      visitors: true,
      summary: 'Call a tool of a server behind the gateway. `Prefer: wait=N`, `Idempotency-Key`.',
      handle: (request) => make(deps, request, 'gateway'),
    },
    {
      method: 'POST',
      path: '/v1/decisions',
      plane: 'agent',
      scope: 'execute',
      summary: 'Ask whether the agent’s own program may run one of its tools with these arguments now.',
      handle: (request) => make(deps, request, 'host'),
    },
    {
      method: 'GET',
      path: '/v1/calls/:id',
      plane: 'agent',
      scope: 'execute',
      visitors: true,
      summary: 'How a call or a decision of this agent stands. `Prefer: wait=N`.',
      handle: async ({ caller, params, headers, signal }) =>
        callResponse(await calls.wait(caller, params['id'] ?? '', waitMs(headers['prefer'], 0), signal)),
    },
    {
      method: 'POST',
      path: '/v1/outcomes',
      plane: 'agent',
      scope: 'execute',
      summary:
        'Report how a call ended that the agent’s own program ran; the answer carries the result with secrets redacted.',
      handle: async ({ caller, body, bodyText }) => {
        const report = readAs(OUTCOME, body)
        const result = memberText(bodyText, 'result')
        const told = await boundary.report(caller, report.eventId, report.outcome as CallOutcome, result)
        if (!told.ok) throw new SallyportError(told.code, told.reason)
        if (told.value === null) return { status: 200, body: { recorded: true } }
        const { redactions, resultText } = told.value
        return { status: 200, text: `{"recorded":true,"redactions":${redactions},"result":${resultText}}` }
      },
    },
    {
      method: 'POST',
      path: '/v1/unmediated',
      plane: 'agent',
      scope: 'execute',
      summary: 'Report reads that ran while the gateway could not be reached (`onUnavailable: "allow"`).',
      handle: async (request) => {
        const { calls: reported } = readAs(UNMEDIATED, request.body)
        await deps.evidence.append(reported.map((call) => unmediated(deps, request.caller, call)))
        return { status: 200, body: { recorded: reported.length } }
      },
    },
  ]
}

async function make(
  { calls, tools }: AgentRoutesDeps,
  request: ApiRequest,
  enforcement: Enforcement,
): Promise<ApiResponse> {
  const { headers, signal, bodyText } = request
  const read = readAs(CALL, request.body)
  const dot = read.tool.indexOf('.')
  const caller = withClaims(request.caller, read)
  const key = idempotencyKey(headers['idempotency-key'])
  const server = read.tool.slice(0, dot)
  if (enforcement === 'gateway') await tools.ready(caller, server)
  const started = calls.start(caller, {
    server,
    tool: read.tool.slice(dot + 1),
    argsText: memberText(bodyText, 'arguments') ?? '',
    meta: {},
    enforcement,
    ...(key === undefined ? {} : { idempotencyKey: key }),
  })
  const call = await calls.wait(caller, started.id, waitMs(headers['prefer'], DEFAULT_WAIT), signal)
  if (signal.aborted && key === undefined) calls.abandon(caller, call.id)
  return callResponse(call)
}

/** What the agent says of its session and purpose: shown and recorded, never who it is (T-088, HB-61). */
function withClaims(
  caller: Caller,
  said: { readonly session?: string | undefined; readonly purpose?: string | undefined },
): Caller {
  return Object.freeze({
    ...caller,
    ...(said.session === undefined ? {} : { sessionHint: plainText(said.session) }),
    ...(said.purpose === undefined ? {} : { purpose: plainText(said.purpose) }),
  })
}

/** Exact text of a member: what was decided on is what is forwarded. */
function memberText(bodyText: string, name: string): string | undefined {
  const { text, members } = parseMessage(bodyText)
  const span = members.get(name)
  return span === undefined ? undefined : text.slice(span.start, span.end)
}

function waitMs(prefer: string | undefined, fallback: number): number {
  if (prefer === undefined) return fallback * 1000
  const seconds = /^wait=(\d{1,4})$/.exec(prefer)?.[1]
  if (seconds === undefined) throw new SallyportError('SP_API_INVALID', 'Prefer: only wait=N is known.')
  return Math.min(Number(seconds), MAX_WAIT) * 1000
}

function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || /^[A-Za-z0-9_.:-]{1,128}$/.test(header)) return header
  throw new SallyportError('SP_API_INVALID', 'Idempotency-Key: 1 to 128 characters of A-Z a-z 0-9 _ . : -.')
}

function unmediated(
  { clock, random }: AgentRoutesDeps,
  caller: Caller,
  call: { readonly tool: string; readonly argumentsDigest: string; readonly at: string; readonly reason: string },
) {
  const { principal } = caller
  return {
    kind: 'alert',
    auditId: random.uuid(),
    timestamp: new Date(clock.now()).toISOString(),
    level: 'warn',
    event: 'sdk.unmediated',
    agentId: principal.id,
    instance: principal.instance,
    toolName: call.tool,
    parameterHash: call.argumentsDigest,
    claimedAt: call.at,
    reason: call.reason,
  } as const
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
