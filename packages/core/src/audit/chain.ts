import { hash } from 'node:crypto'

/** What the first record of a stream chains over. */
export const GENESIS = '0'.repeat(64)

/**
 * Hash of one record: SHA-256 over domain, stream, sequence number, previous hash and the canonical body, hex. A record
 * can therefore not be moved to another place or stream without changing its hash.
 */
export const chainHash = (stream: string, seq: number, prev: string, body: string): string =>
  hash('sha256', `sallyport/record/1\n${stream}\n${seq}\n${prev}\n${body}`, 'hex')
