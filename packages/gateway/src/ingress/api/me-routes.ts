import { personScopes, SallyportError, type JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { readCookie, type Cookies } from './cookies.ts'
import type { GatewayLine, LoginsApi, LoginView, PeopleApi } from './people-ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

export interface MeRoutesDeps {
  readonly people: PeopleApi
  readonly logins: LoginsApi
  readonly cookies: Cookies
  readonly line: () => GatewayLine
  readonly now: () => number
}

const EMPTY = z.strictObject({}).optional()
const ALL = z.strictObject({ operator: z.string().max(64).optional(), others: z.literal(true).optional() }).optional()

/** Who is asking, and the sessions that people have open. */
export function meRoutes({ people, logins, cookies, line, now }: MeRoutesDeps): Route[] {
  const mine = (request: ApiRequest, operator: string): boolean =>
    request.session === undefined || request.principal.id === operator || request.principal.scopes.includes('admin')
  return [
    {
      method: 'GET',
      path: '/api/v1/me',
      plane: 'operator',
      scope: 'read',
      summary: 'Who is signed in, with roles, scopes and the end of the session; the line of the gateway and its time.',
      handle({ principal, session }) {
        const person = people.get(principal.id)
        const login = session === undefined ? undefined : logins.get(session)
        const body = {
          id: principal.id,
          name: person === undefined ? '' : nameOf(person.id),
          roles: person?.roles ?? [],
          scopes: principal.scopes,
          ...(person === undefined ? {} : { origin: person.origin, recoveryCodes: person.recovery.length }),
          session: login === undefined ? null : loginJson(login, logins),
          gateway: line(),
          serverTime: iso(now()),
        }
        return Promise.resolve({ status: 200, body })
      },
    },
    {
      method: 'POST',
      path: '/api/v1/sign-out',
      plane: 'operator',
      scope: 'public',
      surfaces: ['console'],
      justification: 'It ends the session whose cookie the request carries, and does nothing for anybody without one.',
      summary: 'Ends the session of this browser.',
      async handle({ headers, body }) {
        readAs(EMPTY, body)
        const { session, clear } = cookies
        const id = logins.idOf(readCookie(headers['cookie'], session) ?? '')
        if (id !== undefined) await logins.end(id, 'sign-out', logins.get(id)?.operator ?? '')
        return { status: 200, body: {}, headers: { 'set-cookie': clear(session) } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/logins',
      plane: 'operator',
      scope: 'read',
      summary: 'Sessions of people: your own, and all of them for an admin and on the operator socket.',
      handle(request) {
        const shown = logins.list().filter(({ operator }) => mine(request, operator))
        const items = shown.map((login) => ({ ...loginJson(login, logins), current: login.id === request.session }))
        return Promise.resolve({ status: 200, body: { items } })
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/logins/:id',
      plane: 'operator',
      scope: 'read',
      summary: 'Ends one session, your own or, as an admin or on the operator socket, any: it only takes rights away.',
      async handle(request) {
        const login = logins.get(request.params['id'] ?? '')
        if (login === undefined || !mine(request, login.operator)) throw new SallyportError('SP_PEOPLE_UNKNOWN')
        await logins.end(login.id, 'revoked', request.principal.id)
        return { status: 200, body: { id: login.id } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/logins/end',
      plane: 'operator',
      scope: 'read',
      summary: 'Ends all sessions of one person (default: your own); `others` keeps the one that asks.',
      async handle(request) {
        const { operator = request.principal.id, others } = readAs(ALL, request.body) ?? {}
        if (!mine(request, operator)) throw new SallyportError('SP_PEOPLE_UNKNOWN')
        const except = others === true ? request.session : undefined
        const ended = await logins.endAllOf(operator, 'revoked', request.principal.id, except)
        return { status: 200, body: { ended } }
      },
    },
  ]
}

export const iso = (at: number): string => new Date(at).toISOString()

/** `ana` of `operator:ana`. */
export const nameOf = (id: string): string => id.slice(id.indexOf(':') + 1)

export function loginJson(login: LoginView, logins: Pick<LoginsApi, 'endsOf'>): JsonObject {
  const { id, operator, method, createdAt, lastActivityAt, addresses, browser } = login
  const { idle, absolute } = logins.endsOf(login)
  return {
    ...{ id, operator, method, browser, address: addresses.at(-1) ?? '', addresses: [...addresses] },
    createdAt: iso(createdAt),
    lastActivityAt: iso(lastActivityAt),
    idleEndsAt: idle === undefined ? null : iso(idle),
    endsAt: absolute === undefined ? null : iso(absolute),
  }
}

export const rolesJson = (roles: Parameters<typeof personScopes>[0]): JsonObject => ({
  roles: [...roles],
  scopes: [...personScopes(roles)],
})
