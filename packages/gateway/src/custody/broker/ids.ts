import { createHash, createHmac } from 'node:crypto'
import type { JsonObject } from '@sallyport/core'

/**
 * A credential as records name it: eight digits for people, and a keyed whole for everything else (AC-4.3.3, AC-4.5.2, E-46).
 * @param tagKey of this gateway
 */
export const credentialIds = (tagKey: Uint8Array, name: string): JsonObject => ({
  credential: name,
  credentialHash: createHash('sha256').update(name).digest('hex').slice(0, 8),
  credentialId: createHmac('sha256', tagKey).update(`sallyport/credential-id/1\n${name}`).digest('hex'),
})
