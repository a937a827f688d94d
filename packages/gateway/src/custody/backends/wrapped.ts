import { SallyportError, type Json } from '@sallyport/core'

/** @throws SallyportError SP_VAULT_UNAVAILABLE for an answer without them; it is not quoted */
export function bytesOf(base64: Json | undefined, what: string): Buffer {
  const bytes = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : Buffer.alloc(0)
  if (bytes.length === 0) throw new SallyportError('SP_VAULT_UNAVAILABLE', `${what}: its answer is none.`)
  return bytes
}
