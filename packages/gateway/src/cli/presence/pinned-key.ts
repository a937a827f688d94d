import { createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { whyPathIsUnsafe } from '../../config/unsafe-path.ts'

/** The gateway's public identity: root's copy where the gateway is a service of its own, else the one `init` made. */
const SERVICE_KEY = '/etc/sallyport/gateway.pub'

/**
 * Reads the pinned key of the gateway (T-015). Every component of the path must be owned by root or by this user, not
 * writable by anybody else, and no link: otherwise whoever can swap it could collect the PIN.
 * @throws SallyportError SP_AUTHN_SERVER that names the component.
 */
export function pinnedKey(stateDir: string): KeyObject {
  const path = existsSync(SERVICE_KEY) ? SERVICE_KEY : join(stateDir, 'keys', 'identity.pub')
  const why = whyPathIsUnsafe(path)
  if (why !== undefined) throw new SallyportError('SP_AUTHN_SERVER', why)
  try {
    return createPublicKey(readFileSync(path))
  } catch (cause) {
    throw new SallyportError('SP_AUTHN_SERVER', `${path} is not a public key.`, { cause })
  }
}
