import { createHash, createHmac } from 'node:crypto'
import {
  foreignParameter,
  inject,
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
import type { Borrowed, CredentialPort, CredentialRequest } from '../../boundary/ports-credential.ts'
import { leaseText, type BoundCredential } from '../../config/credentials.ts'
import type { SecretSources, Using } from '../backends/sources.ts'
import { Bodies } from './bodies.ts'
import { Leases, type Lease } from './leases.ts'

/** One operation on a credential, as it is recorded (AC-4.5.2). */
interface CredentialEvent extends JsonObject {
  readonly operation: 'use' | 'scope_violation' | 'expire'
  readonly success: boolean
}

export interface BrokerDeps {
  readonly credentials: ReadonlyMap<string, BoundCredential>
  readonly sources: Pick<SecretSources, 'use'>
  readonly clock: Clock
  readonly random: Random
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
  readonly #bodies = new Bodies()

  constructor(deps: BrokerDeps) {
    this.#deps = deps
    this.#leases = new Leases(deps.clock, deps.random)
  }

  base(name: string): URL | undefined {
    return this.#deps.credentials.get(name)?.base
  }

  hostsOf(holder: string): readonly { readonly host: string; readonly port: number }[] {
    const own = [...this.#deps.credentials.values()].filter(({ agents }) => agents.includes(holder))
    return own.map(({ base }) => ({ host: base.hostname, port: Number(base.port === '' ? 443 : base.port) }))
  }

  fitting(use: CredentialUse): string | undefined {
    return [...this.#deps.credentials.values()].find((bound) => judgeUse(bound, use).ok)?.name
  }

  leases(): readonly Lease[] {
    return this.#leases.list()
  }

  /** Ends leases, of one credential or agent or all, and cuts what is on its way (AC-4.3.2: no grace). */
  revoke(which: (lease: Lease) => boolean): number {
    return this.#leases.revoke(which)
  }

  /** @throws SallyportError SP_VAULT_*, SP_AUDIT_*: then nothing may go out */
  async borrow(request: CredentialRequest): Promise<Borrowed> {
    const { name, instance, use, head } = request
    const bound = this.#deps.credentials.get(name)
    if (bound === undefined) throw new SallyportError('SP_VAULT_UNKNOWN', JSON.stringify(name.slice(0, 64)))
    const told = { ...this.#idOf(name), ...whereOf(use, instance) }
    try {
      requireScope(bound, use, head)
      const { constraints, form } = bound
      if (!readsBody(form) && !readsWhole(constraints)) return await this.#lend(bound, request, told)
      const { most, free } = this.#bodies.room(constraints.maxBodyBytes)
      try {
        const body = await request.body(most)
        requireKept(bound, judgeBody(constraints, head, body))
        const { done, ...borrowed } = await this.#lend(bound, request, told, body)
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
    body?: Uint8Array,
  ): Promise<Borrowed> {
    const { name, instance, use, head } = request
    const { clock, sources, record } = this.#deps
    return sources.use(bound.secret, async (value, using) => {
      const { lease, signal, done } = this.#leases.use(name, use.agent, instance, endOf(bound, using))
      try {
        const given = {
          method: use.method,
          head,
          placeholder: leaseText(name),
          ...(body === undefined ? {} : { body }),
        }
        const { secrets, ...changed } = inject(bound.form, value.toString('utf8'), given, clock.now())
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

  /** Eight digits for people, and a keyed whole for everything else (AC-4.3.3, E-46). */
  #idOf(name: string): JsonObject {
    return {
      credential: name,
      credentialHash: createHash('sha256').update(name).digest('hex').slice(0, 8),
      credentialId: createHmac('sha256', this.#deps.tagKey).update(`sallyport/credential-id/1\n${name}`).digest('hex'),
    }
  }
}

const OPERATION: Readonly<Partial<Record<ErrorCode, CredentialEvent['operation']>>> = {
  SP_VAULT_SCOPE: 'scope_violation',
  SP_VAULT_EXPIRED: 'expire',
}

const whereOf = ({ agent, host, port, method, path }: CredentialUse, instance: string): JsonObject => ({
  ...{ requestingIdentity: agent, instance, host: `${host}:${port}`, method },
  path: path.slice(0, 300),
})

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
