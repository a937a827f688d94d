import {
  foreignParameter,
  graceOf,
  isOwnParameter,
  judgeBody,
  judgeQuery,
  judgeUse,
  LEAST_SCRUBBED,
  readsBody,
  readsWhole,
  SallyportError,
  Scrubber,
  toSallyportError,
  type CredentialUse,
  type ErrorCode,
  type JsonObject,
  type RequestHead,
} from '@sallyport/core'
import type { Clock, Random } from '../../boundary/ports.ts'
import type { Borrowed, CredentialPort, CredentialRequest, WhichLease } from '../../boundary/ports-credential.ts'
import { leaseText, type BoundCredential } from '../../config/credentials.ts'
import type { SecretSources, Using } from '../backends/sources.ts'
import { Bodies } from './bodies.ts'
import { Grants, type Grant } from './grants.ts'
import { credentialIds } from './ids.ts'
import { ownInjector, type Injector } from './injector.ts'
import { Leases, type Lease } from './leases.ts'
import type { TakenBack } from './taken-back.ts'

/** Where nothing else is said, ms. */
const GRACE = 300_000

/** One operation on a credential, as it is recorded (AC-4.5.2). */
interface CredentialEvent extends JsonObject {
  readonly operation: 'use' | 'scope_violation'
  readonly success: boolean
}

export interface BrokerDeps {
  readonly credentials: ReadonlyMap<string, BoundCredential>
  readonly sources: Pick<SecretSources, 'use'>
  /** For values `injector:NAME`: a service that keeps them. */
  readonly injector?: Injector
  readonly clock: Clock
  readonly random: Random
  /** How long what is on its way with a value that was replaced may go on at most, ms (AC-4.3.2). */
  readonly grace?: number
  /** What operators took back; absent: nothing. */
  readonly takenBack?: Pick<TakenBack, 'covers'>
  /** Key of the ids of credentials in records. */
  readonly tagKey: Uint8Array
  /** Resolves when it is durable; when it rejects, nothing goes out. */
  readonly record: (event: CredentialEvent) => Promise<void>
}

/**
 * Puts credentials into requests that may have them, and nowhere else (HB-88). An agent has a lease, never a value: the value is
 * decrypted for one request and looked for in what comes back.
 */
export class Broker implements CredentialPort {
  readonly #deps: BrokerDeps
  readonly #leases: Leases
  readonly #grants: Grants
  readonly #own: Injector
  readonly #bodies = new Bodies()
  readonly #listeners = new Set<(which: WhichLease) => void>()

  constructor(deps: BrokerDeps) {
    this.#deps = deps
    this.#leases = new Leases(deps.clock, deps.random)
    this.#grants = new Grants(deps.clock, deps.random)
    this.#own = ownInjector(deps.sources, deps.clock)
  }

  base(name: string): URL | undefined {
    return this.#deps.credentials.get(name)?.base
  }

  hostsOf(holder: string): ReturnType<CredentialPort['hostsOf']> {
    const own = [...this.#deps.credentials.values()].filter(({ agents }) => agents.includes(holder))
    return own.map(({ name, base }) => ({
      name,
      host: base.hostname,
      port: Number(base.port === '' ? 443 : base.port),
    }))
  }

  fitting(use: CredentialUse): string | undefined {
    return [...this.#deps.credentials.values()].find((bound) => judgeUse(bound, use).ok)?.name
  }

  /** With those that were given by hand and not used yet. */
  leases(): readonly Omit<Lease, 'version'>[] {
    const unused = this.#grants.list().filter(({ uses }) => uses === 0)
    return [...this.#leases.list(), ...unused.map(({ most: _most, ...grant }) => ({ ...grant, instance: '' }))]
  }

  /** Ends leases, of one credential or agent or all, and cuts what is on its way (AC-4.3.2: no grace). @returns how many */
  revoke(which: WhichLease): number {
    const unused = this.#grants.end(which).filter(({ uses }) => uses === 0)
    const ended = this.#leases.revoke(which) + unused.length
    for (const listener of this.#listeners) listener(which)
    return ended
  }

  onRevoked(listener: (which: WhichLease) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * A lease by hand: this holder may have this credential for a while, where the credential may go anyway.
   * @throws SallyportError SP_VAULT_UNKNOWN
   */
  grant(asked: Pick<Grant, 'credential' | 'holder' | 'by' | 'most'>, seconds: number): Grant {
    this.known(asked.credential)
    return this.#grants.give(asked, seconds)
  }

  /** @throws SallyportError SP_VAULT_UNKNOWN */
  known(name: string): BoundCredential {
    const bound = this.#deps.credentials.get(name)
    if (bound === undefined) throw new SallyportError('SP_VAULT_UNKNOWN', JSON.stringify(name.slice(0, 64)))
    return bound
  }

  /**
   * Ends leases of a value that was replaced; what is on its way with it may come to its end (AC-4.3.2, E-45).
   * @param lived the value that was replaced
   */
  retire(which: (lease: Lease) => boolean, lived: { readonly createdAt: number; readonly expiresAt: number }): number {
    return this.#leases.retire(which, graceOf(lived, this.#deps.grace ?? GRACE))
  }

  /** Cuts what is on its way with values that have ended. */
  sweep(): void {
    this.#leases.sweep()
  }

  /** @throws SallyportError SP_VAULT_*, SP_AUDIT_*: then nothing may go out */
  async borrow(request: CredentialRequest): Promise<Borrowed> {
    const { name, use, head } = request
    const grant = this.#grants.of(name, use.agent)
    const bound = forHolder(this.known(name), grant)
    const by = grant === undefined ? {} : { grantedBy: grant.by }
    const told = { ...this.#idOf(bound), ...whereOf(request), ...by }
    try {
      requireScope(bound, use, head)
      if (grant === undefined && (await this.#deps.takenBack?.covers(name, use.agent)) === true)
        throw new SallyportError('SP_VAULT_REVOKED', `An operator took ${name} back, and has to grant it again.`)
      const { constraints, form } = bound
      if (!readsBody(form) && !readsWhole(constraints)) return await this.#lend(bound, request, told, { grant })
      const { most, free } = this.#bodies.room(constraints.maxBodyBytes)
      try {
        const body = await request.body(most)
        requireKept(bound, judgeBody(constraints, head, body))
        const { done, ...borrowed } = await this.#lend(bound, request, told, { grant, body })
        return { ...borrowed, done: () => [done, free].forEach((end) => end()) }
      } catch (thrown) {
        free()
        throw thrown
      }
    } catch (thrown) {
      const { code, detail } = toSallyportError(thrown)
      const operation = OPERATION[code] ?? 'use'
      const why = code === 'SP_VAULT_SCOPE' ? { error: code, reason: detail } : { error: code }
      if (!code.startsWith('SP_AUDIT_')) await this.#deps.record({ operation, success: false, ...told, ...why })
      throw thrown
    }
  }

  async #lend(
    bound: BoundCredential,
    request: CredentialRequest,
    told: JsonObject,
    { grant, body }: { readonly grant: Grant | undefined; readonly body?: Uint8Array },
  ): Promise<Borrowed> {
    const { name, instance, use, head } = request
    const { clock, record, grace = GRACE } = this.#deps
    const given = { method: use.method, head, placeholder: leaseText(name), ...(body === undefined ? {} : { body }) }
    const order = { secret: bound.secret, form: bound.form, host: use.host, request: given }
    return this.#injectorOf(bound).use(order, async ({ secrets, ...changed }, using) => {
      if (grant !== undefined && !this.#grants.use(grant))
        throw new SallyportError('SP_VAULT_REVOKED', `The lease by hand of ${name} is used up.`)
      const until = Math.min(endOf(bound, using), grant?.expiresAt ?? Number.MAX_SAFE_INTEGER)
      const terms = { version: using.version, until }
      const left = graceOf({ createdAt: using.createdAt ?? clock.now(), expiresAt: using.expiresAt }, grace)
      const { lease, signal, done } = this.#leases.use(name, use.agent, instance, terms, left)
      try {
        if (secrets.some(({ length }) => length < LEAST_SCRUBBED))
          throw new SallyportError('SP_VAULT_INVALID', `${name} is too short to be looked for in answers.`)
        await record({ operation: 'use', success: true, ...told, leaseId: lease.id, version: using.version })
        return { ...changed, scrubber: new Scrubber(secrets), signal, done }
      } catch (thrown) {
        done()
        throw thrown
      }
    })
  }

  /** @throws SallyportError SP_VAULT_LOCKED */
  #injectorOf({ secret }: BoundCredential): Injector {
    if (!secret.startsWith('injector:')) return this.#own
    if (this.#deps.injector !== undefined) return this.#deps.injector
    throw new SallyportError('SP_VAULT_LOCKED', 'There is no `vault.injector`.')
  }

  #idOf({ name, secret }: BoundCredential): JsonObject {
    return { ...credentialIds(this.#deps.tagKey, name), provider: /^([a-z]+):/.exec(secret)?.[1] ?? 'vault' }
  }
}

const OPERATION: Readonly<Partial<Record<ErrorCode, CredentialEvent['operation']>>> = {
  SP_VAULT_SCOPE: 'scope_violation',
}

/** What a client says of itself is a hint for people, and nothing rests on it (ND-4.5.a). */
const whereOf = ({ instance, source, use, head }: CredentialRequest): JsonObject => {
  const { agent, host, port, method, path } = use
  const { 'user-agent': userAgent } = head.headers
  return {
    ...{ requestingIdentity: agent, instance, source, host: `${host}:${port}`, method, path: path.slice(0, 300) },
    ...(typeof userAgent === 'string' ? { userAgent: userAgent.slice(0, 120) } : {}),
  }
}

/** A lease by hand is for one holder more. */
const forHolder = (bound: BoundCredential, grant: Grant | undefined): BoundCredential =>
  grant === undefined ? bound : { ...bound, agents: [...bound.agents, grant.holder] }

/** When a credential is lent no more: its value ends, or the configuration says so (HB-93). */
function endOf({ expiry }: BoundCredential, { expiresAt, createdAt }: Using): number {
  if (expiry === undefined) return expiresAt
  // what was set nobody knows when has no time left
  return Math.min(expiresAt, 'at' in expiry ? expiry.at : (createdAt ?? 0) + expiry.after)
}

/** @throws SallyportError SP_VAULT_SCOPE naming what was asked and what is allowed */
function requireScope(bound: BoundCredential, use: CredentialUse, { search }: RequestHead): void {
  const verdict = judgeUse(bound, use)
  if (!verdict.ok) throw outOfScope(verdict.reason, verdict.member)
  requireKept(bound, judgeQuery(bound.constraints, search))
  const foreign = foreignParameter(search, isOwnParameter(bound.form))
  if (foreign !== undefined)
    throw outOfScope(`${bound.name} goes alone: ${foreign} in the query would act as somebody else.`, 'query')
}

function requireKept({ name }: BoundCredential, broken: ReturnType<typeof judgeQuery>): void {
  if (broken !== undefined) throw outOfScope(`${name}: ${broken.reason}`, broken.member)
}

const outOfScope = (reason: string, member: string): SallyportError =>
  new SallyportError('SP_VAULT_SCOPE', reason, { details: { member } })
