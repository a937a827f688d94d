import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  insideOf,
  parseHostRule,
  placeText,
  readUrl,
  type EgressRefusal,
  type EgressRules,
  type EgressTarget,
  type RequestRefusal,
} from '@sallyport/core'
import { passed } from './answer.ts'
import { createAdmission } from './admission.ts'
import { merged, type HolderRules } from './book.ts'
import { deny, denialText, type Failure } from './denial.ts'
import { clear, dial, systemResolve, type Resolve } from './dial.ts'
import { forward } from './forward.ts'
import { metered, type Lender } from './lend.ts'
import { createLending } from './lending.ts'
import { EGRESS_URL } from './listener.ts'
import type { Over } from './limits.ts'
import { openingOf } from './opening.ts'
import { createFlood, createSecond } from './pace.ts'
import type { Metered } from './pool.ts'
import { splice } from './splice.ts'
import { createVerdicts } from './verdicts.ts'
import { serveUpgrades } from './websocket.ts'

/** One attempt to get out, as it is logged (AC-6.5.3). */
export interface EgressAttempt {
  /** As the client asked for it, cut. */
  readonly target: string
  /** Of a request that was looked into. */
  readonly method?: string
  readonly verdict: 'allowed' | 'refused'
  /** Why it was refused. */
  readonly reason?:
    | EgressRefusal
    | RequestRefusal
    | 'too_many'
    | 'rate_limited'
    | Over['reason']
    | 'proxy_authentication'
    | 'not_tls'
    | 'not_trusted'
    | 'host_mismatch'
    | 'not_inspectable'
    | 'too_large'
    | 'body_encoding'
    | 'body_unfinished'
    | 'secret'
    | 'confidential'
    | `approval_${'required' | 'denied'}`
    | `credential_${string}`
    | `budget_${'spent' | 'unavailable'}`
  /** Entry of a list that decided. */
  readonly rule?: string
  /** Secrets that were found in it and sent, or masked, by the word of a rule. */
  readonly secrets?: number
}

export interface EgressDeps {
  readonly rules: EgressRules
  /** Told of every attempt before anything is connected; what it throws refuses the attempt. */
  readonly report: (attempt: EgressAttempt) => void | Promise<void>
  readonly resolve?: Resolve
  /** Tunnels to these ports begin with TLS for the host of the tunnel. */
  readonly tlsPorts?: readonly number[]
  /** New connections in a second; more are cut, and that is said once a second (T-144). */
  readonly newASecond?: number
  /** Connections open at once, both ends counted; more are cut. */
  readonly mostOpen?: number
  /** Credentials that requests to `/sallyport/NAME/…` get; absent: none. */
  readonly lender?: Lender
}

const MOST_OPEN = 512
const HEAD_LIMIT = 10_000
const SHOWN = 300
const TLS_PORTS = [443]
const MOST_A_SECOND = 200

/** A connection that nobody looks into. */
interface Opened {
  readonly target: EgressTarget
  /** A person said so, and no list. */
  readonly isAsked: boolean
}

type Outcome = { readonly upstream: Socket; readonly meter?: Metered } | Failure

/**
 * The way out of one sandbox: a listener that stands inside of it. Whoever connects to it is that sandbox, so there is no password
 * (isolation note 2.4). It opens tunnels (CONNECT) and hands on plain requests (absolute form, RFC 9112 section 3.2.2) to hosts of a
 * list, at an address that was resolved and judged once, and refuses all else.
 * @returns closes it and every connection
 */
export function serveEgress(
  listener: Server,
  {
    rules,
    report,
    lender,
    resolve = lender?.resolve ?? systemResolve,
    tlsPorts = TLS_PORTS,
    newASecond = MOST_A_SECOND,
    mostOpen = MOST_OPEN,
  }: EgressDeps,
): () => void {
  const open = new Set<Duplex>()
  const keep = (socket: Duplex): void => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
  }
  const own = { ...rules, exceptions: lender?.exceptions ?? [] }
  const inForce = lender === undefined ? () => rules : createMerged(own, lender.rules)
  const verdicts = createVerdicts()
  const admit = createAdmission(lender, report)
  const reach = async (asked: string, target: EgressTarget | undefined, client: Duplex): Promise<Outcome> => {
    const shown = asked.slice(0, SHOWN)
    const refused = async (reason: NonNullable<EgressAttempt['reason']>, rule?: string): Promise<Outcome> => {
      await report({ target: shown, verdict: 'refused', reason, ...(rule === undefined ? {} : { rule }) })
      return { refused: reason }
    }
    if (target === undefined) return refused('malformed')
    let cleared = await clear(target, inForce(), resolve, verdicts.decide)
    let isAsked = false
    if (cleared.kind === 'barred' && cleared.reason === 'not_allowlisted' && lender !== undefined) {
      const inside = insideOf(target)
      if (inside !== undefined) return refused(inside)
      const answer = await lender.ask({ ...target, asked: shown }, goneOf(client))
      if (!answer.ok) return refused(answer.reason)
      isAsked = true
      cleared = await clear(target, withHost(inForce(), target, answer.rule), resolve)
    }
    if (cleared.kind === 'barred') return refused(cleared.reason, cleared.rule)
    const { refused: late, meter } = { meter: undefined, ...(await admit({ target: shown }, target)) }
    if (late !== undefined) return late
    await report({ target: shown, verdict: 'allowed', rule: cleared.rule })
    const upstream = await dial(cleared)
    if (upstream === undefined) return { unreachable: true }
    keep(upstream)
    lender?.opened?.(placeText(target), upstream, false)
    // names and servers may have taken their time
    if (!mayStay({ target, isAsked })) {
      upstream.destroy()
      return refused('not_allowlisted')
    }
    connections.set(upstream, { target, isAsked })
    upstream.once('close', () => connections.delete(upstream))
    return { upstream, ...metered(meter) }
  }
  const lending =
    lender === undefined
      ? undefined
      : createLending({
          ...{ lender, rules: inForce, resolve },
          keep: (socket, place) => {
            keep(socket)
            lender.opened?.(place, socket, true)
          },
          report: async (attempt) => report({ ...attempt, target: attempt.target.slice(0, SHOWN) }),
        })
  const connections = new Map<Socket, Opened>()
  /** What rules look into now goes through no connection that nobody looks into. */
  const mayStay = ({ target, isAsked }: Opened): boolean => {
    if (lending?.covers(target) === true) return false
    const verdict = verdicts.decide(target, inForce())
    return verdict.kind !== 'refused' || (isAsked && verdict.reason === 'not_allowlisted')
  }
  const unwatch = lender?.onChange(() => {
    for (const [upstream, opened] of connections) if (!mayStay(opened)) upstream.destroy()
  })
  const isNewSecond = createSecond()
  const limited = async (asked: string): Promise<Failure | undefined> => {
    const taken = lender?.take() ?? { ok: true }
    if (taken.ok) return undefined
    if (isNewSecond()) await report({ target: asked.slice(0, SHOWN), verdict: 'refused', reason: 'rate_limited' })
    return { limited: taken.retryAfterSeconds }
  }
  const tunnel = async (client: Duplex, asked: string, head: Buffer): Promise<void> => {
    const late = await limited(asked)
    if (late !== undefined) return void client.end(denialText(late))
    const target = verdicts.read(asked)
    if (target !== undefined && lending?.covers(target) === true) {
      if (!lending.canOpen(target)) {
        await report({ target: asked.slice(0, SHOWN), verdict: 'refused', reason: 'not_inspectable' })
        return void client.end(denialText({ refused: 'not_inspectable' }))
      }
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      if (head.length > 0) client.unshift(head)
      return lending.take(client, target)
    }
    const outcome = await reach(asked, target, client)
    if (!('upstream' in outcome)) return void client.end(denialText(outcome))
    const { upstream, meter } = outcome
    if (client.destroyed) return void upstream.destroy()
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    const opening =
      target !== undefined && tlsPorts.includes(target.port)
        ? await openingOf(client, head, target.host)
        : ({ ok: true, bytes: head } as const)
    if (!opening.ok) {
      upstream.destroy()
      client.destroy()
      await report({ target: asked.slice(0, SHOWN), verdict: 'refused', reason: opening.reason })
      return
    }
    const passed = meter?.meter.watch(upstream, meter.told)
    if (opening.bytes.length > 0) upstream.write(opening.bytes)
    splice(client, upstream, { passed })
  }
  const plain = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = request.url ?? ''
    const late = await limited(asked)
    if (late !== undefined) return deny(response, late)
    // a client that uses the way out as its proxy asks it for itself in the absolute form
    const own = asked.startsWith(`${EGRESS_URL}/`) ? asked.slice(EGRESS_URL.length) : asked
    if (lending !== undefined && own.startsWith('/')) return lending.answer(own, request, response)
    const read = readUrl(asked)
    const url = read.kind === 'url' && read.url.scheme === 'http' ? read.url : undefined
    const target = url === undefined ? undefined : { host: url.host, port: url.port }
    if (url !== undefined && target !== undefined && lending?.covers(target) === true)
      return lending.plain(new URL(url.href), request, response)
    const outcome = await reach(asked, target, request.socket)
    if (!('upstream' in outcome) || url === undefined)
      return deny(response, 'upstream' in outcome ? { unreachable: true } : outcome)
    const { pathname, search, host } = new URL(url.href)
    // the host is the one that was judged, whatever the client's `Host` says (T-118)
    const headers = { ...passed(request.headers), host }
    await forward(request, response, {
      path: pathname + search,
      headers,
      upstream: async () => ({ socket: outcome.upstream, isReused: false }),
      ...metered(outcome.meter),
    })
  }
  const http = createServer({ keepAlive: false })
  // one request, then another connection: what is sent behind it is not looked at
  http.maxRequestsPerSocket = 1
  http.on('dropRequest', (_request, socket) => socket.destroy())
  const waiting = new Map<Duplex, NodeJS.Timeout>()
  const begun = (socket: Duplex): void => {
    clearTimeout(waiting.get(socket))
    waiting.delete(socket)
  }
  http.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    begun(client)
    void tunnel(client, request.url ?? '', head).catch(() => client.destroy())
  })
  http.on('request', (request, response) => {
    // later it may be gone from the request
    const { socket } = request
    begun(socket)
    void plain(request, response).catch(() => socket.destroy())
  })
  serveUpgrades(http)
  http.on('clientError', (_error, socket) => socket.destroy())
  // who has said all may still listen; the listener comes from another process, which could not say so
  Object.assign(listener, { allowHalfOpen: true })
  const flood = createFlood(newASecond, () => report({ target: '', verdict: 'refused', reason: 'too_many' }))
  listener.on('connection', (socket: Socket) => {
    if (open.size >= mostOpen || flood.isOver()) return void socket.destroy()
    keep(socket)
    // a server that does not listen itself sets nothing and has no timers of its own
    socket.setNoDelay(true)
    waiting.set(
      socket,
      setTimeout(() => socket.destroy(), HEAD_LIMIT),
    )
    socket.once('close', () => begun(socket))
    http.emit('connection', socket)
  })
  return () => {
    unwatch?.()
    lending?.close()
    listener.close()
    for (const socket of open) socket.destroy()
  }
}

/** Merged anew only when something has changed. */
function createMerged(own: EgressRules, held: () => HolderRules): () => EgressRules {
  let [from, together] = [held(), merged(own, held())]
  return () => {
    const now = held()
    if (now !== from) [from, together] = [now, merged(own, now)]
    return together
  }
}

/** The lists with one host more, for one connection. */
function withHost(rules: EgressRules, target: EgressTarget, said: string): EgressRules {
  const rule = parseHostRule(placeText(target))
  return { ...rules, allowed: [...rules.allowed, { ...rule, text: said }] }
}

/** Aborts when a client is no more there to be answered. */
function goneOf(client: Duplex): AbortSignal {
  const gone = new AbortController()
  client.once('close', () => gone.abort())
  return gone.signal
}
