import type { CredentialUse, RequestHead, Scrubber } from '@sallyport/core'

/** A request that would like to have a credential in it. */
export interface CredentialRequest {
  readonly name: string
  /** The very connection behind it, as the gateway knows it; the name of its holder is in `use`. */
  readonly instance: string
  readonly use: CredentialUse
  readonly head: RequestHead
}

/** A request that may go out once. */
export interface Borrowed {
  readonly head: RequestHead
  /** Takes the value out of the answer. */
  readonly scrubber: Scrubber
  /** Aborts when the right to it ends; it is one and the same for all requests under one lease. */
  readonly signal: AbortSignal
}

/** Where a credential meets a request: known to the way out, kept by custody. */
export interface CredentialPort {
  /** Where requests with this credential go in base-URL mode; undefined for one that there is not. */
  base(name: string): URL | undefined
  /** Hosts for which this holder has credentials: what it opens to them itself is looked into. */
  hostsOf(holder: string): readonly { readonly host: string; readonly port: number }[]
  /** Name of the credential that goes with a request; undefined when none does. */
  fitting(use: CredentialUse): string | undefined
  /** @throws SallyportError SP_VAULT_*, SP_AUDIT_*: then nothing may go out */
  borrow(request: CredentialRequest): Promise<Borrowed>
}
