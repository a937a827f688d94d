import { createHash, createHmac } from 'node:crypto'
import {
  foreignParameter,
  inject,
  judgeUse,
  LEAST_SCRUBBED,
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
import type { BoundCredential } from '../../config/credentials.ts'
import type { SecretSources } from '../backends/sources.ts'
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
    const holder = use.agent
    const bound = this.#deps.credentials.get(name)
    if (bound === undefined) throw new SallyportError('SP_VAULT_UNKNOWN', JSON.stringify(name.slice(0, 64)))
    const told = { ...this.#idOf(name), ...whereOf(use, instance) }
    try {
      requireScope(bound, use, head)
      return await this.#deps.sources.use(bound.secret, async (value, { expiresAt, version }) => {
        if (value.length < LEAST_SCRUBBED)
          throw new SallyportError('SP_VAULT_INVALID', `${name} is too short to be looked for in answers.`)
        const { lease, signal } = this.#leases.use(name, holder, instance, expiresAt)
        const changed = inject(bound.form, value.toString('utf8'), head)
        await this.#deps.record({ operation: 'use', success: true, ...told, leaseId: lease.id, version })
        return { head: changed, scrubber: new Scrubber([value]), signal }
      })
    } catch (thrown) {
      const { code } = toSallyportError(thrown)
      const operation = OPERATION[code] ?? 'use'
      if (!code.startsWith('SP_AUDIT_')) await this.#deps.record({ operation, success: false, ...told, error: code })
      throw thrown
    }
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

/** @throws SallyportError SP_VAULT_SCOPE naming what was asked and what is allowed */
function requireScope(bound: BoundCredential, use: CredentialUse, { search }: RequestHead): void {
  const verdict = judgeUse(bound, use)
  if (!verdict.ok) throw new SallyportError('SP_VAULT_SCOPE', verdict.reason)
  const foreign = foreignParameter(search, bound.form.kind === 'query' ? bound.form.name : undefined)
  if (foreign !== undefined)
    throw new SallyportError(
      'SP_VAULT_SCOPE',
      `${bound.name} goes alone: ${foreign} in the query would act as somebody else.`,
    )
}
