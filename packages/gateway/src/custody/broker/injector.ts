import { inject, type Injectable, type Injected, type InjectionForm } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import type { SecretSources, Using } from '../backends/sources.ts'

/** What is to be put into which request. */
export interface InjectionOrder {
  /** Reference to the value, as the credential has it. */
  readonly secret: string
  readonly form: InjectionForm
  readonly host: string
  readonly request: Injectable
}

/**
 * Puts a credential into a request that may have it (HB-92). Every implementation passes one contract (`test/vault/injectors.test.ts`):
 * what the client says of itself is gone, the value stands where the form says and nothing else changes, all that must not come back is
 * named, and no error holds it.
 */
export interface Injector {
  /** @throws SallyportError SP_VAULT_* */
  use<T>(order: InjectionOrder, act: (injected: Injected, using: Using) => Promise<T>): Promise<T>
}

/** The one that has values at hand. */
export const ownInjector = (sources: Pick<SecretSources, 'use'>, clock: Pick<Clock, 'now'>): Injector => ({
  use: async ({ secret, form, request }, act) =>
    sources.use(secret, async (value, using) => act(inject(form, value.toString('utf8'), request, clock.now()), using)),
})
