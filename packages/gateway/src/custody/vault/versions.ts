import { createHmac, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { canonicalJson, SallyportError } from '@sallyport/core'

/**
 * The newest version of each row, in a file beside the keys: a store that was put back to an older state, whole or in one row, is
 * found by it (T-129). What is newer in the store is taken over: another node, or a crash before the file was written.
 */
export interface VersionFile {
  /** @throws SallyportError SP_VAULT_ROLLED_BACK naming rows that are older than they were, or gone */
  check(rows: ReadonlyMap<string, number>): void
  wrote(name: string, version: number): void
}

interface Stored {
  readonly versions: Readonly<Record<string, number>>
  readonly mac: string
}

/**
 * @param mac 32 bytes of this installation
 * @throws SallyportError SP_VAULT_TAMPERED
 */
export function openVersions(path: string, mac: Uint8Array): VersionFile {
  const versions = new Map(Object.entries(existsSync(path) ? read(path, mac) : {}))
  const save = (): void => {
    const plain = Object.fromEntries(versions)
    const stored: Stored = { versions: plain, mac: macOf(plain, mac).toString('hex') }
    writeFileSync(`${path}.new`, JSON.stringify(stored), { mode: 0o600, flush: true })
    renameSync(`${path}.new`, path)
  }
  return {
    check(rows) {
      const older = [...versions].filter(([name, version]) => (rows.get(name) ?? 0) < version).map(([name]) => name)
      if (older.length > 0)
        throw new SallyportError('SP_VAULT_ROLLED_BACK', `Older than they were: ${older.join(', ')}.`)
      const newer = [...rows].filter(([name, version]) => version > (versions.get(name) ?? 0))
      for (const [name, version] of newer) versions.set(name, version)
      if (newer.length > 0) save()
    },
    wrote(name, version) {
      versions.set(name, version)
      save()
    },
  }
}

function read(path: string, mac: Uint8Array): Readonly<Record<string, number>> {
  try {
    const { versions, mac: given } = JSON.parse(readFileSync(path, 'utf8')) as Stored
    if (timingSafeEqual(macOf(versions, mac), Buffer.from(given, 'hex'))) return versions
  } catch {
    // said below
  }
  throw new SallyportError('SP_VAULT_TAMPERED', `${path} was not written by this gateway.`)
}

const macOf = (versions: Readonly<Record<string, number>>, mac: Uint8Array): Buffer =>
  createHmac('sha256', mac).update('sallyport/vault-versions/1\n').update(canonicalJson(versions)).digest()
