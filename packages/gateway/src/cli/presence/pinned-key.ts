import { createPublicKey, type KeyObject } from 'node:crypto'
import { lstatSync, readFileSync, type Stats } from 'node:fs'
import { dirname, join, parse } from 'node:path'
import { SallyportError } from '@sallyport/core'

/** The gateway's public identity: root's copy where the gateway is a service of its own, else the one `init` made. */
const SERVICE_KEY = '/etc/sallyport/gateway.pub'
const STICKY = 0o1000

/**
 * Reads the pinned key of the gateway (T-015). Every component of the path must be owned by root or by this user, not
 * writable by anybody else, and no link: otherwise whoever can swap it could collect the PIN.
 * @throws SallyportError SP_AUTHN_SERVER that names the component.
 */
export function pinnedKey(stateDir: string): KeyObject {
  const path = exists(SERVICE_KEY) ? SERVICE_KEY : join(stateDir, 'keys', 'identity.pub')
  const why = whyPathIsUnsafe(path)
  if (why !== undefined) throw new SallyportError('SP_AUTHN_SERVER', why)
  try {
    return createPublicKey(readFileSync(path))
  } catch (cause) {
    throw new SallyportError('SP_AUTHN_SERVER', `${path} is not a public key.`, { cause })
  }
}

/** Why somebody else could put another file at `path`; undefined when nobody can. */
export function whyPathIsUnsafe(path: string): string | undefined {
  const me = process.getuid?.() ?? -1
  for (let at = path, last = ''; at !== last; last = at, at = dirname(at)) {
    const found = stat(at)
    if (found === undefined) return `${at} does not exist; has this gateway been set up?`
    if (found.isSymbolicLink()) return `${at} is a link.`
    if (me < 0) continue
    if (found.uid !== 0 && found.uid !== me) return `${at} belongs to somebody else.`
    const shared = (found.mode & 0o022) !== 0
    const guarded = found.isDirectory() && found.uid === 0 && (found.mode & STICKY) !== 0
    if (shared && !guarded) return `${at} can be written by others: chmod go-w it.`
    if (at === parse(at).root) break
  }
  return undefined
}

const exists = (path: string): boolean => stat(path) !== undefined
function stat(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}
