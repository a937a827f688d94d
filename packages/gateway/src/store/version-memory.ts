/**
 * What this process knows about document versions. A row that goes back to an older version, or vanishes without having
 * been removed, was changed behind the gateway's back even if its MAC is good (T-004, T-163).
 */
export interface VersionMemory {
  seen(kind: string, id: string, version: number): void
  /** Like `seen`, but also after a row that was removed elsewhere and made again. */
  wrote(kind: string, id: string, version: number): void
  isOlder(kind: string, id: string, version: number): boolean
  /** True when the row should be there. */
  vanished(kind: string, id: string): boolean
  forget(kind: string, id: string): void
  clear(): void
}

const LIMIT = 100_000

export function createVersionMemory(): VersionMemory {
  const versions = new Map<string, number>()
  const keyOf = (kind: string, id: string): string => `${kind}\n${id}`
  const set = (key: string, version: number): void => {
    if (versions.size >= LIMIT && !versions.has(key)) {
      const [oldest] = versions.keys()
      if (oldest !== undefined) versions.delete(oldest)
    }
    versions.set(key, version)
  }
  return {
    seen(kind, id, version) {
      const key = keyOf(kind, id)
      if (version > (versions.get(key) ?? 0)) set(key, version)
    },
    wrote: (kind, id, version) => set(keyOf(kind, id), version),
    isOlder: (kind, id, version) => version < (versions.get(keyOf(kind, id)) ?? 0),
    vanished: (kind, id) => versions.has(keyOf(kind, id)),
    forget: (kind, id) => void versions.delete(keyOf(kind, id)),
    clear: () => versions.clear(),
  }
}
