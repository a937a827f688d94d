import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { foreignParameter, withoutCredentials, type EgressRules, type EgressTarget } from '@sallyport/core'
import { clear, type Resolve } from './dial.ts'
import { deny, type Failure } from './denial.ts'
import { forward } from './forward.ts'
import { createInterceptor, type Intercepted } from './intercept.ts'
import { headersOf, lend, targetOf, type LentTarget, type Lender } from './lend.ts'
import { remembering } from './names.ts'
import { createSecond } from './pace.ts'
import { Pool, type Upstream } from './pool.ts'
import type { EgressAttempt } from './proxy.ts'

export interface LendingDeps {
  readonly lender: Lender
  readonly rules: EgressRules
  readonly resolve: Resolve
  readonly report: (attempt: EgressAttempt) => Promise<void>
  readonly keep: (socket: Socket) => void
}

/** The part of a way out that puts credentials into requests. */
export interface Lending {
  /** Answers a request to the listener itself (base-URL mode). */
  readonly answer: (asked: string, request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** Whether a tunnel to this place is looked into. */
  readonly covers: (to: EgressTarget) => boolean
  /** Takes such a tunnel, whose client has been told that it stands. */
  readonly take: (client: Duplex, to: EgressTarget) => Promise<void>
}

export function createLending({ lender, rules, report, keep, ...deps }: LendingDeps): Lending {
  const { port: credentials, holder, authority, authorities } = lender
  const resolve = remembering(deps.resolve)
  const pool = new Pool({ authorities, keep })
  const isNewSecond = createSecond()
  const refuse = async (response: ServerResponse, target: string, failure: Failure): Promise<void> => {
    if ('refused' in failure)
      await report({ target, verdict: 'refused', reason: failure.refused as NonNullable<EgressAttempt['reason']> })
    deny(response, failure)
  }
  const lent = async (target: LentTarget, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const allowed = async (to: string, rule: string): Promise<void> => report({ target: to, verdict: 'allowed', rule })
    const outcome = await lend(target, request, response, { lender, resolve, allowed, pool })
    if (!('done' in outcome)) await refuse(response, `${target.name} ${target.path}`, outcome)
  }
  /** An allowed host may be used without a credential of ours, and then with none at all (T-115). */
  const bare = async ({ host, port, request, response }: Intercepted, path: string, search: string): Promise<void> => {
    const target = `https://${host}:${port}${path}`
    const cleared = await clear({ host, port }, rules, resolve)
    if (cleared.kind === 'barred') {
      const refused = cleared.reason === 'not_allowlisted' ? 'credential_scope' : cleared.reason
      return refuse(response, target, { refused })
    }
    if (foreignParameter(search) !== undefined) return refuse(response, target, { refused: 'credential_foreign' })
    await report({ target, verdict: 'allowed', rule: cleared.rule })
    const { headers } = withoutCredentials({ headers: headersOf(request), path, search })
    const own = { ...(headers as Record<string, string>), host: request.headers.host ?? host }
    try {
      const upstream = async (mostIdle: number): Promise<Upstream> =>
        pool.take({ cleared, host, isSecure: true }, mostIdle)
      await forward(request, response, { path: path + search, headers: own, upstream })
    } catch (thrown) {
      if (response.headersSent) throw thrown
      deny(response, { unreachable: true })
    }
  }
  const inside = async (intercepted: Intercepted): Promise<void> => {
    const { host, port, request, response } = intercepted
    const taken = lender.take()
    if (!taken.ok) {
      if (isNewSecond()) await report({ target: `https://${host}:${port}`, verdict: 'refused', reason: 'rate_limited' })
      return deny(response, { limited: taken.retryAfterSeconds })
    }
    const [path = '', ...rest] = (request.url ?? '').split('?')
    const search = rest.length === 0 ? '' : `?${rest.join('?')}`
    const name = credentials.fitting({ agent: holder, host, port, method: request.method ?? '', path })
    if (name === undefined) return bare(intercepted, path, search)
    return lent({ name, host, port, isSecure: true, path, search }, request, response)
  }
  const hosts = credentials.hostsOf(holder)
  const take = authority === undefined ? undefined : createInterceptor({ authority, answer: inside })
  return {
    async answer(asked, request, response) {
      const target = targetOf(asked, credentials)
      if (target !== undefined) return lent(target, request, response)
      return refuse(response, asked.split('?', 1)[0] ?? '', { refused: 'credential_unknown' })
    },
    covers: (to) => take !== undefined && hosts.some(({ host, port }) => host === to.host && port === to.port),
    async take(client, to) {
      if (take === undefined) client.destroy()
      else await take(client, to)
    },
  }
}
