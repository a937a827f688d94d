import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TRUST_VARIABLES, TRUSTED_AT, trustedWith } from '../egress/trust.ts'
import type { Mount } from './sandbox.ts'

/** What makes programs of one sandbox trust the authority of its way out. */
export interface ShownTrust {
  readonly mounts: readonly Mount[]
  readonly env: Readonly<Record<string, string>>
  readonly remove: () => void
}

/**
 * Writes the authorities of this machine and one more where only this account gets to, to be shown in one sandbox.
 * @param certificate PEM; undefined: nothing is shown
 * @param directory made for it; `remove` takes it away
 */
export function showTrusted(certificate: string | undefined, directory: string): ShownTrust {
  if (certificate === undefined) return { mounts: [], env: {}, remove: () => undefined }
  const source = join(directory, 'authorities.pem')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(source, trustedWith(certificate), { mode: 0o444 })
  return {
    mounts: [{ path: TRUSTED_AT, source, writable: false }],
    env: TRUST_VARIABLES,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
