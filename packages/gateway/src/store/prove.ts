import {
  inclusionProof,
  rangeRoot,
  recordLeaf,
  SallyportError,
  TILE_WIDTH,
  toHex,
  type Hash,
  type StoredRecord,
  type TileReader,
} from '@sallyport/core'
import type { Checkpoint, LogQuery } from './ports.ts'

/** What proofs are computed from. */
export interface TileSource {
  /** Hashes of a stored tile, full or open; `[]` where there is none. */
  tile(stream: string, level: number, index: number): Promise<readonly Hash[]>
  readLog(query: LogQuery): Promise<readonly StoredRecord[]>
  checkpoints(stream: string, limit: number): Promise<readonly Checkpoint[]>
  checkpoint(): Promise<Checkpoint | undefined>
}

/** Self-contained evidence that one record is in the log: checkable with the public key alone (`docs/reference/audit-format.md`). */
export interface RecordProof {
  readonly record: StoredRecord
  /** Position of the record's leaf, from 0. */
  readonly index: number
  /** Audit path, leaf side first, hex (RFC 6962 §2.1.1). */
  readonly path: readonly string[]
  /** Signed head of the tree that the path leads to. */
  readonly checkpoint: string
}

/** Runs a computation over tiles and fetches those it asks for, until it asks for no more. */
async function withTiles<T>(source: TileSource, stream: string, work: (tiles: TileReader) => T): Promise<T> {
  const known = new Map<string, readonly Hash[]>()
  for (;;) {
    const missing: (readonly [level: number, index: number])[] = []
    try {
      return work((level, index) => {
        const tile = known.get(`${level}/${index}`)
        if (tile) return tile
        missing.push([level, index])
        throw new RangeError('not fetched yet')
      })
    } catch (error) {
      const [next] = missing
      if (!next) throw error
      known.set(`${next[0]}/${next[1]}`, await fetchTile(source, stream, ...next))
    }
  }
}

async function fetchTile(source: TileSource, stream: string, level: number, index: number): Promise<readonly Hash[]> {
  const stored = await source.tile(stream, level, index)
  if (level > 0 || stored.length === TILE_WIDTH) return stored
  const records = await source.readLog({ stream, afterSeq: index * TILE_WIDTH, limit: TILE_WIDTH })
  return records.map((record) => recordLeaf(record.hash))
}

/** Root of the first `size` records, hex. */
export const rootAt = async (source: TileSource, stream: string, size: number): Promise<string> =>
  toHex(await withTiles(source, stream, (tiles) => rangeRoot(0, size, tiles)))

/** @throws SallyportError SP_AUDIT_UNKNOWN. */
export async function proveRecord(source: TileSource, stream: string, seq: number): Promise<RecordProof> {
  const [record] = await source.readLog({ stream, afterSeq: seq - 1, limit: 1 })
  if (record?.seq !== seq) throw new SallyportError('SP_AUDIT_UNKNOWN', `Stream ${stream} has no record ${seq}.`)
  await source.checkpoint()
  const checkpoint = (await source.checkpoints(stream, 1)).at(-1)
  if (!checkpoint || checkpoint.size < seq) {
    throw new SallyportError('SP_AUDIT_UNKNOWN', `No checkpoint covers record ${seq} yet.`)
  }
  const path = await withTiles(source, stream, (tiles) => inclusionProof(seq - 1, checkpoint.size, tiles))
  return { record, index: seq - 1, path: path.map(toHex), checkpoint: checkpoint.note }
}
