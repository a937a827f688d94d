import { SallyportError, type Json } from '@sallyport/core'
import { z } from 'zod'
import type { Verdict } from '../../boundary/ports.ts'
import { readCookie, type Cookies } from './cookies.ts'
import { iso, loginJson, nameOf } from './me-routes.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { LinkView, LoginsApi, SetupApi, SetUp } from './people-ports.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, ApiResponse, Route } from './route.ts'
import { fromOf } from './sign-in-routes.ts'
import { answer } from './verdict-response.ts'

export interface SetupRoutesDeps {
  readonly setup: SetupApi
  readonly logins: Pick<LoginsApi, 'endsOf'>
  readonly cookies: Cookies
  readonly cookieSeconds: number
  readonly presence: PresencePort
  /** Origin of the console; undefined while there is none. */
  readonly origin: () => string | undefined
}

const EMPTY = z.strictObject({}).optional()
const CODE = z.strictObject({ code: z.string().max(128) })
const RECOVER = z.strictObject({ name: z.string().max(64), code: z.string().max(64) })
const NAME = z.strictObject({ name: z.string().max(64).default('') })
const PASSKEY = z.strictObject({
  name: z.string().max(64).default(''),
  response: z.json(),
  label: z.string().max(64).default(''),
})
const NONCE = z.strictObject({ nonce: z.string().max(128) })
const PIN = z.strictObject({
  name: z.string().max(64),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  verifier: z.string().max(128),
  nonce: z.string().max(128),
  notAfter: z.int(),
})
const PROVED = z.strictObject({ proof: PROOF })

const BOUND_SECONDS = 900
const open = { plane: 'operator', scope: 'public', surfaces: ['console'], rate: 'sign-in' } as const
const BOUND = 'Works only with the cookie of the one browser that redeemed a link, and only until that link ends.'

/** The first set-up, invitations, recovery and pairing (threat-model §3.2, §3.4). No GET changes anything (T-010). */
export function setupRoutes(deps: SetupRoutesDeps): Route[] {
  const { setup, cookies, presence, origin } = deps
  const boundOf = ({ headers }: ApiRequest): string | undefined => readCookie(headers['cookie'], cookies.bound)
  const bind = (verdict: Verdict<{ readonly cookie: string; readonly view: LinkView }>): ApiResponse => {
    if (!verdict.ok) throw new SallyportError(verdict.code, verdict.reason)
    const { cookie, view } = verdict.value
    const headers = { 'set-cookie': cookies.set(cookies.bound, cookie, BOUND_SECONDS) }
    return { status: 200, body: viewJson(view), headers }
  }
  const link = (verdict: Verdict<{ readonly code: string; readonly endsAt: number }>): ApiResponse => {
    if (!verdict.ok) throw new SallyportError(verdict.code, verdict.reason)
    const site = origin()
    if (site === undefined) throw new SallyportError('SP_AUTHN_LINK', 'There is no console; set `console.port`.')
    const { code, endsAt } = verdict.value
    return { status: 201, body: { url: `${site}/setup#${code}`, endsAt: iso(endsAt) } }
  }
  return [
    {
      method: 'POST',
      path: '/api/v1/setup/link',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      surfaces: ['socket'],
      summary:
        'A one-time link that claims the gateway; refused once there is an operator or an agent has made a call (T-007).',
      async handle({ body }) {
        readAs(EMPTY, body)
        return link(await setup.firstLink('local:operator'))
      },
    },
    {
      method: 'POST',
      path: '/api/v1/people/:name/link',
      plane: 'operator',
      scope: 'admin',
      presence: 'route',
      summary: 'A one-time link with which a person who has no passkey makes their first.',
      async handle({ params, body }) {
        const name = params['name'] ?? ''
        const by = await requirePresence(presence, 'people.link', { name }, readAs(PROVED, body).proof, 'refuse')
        return link(await setup.invite(`operator:${name}`, by))
      },
    },
    {
      method: 'POST',
      path: '/api/v1/me/recovery-codes',
      plane: 'operator',
      scope: 'read',
      presence: 'route',
      surfaces: ['console'],
      summary: 'Eight new recovery codes, shown once; the old ones end.',
      async handle({ principal, body }) {
        const payload = { person: nameOf(principal.id) }
        const by = await requirePresence(presence, 'people.recovery', payload, readAs(PROVED, body).proof, 'refuse')
        return { status: 201, body: { codes: [...(await setup.newRecoveryCodes(principal.id, by))] } }
      },
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/setup/redeem',
      justification: 'Whoever comes with a link is nobody yet; its 256 random bits are looked at before anything else.',
      summary: 'Redeems a link, once, and binds it to this browser by a cookie.',
      handle: async (request) => bind(await setup.redeem(readAs(CODE, request.body).code, fromOf(request))),
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/setup/pair',
      justification: 'A new device is nobody yet; guesses at its code are counted before the code is looked at.',
      summary: 'Redeems a pairing code on the device, once, and binds it to this browser.',
      handle: async (request) => bind(await setup.pair(readAs(CODE, request.body).code, fromOf(request))),
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/setup/recover',
      justification: 'Whoever lost their passkeys is nobody yet; guesses are counted before the code is looked at.',
      summary: 'Uses up a recovery code and binds its link to this browser.',
      async handle(request) {
        const { name, code } = readAs(RECOVER, request.body)
        return bind(await setup.recover(name, code, fromOf(request)))
      },
    },
    {
      ...open,
      method: 'GET',
      path: '/api/v1/setup',
      justification: BOUND,
      summary: 'What the link of this browser is for, and when it ends.',
      async handle(request) {
        const view = await setup.view(boundOf(request))
        if (!view.ok) throw new SallyportError(view.code, view.reason)
        return { status: 200, body: viewJson(view.value) }
      },
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/setup/passkey/options',
      justification: BOUND,
      summary: 'Options for `navigator.credentials.create`.',
      handle: async (request) => answer(await setup.beginPasskey(boundOf(request), readAs(NAME, request.body).name)),
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/setup/passkey',
      justification: BOUND,
      summary: 'Enrols the passkey, ends the link and signs in. Recovery codes come along, once.',
      async handle(request) {
        const { name, response, label } = readAs(PASSKEY, request.body)
        const wanted = { name, response: response as Json, label }
        return done(deps, await setup.finishPasskey(boundOf(request), wanted, fromOf(request)))
      },
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/setup/pin/challenge',
      justification: BOUND,
      summary: 'Signed salt and cost for a first PIN instead of a passkey.',
      handle: async (request) => answer(await setup.pinChallenge(boundOf(request), readAs(NONCE, request.body).nonce)),
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/setup/pin',
      justification: BOUND,
      summary: 'Claims with what the browser derived from a PIN, ends the link and signs in.',
      handle: async (request) =>
        done(deps, await setup.finishPin(boundOf(request), readAs(PIN, request.body), fromOf(request))),
    },
  ]
}

const viewJson = (view: LinkView) => ({
  ...{ for: view.for, name: view.name, endsAt: iso(view.endsAt), check: view.check },
})

function done({ logins, cookies, cookieSeconds }: SetupRoutesDeps, verdict: Verdict<SetUp>): ApiResponse {
  if (!verdict.ok) throw new SallyportError(verdict.code, verdict.reason)
  const { token, login, recoveryCodes } = verdict.value
  return {
    status: 200,
    body: { session: loginJson(login, logins), recoveryCodes: [...recoveryCodes] },
    headers: { 'set-cookie': cookies.set(cookies.session, token, cookieSeconds) },
  }
}
