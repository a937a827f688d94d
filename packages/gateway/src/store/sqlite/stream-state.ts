import { toHex, type Head } from '@sallyport/core/audit/checkpoint'
import { rangeRoot, type TileReader } from '@sallyport/core/audit/proof'
import { recordLeaf, TILE_WIDTH, type Hash } from '@sallyport/core/audit/tree'
import { SallyportError } from '@sallyport/core/errors/error'
import { decodeTile, type LogStream, type StreamState } from '../log-stream.ts'
import type { Checkpoint } from '../ports.ts'
import { STATEMENTS } from '../sql.ts'
import type { Sqlite } from './database.ts'

/** Reads what a `LogStream` needs to go on from. */
export function loadState(db: Sqlite, stream: string, boot: number): StreamState {
  const checkpoint = db.prepare(STATEMENTS.checkpoints).get(stream, 1) as Checkpoint | undefined
  const size = checkpoint?.size ?? 0
  const first = size - (size % TILE_WIDTH)
  const top = (db.prepare(STATEMENTS.levels).get(stream) as { level: number | null }).level ?? 0
  const openTiles = []
  for (let level = 1; level <= top; level++) {
    const index = Math.floor(size / TILE_WIDTH ** (level + 1))
    const row = db.prepare(STATEMENTS.tile).get(stream, level, index) as { hashes: string } | undefined
    openTiles.push({ level, index, hashes: decodeTile(row?.hashes ?? '') })
  }
  const tail = db.prepare(STATEMENTS.tail).all(stream, first, -1) as StreamState['tail']
  return { boot, checkpoint, openTiles, tail }
}

/** Tiles from the store; the open tile of level 0 comes from the records, upper ones from the level below. */
function sqliteTiles(db: Sqlite, stream: string, size: number): TileReader {
  const select = db.prepare(STATEMENTS.tile)
  const leaves = db.prepare('SELECT hash FROM audit_event WHERE stream = ? AND seq > ? AND seq <= ? ORDER BY seq')
  const cache = new Map<string, readonly Hash[]>()
  const read: TileReader = (level, index) => {
    const key = `${level}/${index}`
    const known = cache.get(key)
    if (known) return known
    const stored = (select.get(stream, level, index) as { hashes: string } | undefined)?.hashes
    let hashes: readonly Hash[] = stored === undefined ? [] : decodeTile(stored)
    if (level === 0 && hashes.length < TILE_WIDTH) {
      const from = index * TILE_WIDTH
      const rows = leaves.all(stream, from, Math.min(from + TILE_WIDTH, size)) as { hash: string }[]
      hashes = rows.map((row) => recordLeaf(row.hash))
    }
    cache.set(key, hashes)
    return hashes
  }
  return read
}

/**
 * A head that was published earlier must be a prefix of what we have (T-163).
 * @throws SallyportError SP_AUDIT_FORK: nothing more is signed.
 */
export function assertNotForked(db: Sqlite, stream: LogStream, head: Head, place: string): void {
  const fork = (what: string): never => {
    throw new SallyportError('SP_AUDIT_FORK', `${what} (${place})`, { details: { size: head.size, place } })
  }
  if (head.size > stream.size) fork(`The log has ${stream.size} records, ${head.size} were published.`)
  const root = rangeRoot(0, head.size, sqliteTiles(db, stream.name, stream.size))
  if (toHex(root) !== head.root) fork(`Another log of ${head.size} records was published.`)
}
