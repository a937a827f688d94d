import type { CredentialUse, RequestHead, Scrubber } from '@sallyport/core'

/** A request that would like to have a credential in it. */
export interface CredentialRequest {
  readonly name: string
  /** The very connection behind it, as the gateway knows it; the name of its holder is in `use`. */
  readonly instance: string
  /** Where it runs, in words that stay the same: a workspace, a server. */
  readonly source: string
  readonly use: CredentialUse
  /** With the `host` that it goes to. */
  readonly head: RequestHead
  /**
   * Reads the whole body, once it is known that the request may have the credential.
   * @param most bytes
   * @throws SallyportError SP_VAULT_BODY for one that is longer, or that does not come
   */
  readonly body: (most: number) => Promise<Uint8Array>
}

/** A request that may go out once. */
export interface Borrowed {
  readonly head: RequestHead
  /** Instead of what the client sends; absent: that goes on as it comes. */
  readonly body?: Uint8Array
  /** Takes the value out of the answer. */
  readonly scrubber: Scrubber
  /** Aborts when the right to it ends; it is one and the same for all requests under one lease. */
  readonly signal: AbortSignal
  /** The answer is through. */
  readonly done: () => void
}

/** Of which credential and holder the leases end. */
export type WhichLease = (lease: { readonly credential: string; readonly holder: string }) => boolean

/** Where a credential meets a request: known to the way out, kept by custody. */
export interface CredentialPort {
  /** Where requests with this credential go in base-URL mode; undefined for one that there is not. */
  base(name: string): URL | undefined
  /** Hosts for which this holder has credentials: what it opens to them itself is looked into. */
  hostsOf(holder: string): readonly { readonly name: string; readonly host: string; readonly port: number }[]
  /** Name of the credential that goes with a request; undefined when none does. */
  fitting(use: CredentialUse): string | undefined
  /** Told of what is lent no more, so that what is open for it can be closed. @returns stops calling back */
  onRevoked(listener: (which: WhichLease) => void): () => void
  /** @throws SallyportError SP_VAULT_*, SP_AUDIT_*: then nothing may go out */
  borrow(request: CredentialRequest): Promise<Borrowed>
}
