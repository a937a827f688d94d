import type { TrustMaterial } from '@sigstore/verify'
import type { Registries } from '../../config/registries-schema.ts'

export interface RegistryAnswer {
  readonly status: number
  /** By its lower-case name. */
  header(name: string): string | undefined
  readonly body: AsyncIterable<Uint8Array>
  /** Lets go of a body that nobody reads. */
  discard(): void
}

interface RegistryRequest {
  readonly headers: Readonly<Record<string, string>>
  /** `host` or `host:port` that the request may go to. Where these lead is judged by the port, address by address. */
  readonly hosts: readonly string[]
  readonly signal: AbortSignal
}

/**
 * One GET through the checked way out of the gateway. It follows no redirect and decodes nothing.
 * @throws SallyportError SP_EGRESS_* for a place that may not be reached, or cannot
 */
export type RegistryFetch = (url: string, request: RegistryRequest) => Promise<RegistryAnswer>

export interface RegistryDeps {
  readonly fetch: RegistryFetch
  readonly config: Registries
  /** Authorities and logs of `sigstore.trustedRoot`, where there is one. */
  readonly trust?: TrustMaterial | undefined
  /** ms since 1970. */
  readonly now: () => number
}
