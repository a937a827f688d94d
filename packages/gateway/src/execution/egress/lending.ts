import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  decideEgress,
  foreignParameter,
  lookingInto,
  withoutCredentials,
  type EgressRule,
  type EgressRules,
  type EgressTarget,
  type RequestHead,
} from '@sallyport/core'
import { createAdmission } from './admission.ts'
import { createRoom, incomingMessage, type Message } from './body.ts'
import { clear, type Resolve } from './dial.ts'
import { deny, type Failure } from './denial.ts'
import { forward } from './forward.ts'
import { createInterceptor, type Intercepted } from './intercept.ts'
import { foundIn, judged, type Barred, type Passed } from './judged.ts'
import { headersOf, lend, metered, targetOf, type LentTarget, type Lender } from './lend.ts'
import { remembering } from './names.ts'
import { createSecond } from './pace.ts'
import { createSpending, watched } from './spending.ts'
import { Pool, type Forwarded, type Upstream } from './pool.ts'
import type { EgressAttempt } from './proxy.ts'
import { UpgradeResponse } from './websocket.ts'

export interface LendingDeps {
  readonly lender: Lender
  /** Those of the sandbox together with the operator's, as they are now. */
  readonly rules: () => EgressRules
  readonly resolve: Resolve
  readonly report: (attempt: EgressAttempt) => Promise<void>
  readonly keep: (socket: Socket, place: string) => void
}

/** The part of a way out that looks into requests, and puts credentials into them. */
export interface Lending {
  /** Answers a request to the listener itself (base-URL mode). */
  readonly answer: (asked: string, request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Answers a request in the absolute form to a host that rules look into. */
  readonly plain: (url: URL, request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Whether requests to this place are looked into. */
  readonly covers: (to: EgressTarget) => boolean
  /** Whether its tunnels can be: programs inside have to trust who answers. */
  readonly canOpen: (to: EgressTarget) => boolean
  /** Takes such a tunnel, whose client has been told that it stands. */
  readonly take: (client: Duplex, to: EgressTarget) => Promise<void>
  readonly close: () => void
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** A request to somewhere, without a credential of ours so far. */
interface Bare extends EgressTarget, Exchange {
  /** As `Host` has it. */
  readonly authority: string
  readonly isSecure: boolean
  readonly path: string
  readonly search: string
}

export function createLending({ lender, rules, report, keep, ...deps }: LendingDeps): Lending {
  const { port: credentials, holder, authority, authorities } = lender
  const resolve = remembering(deps.resolve)
  const pool = new Pool({ authorities, keep })
  const isNewSecond = createSecond()
  const admit = createAdmission(lender, report)
  const spend = createSpending(lender, report)
  const roomFor = createRoom()
  const messageOf = ({ request, response }: Exchange): Message =>
    incomingMessage(request, roomFor(response), lender.limits?.body)
  const tunnels = new Map<Duplex, EgressTarget>()
  // a tunnel that waits for its next request would learn of it only then
  const unwatch = credentials.onRevoked((which) => {
    const ended = credentials.hostsOf(holder).filter(({ name }) => which({ credential: name, holder }))
    for (const [client, { host, port }] of tunnels)
      if (ended.some((one) => one.host === host && one.port === port)) client.destroy()
  })
  const refuse = async (
    { request: { method = '' }, response }: Exchange,
    target: string,
    failure: Failure,
    rule?: string,
  ): Promise<void> => {
    if ('refused' in failure) {
      const reason = failure.refused as NonNullable<EgressAttempt['reason']>
      await report({ target, method, verdict: 'refused', reason, ...(rule === undefined ? {} : { rule }) })
    }
    deny(response, failure)
  }
  const lent = async (
    target: LentTarget,
    request: IncomingMessage,
    response: ServerResponse,
    passed?: Passed,
  ): Promise<void> => {
    const said = passed ?? (await judge(target, { request, response }))
    const { method = '' } = request
    if (!said.ok)
      return refuse({ request, response }, `${target.name} ${target.path}`, { refused: said.reason }, said.rule)
    const allowed = async (to: string, rule: string): Promise<void> =>
      report({ target: to, method, verdict: 'allowed', rule, ...foundIn(said) })
    const shown = { target: `${target.name} ${target.path}`, method }
    const outcome = await lend(target, request, response, {
      ...{ message: messageOf({ request, response }), lender, rules: rules(), resolve, allowed, pool, ...bodyOf(said) },
      admit: async () => admit(shown, target),
      spend,
    })
    if (!('done' in outcome)) await refuse({ request, response }, `${target.name} ${target.path}`, outcome)
  }
  const judge = async (
    { host, port, path, search }: Omit<LentTarget, 'name' | 'isSecure'>,
    { request, response }: Exchange,
  ): Promise<Passed | Barred> => {
    const { method = '', headers } = request
    const line = { method, path, search, contentType: headers['content-type'] }
    const message = messageOf({ request, response })
    const said = await judged(() => lender.rules().looking, { host, port }, line, message, lender.findSecrets)
    const labelled = await withLabel(said, host)
    if (labelled !== undefined) return labelled
    // what a WebSocket says afterwards is judged by nobody
    const isUnseen = said.ok && said.rule !== undefined && said.rule.requests?.secrets !== 'record'
    if (!isUnseen || !(response instanceof UpgradeResponse)) return said
    return { ok: false, reason: 'not_inspectable', ...(said.rule === undefined ? {} : { rule: said.rule.name }) }
  }
  /** What a session has read goes no further than a rule says, and what it reads by one counts from now on. */
  const withLabel = async (said: Passed | Barred, host: string): Promise<Barred | undefined> => {
    if (!said.ok || said.rule?.requests === undefined || lender.flow === undefined) return undefined
    const { name, requests } = said.rule
    if (lender.flow.confidentiality() > requests.confidentiality)
      return { ok: false, reason: 'confidential', rule: name }
    if (requests.integrity < 3) await lender.flow.reads(host, requests.integrity)
    return undefined
  }
  /** Cuts a WebSocket when its host is not allowed any more. */
  const watch = ({ host, port, request: { socket } }: Bare): void => {
    const stop = lender.onChange(() => {
      const own = rules()
      const allowed = [...own.allowed, ...lender.rules().looking.flatMap(({ hosts }) => hosts)]
      if (decideEgress({ host, port }, { ...own, allowed }).kind === 'refused') socket.destroy()
    })
    socket.once('close', stop)
  }
  /** An allowed host may be used without a credential of ours, and then with none at all, unless a rule says otherwise (T-115). */
  const bare = async (asked: Bare, { rule, ...passed }: Passed): Promise<void> => {
    const { host, port, isSecure, path, search, request, response } = asked
    const target = `${isSecure ? 'https' : 'http'}://${host}:${port}${path}`
    const own = rules()
    const cleared = await clear(asked, rule === undefined ? own : { ...own, allowed: rule.hosts }, resolve)
    if (cleared.kind === 'barred') {
      const refused = cleared.reason === 'not_allowlisted' ? 'credential_scope' : cleared.reason
      return refuse(asked, target, { refused })
    }
    if (rule === undefined && foreignParameter(search) !== undefined)
      return refuse(asked, target, { refused: 'credential_foreign' })
    const { refused, meter } = { meter: undefined, ...(await admit({ target, method: request.method ?? '' }, asked)) }
    if (refused !== undefined) return deny(response, refused)
    const { method = '' } = request
    const message = messageOf(asked)
    const spent = await spend({ target, method }, { host, port, method, path, message, body: passed.body, response })
    if (spent.failure !== undefined) return refuse(asked, target, spent.failure)
    const { bill, body } = spent
    const by = { rule: rule?.name ?? cleared.rule, ...foundIn(passed) }
    const upstream = async (mostIdle: number): Promise<Upstream> => {
      const taken = await pool.take({ cleared, host, isSecure }, mostIdle)
      bill?.began()
      return taken
    }
    const headers = { ...clientHeaders(rule, request, path, search), host: asked.authority }
    const sent = { path: path + search, headers, upstream, ...(body === undefined ? {} : { body }) }
    try {
      await report({ target, method, verdict: 'allowed', ...by })
      if (response instanceof UpgradeResponse) watch(asked)
      await onward(asked, { ...sent, ...metered(meter), ...watched(bill) })
    } finally {
      await bill?.close()
    }
  }
  const onward = async ({ request, response }: Exchange, to: Forwarded): Promise<void> => {
    try {
      await forward(request, response, { ...to, ...(lender.limits === undefined ? {} : { limits: lender.limits }) })
    } catch (thrown) {
      if (response.headersSent) throw thrown
      deny(response, { unreachable: true })
    }
  }
  /** Whether this request may go out now; otherwise it has been answered. */
  const isPaced = async (target: string, response: ServerResponse): Promise<boolean> => {
    const taken = lender.take()
    if (taken.ok) return true
    if (isNewSecond()) await report({ target, verdict: 'refused', reason: 'rate_limited' })
    deny(response, { limited: taken.retryAfterSeconds })
    return false
  }
  const inside = async ({ host, port, request, response }: Intercepted): Promise<void> => {
    if (!(await isPaced(`https://${host}:${port}`, response))) return
    const { path, search } = split(request.url ?? '')
    const to = { host, port, isSecure: true, path, search }
    const passed = await judge(to, { request, response })
    if (!passed.ok)
      return refuse({ request, response }, `https://${host}:${port}${path}`, { refused: passed.reason }, passed.rule)
    const name = credentials.fitting({ agent: holder, host, port, method: request.method ?? '', path })
    if (name === undefined) return bare({ ...to, authority: request.headers.host ?? host, request, response }, passed)
    return lent({ name, ...to }, request, response, passed)
  }
  /** A pinned client, or one that does not know where the certificates of its sandbox are. */
  const untrusted = ({ host, port }: EgressTarget): void =>
    void report({ target: `https://${host}:${port}`, verdict: 'refused', reason: 'not_trusted' }).catch(() => undefined)
  const take = authority === undefined ? undefined : createInterceptor({ authority, answer: inside, untrusted })
  return {
    async answer(asked, request, response) {
      const target = targetOf(asked, credentials)
      if (target !== undefined) return lent(target, request, response)
      return refuse({ request, response }, asked.split('?', 1)[0] ?? '', { refused: 'credential_unknown' })
    },
    async plain({ host, hostname, port: given, pathname, search }, request, response) {
      const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(given === '' ? 80 : given) }
      const asked = { ...to, isSecure: false, path: pathname, search }
      const passed = await judge(asked, { request, response })
      // the host is the one that was judged, whatever the client's `Host` says (T-118)
      if (passed.ok) return bare({ ...asked, authority: host, request, response }, passed)
      return refuse(
        { request, response },
        `http://${to.host}:${to.port}${pathname}`,
        { refused: passed.reason },
        passed.rule,
      )
    },
    covers: ({ host, port }) =>
      lookingInto(lender.rules().looking, host, port).length > 0 ||
      lender.budgets?.covers(holder, host, port) === true ||
      (authority?.covers(host) === true &&
        credentials.hostsOf(holder).some((one) => one.host === host && one.port === port)),
    canOpen: ({ host }) => authority?.covers(host) === true,
    async take(client, to) {
      if (take === undefined) return void client.destroy()
      tunnels.set(client, to)
      client.once('close', () => tunnels.delete(client))
      await take(client, to)
    },
    close: unwatch,
  }
}

const bodyOf = ({ body }: Passed): { readonly body?: Buffer } => (body === undefined ? {} : { body })

/** Headers of a client that may go on. */
function clientHeaders(
  rule: EgressRule | undefined,
  request: IncomingMessage,
  path: string,
  search: string,
): Record<string, string | string[]> {
  const head: RequestHead = { headers: headersOf(request), path, search }
  const { headers } = rule?.requests?.credentials === 'client' ? head : withoutCredentials(head)
  return headers as Record<string, string | string[]>
}

function split(url: string): { readonly path: string; readonly search: string } {
  const [path = '', ...rest] = url.split('?')
  return { path, search: rest.length === 0 ? '' : `?${rest.join('?')}` }
}
