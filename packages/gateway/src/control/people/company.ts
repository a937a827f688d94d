import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import {
  isJsonObject,
  isPersonRole,
  parseJson,
  SallyportError,
  type JsonObject,
  type PersonRole,
} from '@sallyport/core'
import { pass, refuse, type Clock, type Random, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import type { From } from './login.ts'
import type { People } from './people.ts'
import type { Person } from './person.ts'
import type { SignedIn, SignIn } from './sign-in.ts'

interface CompanySettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: string | undefined
  readonly nameClaim: string
  readonly groupsClaim: string
  readonly scopes: readonly string[]
  readonly roles: Readonly<Record<string, readonly string[]>>
}

/** One exchange over the guarded way out. */
export type Exchange = (
  url: string,
  order: {
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly signal: AbortSignal
  },
) => Promise<{
  readonly status: number
  header(name: string): string | undefined
  readonly body: AsyncIterable<Uint8Array>
}>

export interface CompanyDeps {
  readonly settings: CompanySettings
  readonly exchange: Exchange
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly people: People
  readonly signIn: SignIn
  /** Seals what the browser keeps while it is away; outside the store. */
  readonly mac: Uint8Array
  /** Origin of the console. */
  readonly origin: () => string | undefined
}

interface Flow {
  readonly verifier: string
  readonly nonce: string
  readonly state: string
  readonly next: string
  readonly until: number
}

const CALLBACK = '/api/v1/sign-in/oidc/callback'
/** How long the browser may be away, and one answer of the provider may take, ms. */
const FLOW_MS = 600_000
const ANSWER_MS = 10_000
const MAX_ANSWER = 1_048_576

/**
 * Sign-in by an OpenID Connect provider: authorization code with PKCE, state and nonce, all three bound to the browser by a
 * sealed cookie that works once. The provider's keys are asked for anew each time, so that a rotated one is no trouble.
 * Whoever comes this way has the roles of their groups, at each sign-in anew.
 */
export class CompanySignIn {
  readonly #deps: CompanyDeps
  readonly #key: Buffer

  constructor(deps: CompanyDeps) {
    this.#deps = deps
    this.#key = Buffer.from(hkdfSync('sha256', deps.mac, '', 'sallyport/company-sign-in/1', 32))
  }

  /** Where to send the browser, and the cookie that it needs when it comes back. */
  async begin(next: string): Promise<Verdict<{ readonly url: string; readonly cookie: string }>> {
    const { random, clock, settings } = this.#deps
    const secret = (): string => Buffer.from(random.bytes(32)).toString('base64url')
    const until = clock.now() + FLOW_MS
    const flow: Flow = { verifier: secret(), nonce: secret(), state: secret(), next: localPath(next), until }
    return this.#asking(async () => {
      const client = await import('openid-client')
      const url = client.buildAuthorizationUrl(await this.#configuration(), {
        redirect_uri: this.#callback(),
        scope: settings.scopes.join(' '),
        code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
        state: flow.state,
        nonce: flow.nonce,
      })
      return pass({ url: url.href, cookie: this.#seal(flow) })
    })
  }

  /** The browser is back. `cookie` from `begin`; `query` as the provider gave it. */
  async finish(
    cookie: string | undefined,
    query: Readonly<Record<string, string>>,
    from: From,
  ): Promise<Verdict<SignedIn & { readonly next: string }>> {
    const { signIn } = this.#deps
    const done = await this.#finish(cookie, query, from)
    if (!done.ok) await signIn.failed('company', '', from, done.reason.slice(0, 200))
    return done
  }

  async #finish(
    cookie: string | undefined,
    query: Readonly<Record<string, string>>,
    from: From,
  ): Promise<Verdict<SignedIn & { readonly next: string }>> {
    const { clock, store, signIn } = this.#deps
    const flow = this.#open(cookie)
    if (flow === undefined || clock.now() >= flow.until)
      return refuse('SP_AUTHN_SIGN_IN', 'This browser did not begin a sign-in, or it took too long.')
    if (!(await store.spend(`company:${digestOf(flow.state)}`, flow.until + FLOW_MS)))
      return refuse('SP_AUTHN_SIGN_IN', 'This sign-in was used.')
    const claims = await this.#asking(async () => {
      const client = await import('openid-client')
      const back = new URL(`${this.#callback()}?${new URLSearchParams(query).toString()}`)
      const tokens = await client.authorizationCodeGrant(await this.#configuration(), back, {
        ...{ pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce },
        idTokenExpected: true,
      })
      return pass((tokens.claims() ?? {}) as unknown as JsonObject)
    })
    if (!claims.ok) return claims
    const person = await this.#personOf(claims.value)
    if (!person.ok) return person
    const opened = await signIn.open(person.value.id, 'company', from)
    return opened.ok ? pass({ ...opened.value, next: flow.next }) : opened
  }

  async #personOf(claims: JsonObject): Promise<Verdict<Person>> {
    const { people, settings } = this.#deps
    const { iss, sub } = claims
    if (typeof iss !== 'string' || typeof sub !== 'string')
      return refuse('SP_AUTHN_PROVIDER', 'The provider does not say who it is.')
    const subject = `${iss}\n${sub}`
    const roles = rolesOf(claims[settings.groupsClaim], settings.roles)
    const known = people.list().find((each) => each.subject === subject)
    if (roles.length === 0) {
      if (known !== undefined && known.roles.length > 0) await people.withoutRoles(known.id, 'company')
      return refuse('SP_AUTHN_SIGN_IN', 'None of your groups may use this gateway.')
    }
    if (known !== undefined) {
      const same = [...known.roles].sort().join() === [...roles].sort().join()
      return pass(same ? known : await people.setRoles(known.id, roles, 'company'))
    }
    if (await people.wasRemoved(subject)) return refuse('SP_AUTHN_SIGN_IN', 'Your access was taken away here.')
    const name = nameFrom(claims[settings.nameClaim] ?? sub)
    const more = { origin: 'company', subject } as const
    try {
      return pass(await people.add(name, roles, 'company', more))
    } catch (thrown) {
      // The name is somebody else's: nobody becomes another person by choosing a name at the provider.
      if (!(thrown instanceof SallyportError) || thrown.code !== 'SP_PEOPLE_EXISTS') throw thrown
      return pass(await people.add(`${name.slice(0, 23)}-${digestOf(subject).slice(0, 8)}`, roles, 'company', more))
    }
  }

  async #asking<T>(work: () => Promise<Verdict<T>>): Promise<Verdict<T>> {
    try {
      return await work()
    } catch (thrown) {
      const { code, message } = thrown as { code?: unknown; message?: unknown }
      const what = [code, message].filter((part) => typeof part === 'string').join(': ')
      return refuse('SP_AUTHN_PROVIDER', what.slice(0, 300))
    }
  }

  async #configuration() {
    const { settings, exchange } = this.#deps
    const client = await import('openid-client')
    const issuer = new URL(settings.issuer)
    const { clientId, clientSecret } = settings
    const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret)
    const config = await client.discovery(issuer, clientId, undefined, authentication, {
      [client.customFetch]: fetchBy(exchange),
      timeout: ANSWER_MS / 1000,
      // Only a loopback address is accepted without TLS, and only by the schema of the configuration.
      ...(issuer.protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}),
    })
    client.enableNonRepudiationChecks(config)
    return config
  }

  #callback(): string {
    const origin = this.#deps.origin()
    if (origin === undefined) throw new SallyportError('SP_AUTHN_PROVIDER', 'There is no console to come back to.')
    return origin + CALLBACK
  }

  #seal(flow: Flow): string {
    const iv = this.#deps.random.bytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv)
    const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(flow)), cipher.final(), cipher.getAuthTag()])
    return sealed.toString('base64url')
  }

  #open(cookie: string | undefined): Flow | undefined {
    const bytes = Buffer.from(cookie ?? '', 'base64url')
    if (bytes.length < 29) return undefined
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(-16))
      const text = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
      const flow = parseJson(text)
      return isJsonObject(flow) ? (flow as unknown as Flow) : undefined
    } catch {
      return undefined
    }
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A path of the console; anything else, another host too, becomes the first page. */
const localPath = (next: string): string => (/^\/(?![/\\])[A-Za-z0-9/_.~:@%?&=+-]*$/.test(next) ? next : '/')

function rolesOf(groups: unknown, table: CompanySettings['roles']): readonly PersonRole[] {
  const held = (Array.isArray(groups) ? groups : [groups]).filter((group) => typeof group === 'string')
  const map = new Map(Object.entries(table))
  return [...new Set(held.flatMap((group) => map.get(group) ?? []))].filter(isPersonRole)
}

/** A name of ours from one of theirs: `Ana.Ruiz@corp.com` → `ana.ruiz`. */
function nameFrom(claim: unknown): string {
  const text = typeof claim === 'string' ? (claim.split('@')[0] ?? '') : ''
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 32)
  return plain === '' || plain === 'local' ? `person-${digestOf(text).slice(0, 8)}` : plain
}

/** `fetch` as `openid-client` calls it, over the gateway's own way out. */
const fetchBy =
  (exchange: Exchange) =>
  async (
    url: string,
    {
      method,
      headers,
      body,
      signal,
    }: { method: string; headers: Record<string, string>; body?: unknown; signal?: AbortSignal | undefined },
  ): Promise<Response> => {
    const text = body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : undefined
    const limit = AbortSignal.timeout(ANSWER_MS)
    const answer = await exchange(url, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers: { ...Object.fromEntries(new Headers(headers)) },
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(text === undefined ? {} : { body: text }),
    })
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of answer.body) {
      size += chunk.length
      if (size > MAX_ANSWER) throw new SallyportError('SP_AUTHN_PROVIDER', 'Its answer is too long.')
      chunks.push(chunk)
    }
    const type = answer.header('content-type')
    return new Response(Buffer.concat(chunks), {
      status: answer.status,
      headers: type === undefined ? {} : { 'content-type': type },
    })
  }
