import type { ErrorCode } from '@sallyport/core'

/** A value as a backend gave it. The caller overwrites it. */
export interface Fetched {
  readonly value: Buffer
  /** What the backend calls this version of it. */
  readonly version: string
  /** When it ends, ms since 1970; undefined where the backend does not say. */
  readonly expiresAt: number | undefined
  /** When the next one should be asked for, while this one is still good, ms since 1970; absent: nobody knows. */
  readonly refreshAt?: number
}

/**
 * Where values come from besides the vault of the gateway (HB-84). Every implementation passes one contract: it throws SallyportError
 * SP_VAULT_UNKNOWN for a name that is not there, SP_VAULT_DENIED when it may not be read, SP_VAULT_UNAVAILABLE for everything that may pass;
 * and no error of it holds a value.
 */
export interface SecretBackend {
  /** @param reference what stands behind the name of the backend: `env:GITHUB_TOKEN` is `GITHUB_TOKEN` of `env` */
  fetch(reference: string): Promise<Fetched>
  /** Replaces a value, or makes it, where the backend can do that; throws as `fetch`. */
  keep?(reference: string, value: Uint8Array): Promise<void>
}

/** What an answer over HTTP means, by its status; undefined: it is one. */
export function refusalOf(status: number): ErrorCode | undefined {
  if (status >= 200 && status < 300) return undefined
  if (status === 404) return 'SP_VAULT_UNKNOWN'
  if (status === 400 || status === 401 || status === 403) return 'SP_VAULT_DENIED'
  return 'SP_VAULT_UNAVAILABLE'
}

/** `path#field`: one member of a value that has several. */
export function splitReference(reference: string): { readonly path: string; readonly field: string | undefined } {
  const at = reference.indexOf('#')
  return at < 0
    ? { path: reference, field: undefined }
    : { path: reference.slice(0, at), field: reference.slice(at + 1) }
}
