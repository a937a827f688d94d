import { SallyportError, toSallyportError } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { Vault } from '../vault/vault.ts'
import type { Fetched, SecretBackend } from './backend.ts'

type BackendName = 'env' | 'hashicorp' | 'aws' | 'oauth' | 'supabase'

/** A value of a backend was replaced before it ended, or could not be (AC-4.3.3). Times in ms since 1970. */
export interface Replaced {
  readonly reference: string
  readonly success: boolean
  /** How often it failed in a row. */
  readonly failures: number
  readonly error?: string
}

export interface SourcesDeps {
  /** Names without a backend are values of the own vault. */
  readonly vault: () => Promise<Pick<Vault, 'use'>>
  readonly backends: Readonly<Partial<Record<BackendName, SecretBackend>>>
  readonly clock: Pick<Clock, 'now'>
  readonly replaced?: (event: Replaced) => void
}

/** What may be known of a value while it is used. */
export interface Using {
  /** ms since 1970. */
  readonly expiresAt: number
  readonly version: string
}

/** How long a value that does not say when it ends is kept in memory, ms: an outage is over, or felt, after this. */
const KEPT = 60_000
/** After a failure the old value is used so long before the next try, ms. */
const PAUSE = 5_000

interface Kept {
  readonly fetched: Fetched
  /** ms since 1970. */
  readonly refreshAt: number
  readonly failures: number
}

/** Finds a value by its reference, `github-token` or `hashicorp:apps/github#token`, and hands it to one function. */
export class SecretSources {
  readonly #deps: SourcesDeps
  readonly #kept = new Map<string, Kept>()
  readonly #asking = new Map<string, Promise<Fetched>>()

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
    const { value, version, expiresAt } = await this.#current(reference, name, rest)
    const copy = Buffer.from(value)
    try {
      return await act(copy, { expiresAt: expiresAt ?? Number.MAX_SAFE_INTEGER, version })
    } finally {
      copy.fill(0)
    }
  }

  /** Replaces a value where it lies. @returns false when its backend cannot do that @throws SallyportError SP_VAULT_* */
  async keep(reference: string, value: Uint8Array): Promise<boolean> {
    const [, name, rest = ''] = /^([a-z]+):(.*)$/s.exec(reference) ?? []
    const backend = this.#deps.backends[name as BackendName]
    if (backend?.keep === undefined) return false
    await backend.keep(rest, value)
    this.forget(reference)
    return true
  }

  /** Forgets what is kept of a reference: its next use asks for it. */
  forget(reference: string): void {
    this.#kept.get(reference)?.fetched.value.fill(0)
    this.#kept.delete(reference)
  }

  /** A value that is good: the one at hand, or the next one, for which everybody who asks at once waits together. */
  async #current(reference: string, name: string, rest: string): Promise<Fetched> {
    const known = this.#kept.get(reference)
    const now = this.#deps.clock.now()
    if (known !== undefined && now < known.refreshAt) return known.fetched
    try {
      return await (this.#asking.get(reference) ?? this.#ask(reference, name, rest))
    } catch (thrown) {
      // what has not ended is used on while its backend fails, not when it says no; what does not say when it ends is not (AC-4.3.4)
      const isOutage = toSallyportError(thrown).code === 'SP_VAULT_UNAVAILABLE'
      if (!isOutage || known?.fetched.expiresAt === undefined || now >= known.fetched.expiresAt) throw thrown
      return known.fetched
    }
  }

  #ask(reference: string, name: string, rest: string): Promise<Fetched> {
    const asking = this.#fetch(reference, name, rest).finally(() => this.#asking.delete(reference))
    this.#asking.set(reference, asking)
    return asking
  }

  async #fetch(reference: string, name: string, rest: string): Promise<Fetched> {
    const before = this.#kept.get(reference)
    try {
      const backend = this.#deps.backends[name as BackendName]
      if (backend === undefined)
        throw new SallyportError('SP_VAULT_LOCKED', `There is no backend ${name} under \`vault.backends\`.`)
      const fetched = await backend.fetch(rest)
      const now = this.#deps.clock.now()
      if (fetched.expiresAt !== undefined && now >= fetched.expiresAt)
        throw new SallyportError('SP_VAULT_EXPIRED', `${reference} has ended.`)
      const refreshAt = fetched.refreshAt ?? Math.min(now + KEPT, fetched.expiresAt ?? Number.MAX_SAFE_INTEGER)
      this.#kept.set(reference, { fetched, refreshAt, failures: 0 })
      if (before !== undefined && fetched.refreshAt !== undefined)
        this.#deps.replaced?.({ reference, success: true, failures: 0 })
      before?.fetched.value.fill(0)
      return fetched
    } catch (thrown) {
      if (before !== undefined) {
        const failures = before.failures + 1
        this.#kept.set(reference, { ...before, failures, refreshAt: this.#deps.clock.now() + PAUSE })
        this.#deps.replaced?.({ reference, success: false, failures, error: toSallyportError(thrown).code })
        if (before.fetched.expiresAt === undefined) this.#kept.delete(reference)
      }
      throw thrown
    }
  }
}
