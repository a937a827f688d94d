import type { CredentialUse, RequestHead, Scrubber } from '@sallyport/core'

/** A request that would like to have a credential in it. */
export interface CredentialRequest {
  readonly name: string
  /** Name of the agent or server behind the connection, as the gateway knows it. */
  readonly holder: string
  readonly instance: string
  readonly use: CredentialUse
  readonly head: RequestHead
}

/** A request that may go out once. */
export interface Borrowed {
  readonly head: RequestHead
  /** Takes the value out of the answer. */
  readonly scrubber: Scrubber
  /** Aborts when the right to it ends. */
  readonly signal: AbortSignal
  /** The answer is through. */
  readonly done: () => void
}

/** Where a credential meets a request: known to the way out, kept by custody. */
export interface CredentialPort {
  /** Where requests with this credential go in base-URL mode; undefined for one that there is not. */
  base(name: string): URL | undefined
  /** @throws SallyportError SP_VAULT_*, SP_AUDIT_*: then nothing may go out */
  borrow(request: CredentialRequest): Promise<Borrowed>
}
