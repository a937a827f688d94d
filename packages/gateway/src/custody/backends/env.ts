import { SallyportError } from '@sallyport/core'
import type { SecretBackend } from './backend.ts'

/** Values in the environment of the gateway (HB-84, pattern 1). They never reach a child: those start with a clean one (HB-85). */
export const envBackend = (env: Readonly<Record<string, string | undefined>>): SecretBackend => ({
  fetch(name) {
    const text = env[name]
    return text === undefined || text === ''
      ? Promise.reject(new SallyportError('SP_VAULT_UNKNOWN', `$${name} is not set.`))
      : Promise.resolve({ value: Buffer.from(text), version: 'environment', expiresAt: undefined })
  },
})
