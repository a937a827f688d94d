import { SallyportError } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { Vault } from '../vault/vault.ts'
import type { Fetched, SecretBackend } from './backend.ts'

export const BACKENDS = ['env', 'hashicorp', 'aws'] as const
export type BackendName = (typeof BACKENDS)[number]

export interface SourcesDeps {
  /** Names without a backend are values of the own vault. */
  readonly vault: () => Promise<Pick<Vault, 'use'>>
  readonly backends: Readonly<Partial<Record<BackendName, SecretBackend>>>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
}

/** What may be known of a value while it is used. */
export interface Using {
  /** ms since 1970. */
  readonly expiresAt: number
  readonly version: string
}

/** How long a value of a backend is kept in memory, ms: an outage is over, or felt, after this. */
const KEPT = 60_000

interface Kept {
  readonly fetched: Promise<Fetched>
  readonly until: number
}

/** Finds a value by its reference, `github-token` or `hashicorp:apps/github#token`, and hands it to one function. */
export class SecretSources {
  readonly #deps: SourcesDeps
  readonly #kept = new Map<string, Kept>()

  constructor(deps: SourcesDeps) {
    this.#deps = deps
  }

  /** @throws SallyportError SP_VAULT_* */
  async use<T>(reference: string, act: (value: Buffer, using: Using) => T | Promise<T>): Promise<T> {
    const [, name, rest = ''] = /^([a-z]+):(.*)$/s.exec(reference) ?? []
    if (name === undefined) {
      const vault = await this.#deps.vault()
      return vault.use(reference, (value, { expiresAt, version }) =>
        act(value, { expiresAt, version: String(version) }),
      )
    }
    const { value, version, expiresAt } = await this.#fetched(reference, name, rest)
    if (expiresAt !== undefined && this.#deps.clock.now() >= expiresAt)
      throw new SallyportError('SP_VAULT_EXPIRED', `${reference} has ended.`)
    const copy = Buffer.from(value)
    try {
      return await act(copy, { expiresAt: expiresAt ?? Number.MAX_SAFE_INTEGER, version })
    } finally {
      copy.fill(0)
    }
  }

  /** Forgets what is kept of a reference: its next use asks the backend. */
  forget(reference: string): void {
    const kept = this.#kept.get(reference)
    this.#kept.delete(reference)
    void kept?.fetched.then(({ value }) => value.fill(0)).catch(() => undefined)
  }

  /** Everybody who asks at once waits for one answer. */
  #fetched(reference: string, name: string, rest: string): Promise<Fetched> {
    const now = this.#deps.clock.monotonic()
    const known = this.#kept.get(reference)
    if (known !== undefined && now < known.until) return known.fetched
    this.forget(reference)
    const backend = this.#deps.backends[name as BackendName]
    if (backend === undefined)
      return Promise.reject(
        new SallyportError('SP_VAULT_LOCKED', `There is no backend ${name} under \`vault.backends\`.`),
      )
    const fetched = backend.fetch(rest)
    this.#kept.set(reference, { fetched, until: now + KEPT })
    fetched.catch(() => this.#kept.delete(reference))
    return fetched
  }
}
