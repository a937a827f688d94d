import { GENESIS } from './chain.ts'
import { toHex, verifyCheckpoint, type Head } from './checkpoint.ts'
import { continues, diagnose, WINDOW } from './diagnose.ts'
import type { LogFinding } from './finding.ts'
import type { StoredRecord } from './record.ts'
import { Frontier, recordLeaf, type Hash } from './tree.ts'

/** A head that somebody other than the store kept. */
export interface ExternalHead {
  readonly note: string
  /** Where it was found, for the report. */
  readonly place: string
}

export interface VerifyInput {
  readonly stream: string
  /** Ascending by sequence number, as the store returns them. */
  readonly records: Iterable<StoredRecord> | AsyncIterable<StoredRecord>
  /** Leaf hashes of the records that were pruned, from the first one on. */
  readonly pruned?: Iterable<Hash>
  /** Notes of the store's own checkpoints, any order. */
  readonly checkpoints: readonly string[]
  readonly heads?: readonly ExternalHead[]
  /** Raw Ed25519 key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Origin that every head must have. */
  readonly origin: string
  /** Leaf hashes that the store kept apart from the records (tiles): they name the record when a whole stretch was rewritten. */
  readonly knownLeaf?: (seq: number) => Hash | undefined
  /** A log with more records than this after its last checkpoint has lost checkpoints. Default 8192. */
  readonly maxUnsigned?: number
  /** Called with every record that is in its place. */
  readonly onRecord?: (record: StoredRecord) => void
}

export interface VerifyReport {
  readonly stream: string
  readonly ok: boolean
  /** Records that continue the chain, pruned ones included. */
  readonly size: number
  /** Pruned records; the first one kept is this plus one. */
  readonly pruned: number
  /** Newest genuine head that the records carry. */
  readonly covered: Head | undefined
  /** True when an external head confirms `covered` or a later state. */
  readonly confirmed: boolean
  readonly findings: readonly LogFinding[]
  /** What has been shown, and what has not: one sentence. */
  readonly statement: string
}

interface Anchor extends Head {
  /** Empty for the store's own. */
  readonly place: string
}

/**
 * Verifies one stream (T-162, T-164): chain, tree and every head, and names the first record that is wrong. It stops at
 * the first break of the chain, since nothing after it is in its place. Reads each record once.
 */
export async function verifyStream(input: VerifyInput): Promise<VerifyReport> {
  const { anchors, findings } = readAnchors(input)
  const tree = new Frontier()
  const passed: Anchor[] = []
  let next = 0
  let lastGood = 0

  /** Compares all heads of the present size. False at the first one that differs. */
  const meetAnchors = (): boolean => {
    for (let anchor = anchors[next]; anchor && anchor.size === tree.size; anchor = anchors[++next]) {
      if (toHex(tree.root()) === anchor.root) {
        passed.push(anchor)
        lastGood = anchor.size
        continue
      }
      findings.push(mismatch(input, anchor, lastGood))
      return false
    }
    return true
  }

  let intact = true
  for (const leaf of input.pruned ?? []) {
    tree.append(leaf)
    intact = meetAnchors() && intact
    if (!intact) break
  }
  const pruned = tree.size
  if (intact) intact = await walk(input, tree, findings, meetAnchors)
  if (intact) for (const gap of missing(input, anchors.slice(next), tree.size, passed)) findings.push(gap)

  const covered = passed.at(-1)
  const confirmed =
    covered !== undefined && passed.some((anchor) => anchor.place !== '' && anchor.size === covered.size)
  const { stream } = input
  const report = { stream, ok: findings.length === 0, size: tree.size, pruned, covered, confirmed, findings }
  return { ...report, statement: state(report) }
}

/** Follows the chain. False when it broke. */
async function walk(
  input: VerifyInput,
  tree: Frontier,
  findings: LogFinding[],
  meetAnchors: () => boolean,
): Promise<boolean> {
  const { stream, records } = input
  const pull = Symbol.asyncIterator in records ? records[Symbol.asyncIterator]() : records[Symbol.iterator]()
  let prev: string | undefined = tree.size === 0 ? GENESIS : undefined
  for (;;) {
    const { value: record, done } = await pull.next()
    if (done === true || record === undefined) return true
    // After pruned records the chain goes on from a hash that only the tree still knows; the heads vouch for it.
    const place = { stream, seq: tree.size + 1, prev: prev ?? record.prev }
    if (record.stream !== stream || !continues(record, place)) {
      const following = await lookAhead(pull)
      findings.push({ stream, ...diagnose(place, record, following) })
      await pull.return?.()
      return false
    }
    const leaf = recordLeaf(record.hash)
    const known = input.knownLeaf?.(record.seq)
    if (known && Buffer.compare(known, leaf) !== 0) {
      const message = `Record ${record.seq} is not the one whose hash was kept: the chain was computed anew from here.`
      findings.push({ kind: 'replaced', stream, seq: record.seq, message })
      await pull.return?.()
      return false
    }
    tree.append(leaf)
    prev = record.hash
    input.onRecord?.(record)
    if (!meetAnchors()) {
      // When the chain breaks right here as well, that says more than the head does.
      const [after, ...following] = await lookAhead(pull)
      const there = { stream, seq: tree.size + 1, prev: record.hash }
      if (after && !continues(after, there)) findings.unshift({ stream, ...diagnose(there, after, following) })
      await pull.return?.()
      return false
    }
  }
}

async function lookAhead(pull: Iterator<StoredRecord> | AsyncIterator<StoredRecord>): Promise<readonly StoredRecord[]> {
  const following: StoredRecord[] = []
  while (following.length < WINDOW) {
    const { value, done } = await pull.next()
    if (done === true || value === undefined) break
    following.push(value as StoredRecord)
  }
  return following
}

function readAnchors({ stream, checkpoints, heads = [], publicKey, origin }: VerifyInput): {
  readonly anchors: readonly Anchor[]
  readonly findings: LogFinding[]
} {
  const anchors: Anchor[] = []
  const findings: LogFinding[] = []
  const notes = [...checkpoints.map((note) => ({ note, place: '' })), ...heads]
  for (const { note, place } of notes) {
    const checked = verifyCheckpoint(note, publicKey, origin)
    if (checked.ok) anchors.push({ ...checked.head, place })
    else {
      const where = place === '' ? 'A checkpoint of the store' : `The head from ${place}`
      findings.push({ kind: 'checkpoint', stream, seq: 0, message: `${where} is not genuine (${checked.fault}).` })
    }
  }
  // Own heads first: where both differ from the records, the finding is about the records.
  anchors.sort((a, b) => a.size - b.size || a.place.localeCompare(b.place))
  return { anchors, findings }
}

function mismatch({ stream }: VerifyInput, anchor: Anchor, lastGood: number): LogFinding {
  const from = lastGood + 1
  if (anchor.place !== '') {
    const message = `Another log of ${anchor.size} records was published (${anchor.place}); they differ after record ${lastGood}.`
    return { kind: 'forked', stream, seq: from, message }
  }
  const range = from === anchor.size ? `Record ${from} is` : `Records ${from} to ${anchor.size} are`
  const message = `${range} not what was signed at ${iso(anchor.ts)}: the chain was computed anew.`
  return { kind: 'replaced', stream, seq: from, message }
}

/** Heads that the records do not reach, and a tail that should have had one. */
function missing(input: VerifyInput, beyond: readonly Anchor[], size: number, passed: readonly Anchor[]): LogFinding[] {
  const { stream, maxUnsigned = 8192 } = input
  const furthest = beyond.at(-1)
  if (furthest) {
    const by = furthest.place === '' ? '' : ` (${furthest.place})`
    const gone = furthest.size - size
    const message = `The log ends at record ${size}; ${furthest.size} were signed at ${iso(furthest.ts)}${by}: ${gone} are gone.`
    return [{ kind: 'truncated', stream, seq: size + 1, message }]
  }
  const signed = passed.at(-1)?.size ?? 0
  if (size - signed <= maxUnsigned) return []
  return [
    { kind: 'checkpoint', stream, seq: signed + 1, message: `No checkpoint covers records ${signed + 1} to ${size}.` },
  ]
}

function state(report: Omit<VerifyReport, 'statement'>): string {
  const { covered, size, confirmed, findings } = report
  const first = findings.find((finding) => finding.seq > 0) ?? findings[0]
  if (first) return `Not intact. ${first.message}`
  if (!covered) return `${size} records form one chain; no checkpoint vouches for any of them.`
  const tail = size > covered.size ? ` The ${size - covered.size} after it are chained but not yet signed.` : ''
  const upTo = `record ${covered.size}, signed at ${iso(covered.ts)}`
  if (confirmed) return `Complete up to ${upTo}, confirmed by a head from outside the store.${tail}`
  return `Complete only up to ${upTo}: nothing outside the store shows whether later records were cut off.${tail}`
}

const iso = (ms: number): string => new Date(ms).toISOString()
