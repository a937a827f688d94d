import type { DocumentRow } from './backend.ts'
import type { Document } from './ports.ts'

interface Known {
  readonly row: DocumentRow
  readonly document: Document
}

/** Rows whose MAC was verified, each document's as it was read last, with what they hold. The least recently read make room. */
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
  const drop = (key: string, { row }: Known): void => {
    known.delete(key)
    size -= row.body.length
  }
  return {
    find(row) {
      const key = keyOf(row)
      const found = known.get(key)
      if (found === undefined || !isSame(found.row, row)) return undefined
      known.delete(key)
      known.set(key, found)
      return found.document
    },
    add(row, document) {
      const key = keyOf(row)
      const old = known.get(key)
      if (old !== undefined) drop(key, old)
      if (row.body.length > most) return
      known.set(key, { row, document: deepFreeze(document) })
      size += row.body.length
      for (const [oldest, each] of known) {
        if (size <= most) break
        drop(oldest, each)
      }
    },
  }
}

const keyOf = ({ kind, id }: DocumentRow): string => `${kind}\n${id}`

const isSame = (one: DocumentRow, other: DocumentRow): boolean =>
  one.mac === other.mac &&
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
