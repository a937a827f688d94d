import type { PackKey } from './pack.ts'

/**
 * Keys that every installation believes packs with. A new one comes with a release of the product; operators add their own under
 * `rules.keys`. This is the key of development builds; the private half is kept outside the repository.
 */
export const RELEASE_KEYS: readonly PackKey[] = Object.freeze([
  { id: '995c889f91732898', publicKey: 'nneDTEpxyRC2EHpRLit0cmShjDYSW3gqx/5RwXOdaOA=' },
])
