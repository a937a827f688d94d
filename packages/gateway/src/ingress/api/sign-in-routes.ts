import { SallyportError, type Json } from '@sallyport/core'
import { z } from 'zod'
import type { Verdict } from '../../boundary/ports.ts'
import { plainText } from './caller.ts'
import { readCookie, type Cookies } from './cookies.ts'
import { loginJson, nameOf } from './me-routes.ts'
import type { CompanyApi, From, LoginsApi, SignedIn, SignInApi, SignInMethods } from './people-ports.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, ApiResponse, Route } from './route.ts'

export interface SignInRoutesDeps {
  readonly signIn: SignInApi
  /** Absent: no company sign-in is configured, and its routes are not in the table. */
  readonly company?: CompanyApi | undefined
  readonly presence: PresencePort
  readonly logins: Pick<LoginsApi, 'endsOf'>
  readonly cookies: Cookies
  readonly methods: () => Promise<SignInMethods>
  /** Seconds that a browser keeps the cookie; the gateway decides by itself how long it counts. */
  readonly cookieSeconds: number
}

const EMPTY = z.strictObject({}).optional()
const PASSKEY = z.strictObject({ response: z.json() })
const NEW_PASSWORD = z.strictObject({ password: z.string().max(1024), proof: PROOF })
const PASSWORD = z.strictObject({ name: z.string().max(64), password: z.string().max(1024) })

const open = { plane: 'operator', scope: 'public', surfaces: ['console'] } as const

/** Ways in. None of them says whether a name exists. */
export function signInRoutes(deps: SignInRoutesDeps): Route[] {
  const { signIn, methods } = deps
  return [
    {
      ...open,
      // `sallyport version` compares the fingerprint
      surfaces: ['console', 'socket'],
      method: 'GET',
      path: '/api/v1/sign-in/methods',
      justification: 'The sign-in page shows only what works here; it names no person and no secret.',
      summary: 'Which ways to sign in there are.',
      handle: async () => ({ status: 200, body: { ...(await methods()) } }),
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/sign-in/passkey/options',
      justification:
        'A challenge for somebody who is not signed in yet; it names no passkey and is worth nothing alone.',
      summary: 'Options for `navigator.credentials.get`.',
      async handle({ body }) {
        readAs(EMPTY, body)
        return { status: 200, body: await signIn.passkeyOptions() }
      },
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/sign-in/passkey',
      justification: 'Whoever signs in is nobody yet: the assertion is checked before anything else happens.',
      summary: 'Signs in with the answer of a passkey; sets the cookie of the session.',
      async handle(request) {
        const { response } = readAs(PASSKEY, request.body)
        return signedIn(deps, await signIn.passkey(response as Json, fromOf(request)))
      },
    },
    {
      ...open,
      method: 'POST',
      path: '/api/v1/sign-in/password',
      justification: 'Whoever signs in is nobody yet: attempts are counted before the password is looked at.',
      summary: 'Signs in with name and password, where the configuration allows it; sets the cookie of the session.',
      async handle(request) {
        const { name, password } = readAs(PASSWORD, request.body)
        return signedIn(deps, await signIn.password(name, password, fromOf(request)))
      },
    },
    {
      method: 'POST',
      path: '/api/v1/me/password',
      plane: 'operator',
      scope: 'read',
      presence: 'route',
      surfaces: ['console'],
      summary: 'Sets your own password, where the configuration allows passwords.',
      async handle({ principal, body }) {
        const { password, proof } = readAs(NEW_PASSWORD, body)
        const payload = { person: nameOf(principal.id) }
        const by = await requirePresence(deps.presence, 'people.password', payload, proof, 'refuse')
        await signIn.setPassword(principal.id, password, by)
        return { status: 200, body: {} }
      },
    },
    ...(deps.company === undefined ? [] : companyRoutes(deps, deps.company)),
  ]
}

/** A browser goes to the provider and comes back; failures lead to the sign-in page, which says what `failed` means. */
function companyRoutes({ cookies, cookieSeconds }: SignInRoutesDeps, company: CompanyApi): Route[] {
  const to = (location: string, cookie?: string): ApiResponse => ({
    status: 303,
    headers: { location, ...(cookie === undefined ? {} : { 'set-cookie': cookie }) },
  })
  return [
    {
      ...open,
      method: 'GET',
      path: '/api/v1/sign-in/oidc',
      justification: 'Sends a browser that is nobody yet to the provider; nothing changes here.',
      summary: 'Begins the company sign-in: redirects to the provider. `next` is where to go afterwards.',
      async handle({ query }) {
        const begun = await company.begin(query['next'] ?? '/')
        if (!begun.ok) return to(`/sign-in?failed=${begun.code}`)
        return to(begun.value.url, cookies.set(cookies.company, begun.value.cookie, FLOW_SECONDS, 'Lax'))
      },
    },
    {
      ...open,
      method: 'GET',
      path: '/api/v1/sign-in/oidc/callback',
      csrf: 'state',
      justification:
        'The provider sends the browser here: state, nonce and PKCE must be those its sealed cookie holds.',
      summary: 'Ends the company sign-in; sets the cookie of the session.',
      async handle(request) {
        const flow = readCookie(request.headers['cookie'], cookies.company)
        const done = await company.finish(flow, request.query, fromOf(request))
        if (!done.ok) return to(`/sign-in?failed=${done.code}`)
        const { token, next } = done.value
        return to(next, cookies.set(cookies.session, token, cookieSeconds))
      },
    },
  ]
}

const FLOW_SECONDS = 600

export const fromOf = ({ peer, headers }: ApiRequest): From => ({
  address: peer,
  browser: plainText(headers['user-agent']),
})

/** @throws SallyportError of the refusal */
function signedIn(
  { logins, cookies, cookieSeconds }: Pick<SignInRoutesDeps, 'logins' | 'cookies' | 'cookieSeconds'>,
  verdict: Verdict<SignedIn>,
): ApiResponse {
  if (!verdict.ok) throw new SallyportError(verdict.code, verdict.reason)
  const { token, login } = verdict.value
  const { session, set } = cookies
  return {
    status: 200,
    body: { session: loginJson(login, logins) },
    headers: { 'set-cookie': set(session, token, cookieSeconds) },
  }
}
