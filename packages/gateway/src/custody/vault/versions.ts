import { createHmac, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { canonicalJson, SallyportError } from '@sallyport/core'

/**
 * The newest serial number of each row, in a file beside the keys: a store that was put back to an older state, whole or in one row, is
 * found by it (T-129). It is written behind the store, so what is newer there is good: another node, or a crash in between.
 */
export interface VersionFile {
  /** 0: never heard of. */
  newest(name: string): number
  /** All that are known. */
  names(): readonly string[]
  /** Numbers only rise. */
  wrote(serials: ReadonlyMap<string, number>): void
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
    newest: (name) => versions.get(name) ?? 0,
    names: () => [...versions.keys()],
    wrote(serials) {
      const newer = [...serials].filter(([name, serial]) => serial > (versions.get(name) ?? 0))
      for (const [name, serial] of newer) versions.set(name, serial)
      if (newer.length > 0) save()
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
