import type { JsonObject } from '@sallyport/core'
import type { Document } from '../../store/ports.ts'

/** How somebody proved who they are. */
export type SignInMethod = 'passkey' | 'password' | 'company' | 'setup' | 'device'

export type LoginEnd = 'idle' | 'absolute' | 'sign-out' | 'revoked' | 'removed' | 'replaced' | 'tampered'

/** Where a request comes from, as the gateway sees it. */
export interface From {
  readonly address: string
  /** What the browser says it is: shown, decides nothing. */
  readonly browser: string
}

/** A session of a person in the console. Times in ms since 1970. */
export interface Login {
  readonly id: string
  readonly operator: string
  readonly method: SignInMethod
  /** Passkey it was opened with, where there is one. */
  readonly credential: string
  readonly createdAt: number
  readonly lastActivityAt: number
  /** Addresses it was used from, oldest first. */
  readonly addresses: readonly string[]
  readonly browser: string
}

export interface StoredLogin extends Login {
  /** SHA-256 of the cookie, hex. The cookie itself is nowhere. */
  readonly token: string
}

export const loginBody = ({ id: _id, ...body }: StoredLogin): JsonObject => body as unknown as JsonObject

/** The login of a document while it runs; undefined where it is not whole or has ended. */
export function loginOf({ id, state, body }: Document): StoredLogin | undefined {
  const { operator, method, credential, createdAt, lastActivityAt, addresses, browser, token } = body
  const texts = [operator, method, credential, browser, token]
  if (state !== 'active' || texts.some((text) => typeof text !== 'string')) return undefined
  if (!Number.isFinite(createdAt) || !Number.isFinite(lastActivityAt) || !Array.isArray(addresses)) return undefined
  return { ...(body as unknown as StoredLogin), id }
}
