import { RELEASE_KEYS, SallyportError, type PackKey } from '@sallyport/core'
import { packKeyId } from '@sallyport/core/detect/rules/verify-pack'

/** Keys of the product and of the operator (`rules.keys`, raw Ed25519 in base64). @throws SallyportError SP_CONFIG_INVALID */
export function packKeys(configured: readonly string[]): readonly PackKey[] {
  return [...RELEASE_KEYS, ...configured.map(keyOf)]
}

function keyOf(publicKey: string): PackKey {
  const raw = Buffer.from(publicKey, 'base64')
  if (raw.length !== 32 || raw.toString('base64') !== publicKey) {
    throw new SallyportError('SP_CONFIG_INVALID', 'rules.keys: give raw Ed25519 public keys, 32 bytes in base64.')
  }
  return { id: packKeyId(raw), publicKey }
}
