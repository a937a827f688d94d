import { chainHash, GENESIS } from './chain.ts'
import type { FindingKind } from './finding.ts'
import type { StoredRecord } from './record.ts'

/** How far away from its place a record is looked for. */
export const WINDOW = 2048

export interface Break {
  readonly kind: Extract<FindingKind, 'edited' | 'deleted' | 'inserted' | 'reordered'>
  /** First wrong record. */
  readonly seq: number
  readonly message: string
}

export interface Place {
  readonly stream: string
  /** Number and predecessor that the record at this place must have. */
  readonly seq: number
  readonly prev: string
}

/** True when the record continues the chain at this place. */
export const continues = (record: StoredRecord, place: Place): boolean =>
  record.seq === place.seq &&
  record.prev === place.prev &&
  chainHash(place.stream, record.seq, record.prev, record.body) === record.hash

/**
 * Says what was done to a chain, from the first record that does not continue it and the ones after. Every record's own
 * hash names the place it was written for, which tells a moved record from a changed one.
 */
export function diagnose(place: Place, record: StoredRecord, following: readonly StoredRecord[]): Break {
  const fits = (candidate: StoredRecord | undefined, seq: number): boolean =>
    candidate !== undefined && chainHash(place.stream, seq, candidate.prev, candidate.body) === candidate.hash
  const { seq } = place
  const edited = (at: number): Break => ({
    kind: 'edited',
    seq: at,
    message: `Record ${at} is not the one that was written.`,
  })
  const inserted = (at: number, count: number): Break => ({
    ...{ kind: 'inserted', seq: at },
    message: `${count} record${count === 1 ? ' was' : 's were'} put in at ${at}.`,
  })
  const reordered: Break = { kind: 'reordered', seq, message: `The record at ${seq} belongs elsewhere.` }

  if (record.seq > seq) {
    if (following.some((other) => other.seq === seq)) return reordered
    if (!fits(record, record.seq)) return edited(seq)
    return { kind: 'deleted', seq, message: `Records ${seq} to ${record.seq - 1} are gone.` }
  }
  if (record.seq < seq) return inserted(record.seq, 1)
  if (fits(record, seq)) return isGenuine(record, following[0]) && seq > 1 ? edited(seq - 1) : edited(seq)
  const written = homeOf(record, seq, fits)
  if (written === undefined) {
    const pushedOn = following[0] !== undefined && following[0].prev === place.prev && fits(following[0], seq)
    return pushedOn ? inserted(seq, 1) : edited(seq)
  }
  if (written < seq) return inserted(written, seq - written)
  if (following.some((other) => other.prev === place.prev && fits(other, seq))) return reordered
  return { kind: 'deleted', seq, message: `Records ${seq} to ${written - 1} are gone and the rest was renumbered.` }
}

/** The record after it vouches for it; at the end of a log its own hash has to do. */
const isGenuine = (record: StoredRecord, next: StoredRecord | undefined): boolean =>
  record.prev !== GENESIS && (next === undefined || next.prev === record.hash)

/** The number under which the record was written, when it is near. */
function homeOf(
  record: StoredRecord,
  seq: number,
  fits: (r: StoredRecord, seq: number) => boolean,
): number | undefined {
  for (let distance = 1; distance <= WINDOW; distance++) {
    if (seq > distance && fits(record, seq - distance)) return seq - distance
    if (fits(record, seq + distance)) return seq + distance
  }
  return undefined
}
