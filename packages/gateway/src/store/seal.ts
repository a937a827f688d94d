import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson, isJsonObject, SallyportError, type Json } from '@sallyport/core'
import type { DocumentRow } from './backend.ts'
import { createKnownRows } from './known-rows.ts'
import type { Document, DocumentKind } from './ports.ts'

/** Puts the gateway's MAC on documents and believes nothing without it (T-004). */
export interface Seal {
  /** @throws SallyportError SP_JSON_INVALID for a body without canonical form. */
  close(document: Document): DocumentRow
  /** Undefined when a column is not what this gateway wrote. */
  open(row: DocumentRow): Document | undefined
}

const MAX_ID = 512
/** Characters of rows that stay known as verified, so that a list which is read again costs no MAC and no parsing. */
const MOST_KNOWN = 1024 * 1024
// A NUL cannot be stored by PostgreSQL and would cut the id short elsewhere.
const BAD_ID = /\u0000|\p{Surrogate}/u

export function createSeal(key: Uint8Array): Seal {
  if (key.length < 32)
    throw new SallyportError('SP_CONFIG_INVALID', 'The MAC key of the store has fewer than 32 bytes.')
  const mac = (row: Omit<DocumentRow, 'mac'>): string => {
    const columns = [row.kind, row.id, row.version, row.state, row.expiresAt, row.updatedAt, row.keep, row.body]
    return createHmac('sha256', key)
      .update(`sallyport/document/1\n${JSON.stringify(columns)}`)
      .digest('hex')
  }
  const known = createKnownRows(MOST_KNOWN)
  return {
    close(document) {
      if (document.id.length > MAX_ID || BAD_ID.test(document.id) || BAD_ID.test(document.state)) {
        throw new SallyportError(
          'SP_STORE_UNAVAILABLE',
          'A document id is too long or holds characters that no store keeps.',
        )
      }
      const { body, ...columns } = document
      const row = { ...columns, keep: body['keep'] === true ? 1 : 0, body: canonicalJson(body) }
      return { ...row, mac: mac(row) }
    },
    open(row) {
      const verified = known.find(row)
      if (verified) return verified
      const expected = Buffer.from(mac(row))
      const found = Buffer.from(typeof row.mac === 'string' ? row.mac : '')
      if (expected.length !== found.length || !timingSafeEqual(expected, found)) return undefined
      const body = JSON.parse(row.body) as Json
      if (!isJsonObject(body)) return undefined
      const { id, version, state, expiresAt, updatedAt } = row
      const document = { kind: row.kind as DocumentKind, id, version, state, expiresAt, updatedAt, body }
      known.add(row, document)
      return document
    },
  }
}
