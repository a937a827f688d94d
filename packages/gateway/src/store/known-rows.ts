import type { DocumentRow } from './backend.ts'
import type { Document } from './ports.ts'

interface Known {
  readonly row: DocumentRow
  readonly document: Document
}

/** Rows whose MAC was verified, by that MAC, with what they hold. The least recently read make room. */
export interface KnownRows {
  /** The document when every column is the one that was verified (T-004). */
  find(row: DocumentRow): Document | undefined
  /** Freezes the document, which all who read the row share from now on. */
  add(row: DocumentRow, document: Document): void
}

/** @param most characters of the bodies that are kept */
export function createKnownRows(most: number): KnownRows {
  const known = new Map<string, Known>()
  let size = 0
  const drop = (mac: string, { row }: Known): void => {
    known.delete(mac)
    size -= row.body.length
  }
  return {
    find(row) {
      const found = known.get(row.mac)
      if (found === undefined || !isSame(found.row, row)) return undefined
      known.delete(row.mac)
      known.set(row.mac, found)
      return found.document
    },
    add(row, document) {
      if (row.body.length > most) return
      const old = known.get(row.mac)
      if (old !== undefined) drop(row.mac, old)
      known.set(row.mac, { row, document: deepFreeze(document) })
      size += row.body.length
      for (const [mac, each] of known) {
        if (size <= most) break
        drop(mac, each)
      }
    },
  }
}

const isSame = (one: DocumentRow, other: DocumentRow): boolean =>
  one.kind === other.kind &&
  one.id === other.id &&
  one.version === other.version &&
  one.state === other.state &&
  one.expiresAt === other.expiresAt &&
  one.updatedAt === other.updatedAt &&
  one.keep === other.keep &&
  one.body === other.body

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const each of Object.values(value)) deepFreeze(each)
  return Object.freeze(value)
}
