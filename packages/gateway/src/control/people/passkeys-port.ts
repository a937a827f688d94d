import type { Json } from '@sallyport/core'
import type { Verdict } from '../../boundary/ports.ts'

/** A passkey as people see it. Times in ms since 1970. */
export interface PasskeyView {
  readonly id: string
  readonly operator: string
  readonly name: string
  readonly aaguid: string
  readonly backedUp: boolean
  readonly class: 'platform' | 'cross' | 'device'
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly criticalFrom: number
}

/** What signing in and setting up need of passkeys. */
export interface Passkeys {
  list(operator?: string): Promise<readonly PasskeyView[]>
  beginEnrolment(operator: string): Promise<Json>
  finishEnrolment(
    operator: string,
    response: Json,
    by: { readonly kind: 'first' } | { readonly kind: 'presence'; readonly operator?: string },
    label: string,
    peer: string,
  ): Promise<Verdict<PasskeyView>>
  beginSignIn(): Promise<Json>
  finishSignIn(
    response: Json,
    peer?: string,
  ): Promise<Verdict<{ readonly operator: string; readonly credential: string }>>
  remove(id: string, by?: string): Promise<Verdict<null>>
}
