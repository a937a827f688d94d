import { hash } from 'node:crypto'

/** 32 bytes of SHA-256. */
export type Hash = Uint8Array

/** Hashes per tile (C2SP tlog-tiles). */
export const TILE_WIDTH = 256

/** By way of hex: asked for bytes, the one-shot hash takes three times as long. */
const sha256 = (data: string | Uint8Array): Hash => Buffer.from(hash('sha256', data, 'hex'), 'hex')

/** Root of the empty tree (RFC 6962 §2.1). */
export const EMPTY_ROOT: Hash = sha256('')

/** SHA-256(0x00 ‖ data), RFC 6962 §2.1. */
export function leafHash(data: Uint8Array): Hash {
  const bytes = Buffer.allocUnsafe(data.length + 1)
  bytes[0] = 0
  bytes.set(data, 1)
  return sha256(bytes)
}

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(left: Hash, right: Hash): Hash {
  const bytes = Buffer.allocUnsafe(65)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 33)
  return sha256(bytes)
}

/** Leaf of a log record: its chain hash (hex) is the leaf data. */
export const recordLeaf = (chainHash: string): Hash => leafHash(Buffer.from(chainHash, 'hex'))

/** Root of a perfect subtree: `hashes.length` is a power of two. */
export function perfectRoot(hashes: readonly Hash[]): Hash {
  let row = hashes
  while (row.length > 1) {
    const above: Hash[] = []
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(row[i] as Hash, row[i + 1] as Hash))
    row = above
  }
  return row[0] ?? EMPTY_ROOT
}

/** A tile that just became full: 256 hashes of height 8·level, the `index`-th on its level. */
export interface FullTile {
  readonly level: number
  readonly index: number
  readonly hashes: readonly Hash[]
}

/**
 * Append-only Merkle tree (RFC 6962) that keeps only the open tile of each level: a few KiB for any size. Full tiles are
 * handed out as they close and never change afterwards.
 */
export class TileTree {
  private readonly open: Hash[][]
  private count: number

  /** `open[level]` holds the hashes of the open tile on that level; their numbers must fit `size`. */
  constructor(size = 0, open: readonly (readonly Hash[])[] = []) {
    this.count = size
    this.open = open.map((tile) => [...tile])
  }

  get size(): number {
    return this.count
  }

  /** Hashes of the open tile of a level; `[]` where there is none. */
  openTile(level: number): readonly Hash[] {
    return this.open[level] ?? []
  }

  get levels(): number {
    return this.open.length
  }

  /** Adds a leaf hash and returns the tiles that became full by it, lowest level first. */
  append(leaf: Hash): readonly FullTile[] {
    this.count++
    let carried = leaf
    const full: FullTile[] = []
    for (let level = 0; ; level++) {
      const tile = (this.open[level] ??= [])
      tile.push(carried)
      if (tile.length < TILE_WIDTH) return full
      this.open[level] = []
      full.push({ level, index: Math.floor(this.count / TILE_WIDTH ** (level + 1)) - 1, hashes: tile })
      carried = perfectRoot(tile)
    }
  }

  /** Root over everything appended so far. */
  root(): Hash {
    const peaks: Hash[] = []
    for (let level = this.open.length - 1; level >= 0; level--) peaks.push(...tilePeaks(this.open[level] ?? []))
    return (
      peaks.reduceRight<Hash | undefined>((right, left) => (right ? nodeHash(left, right) : left), undefined) ??
      EMPTY_ROOT
    )
  }
}

/** Roots of the perfect subtrees that make up a partial tile, largest first. */
function tilePeaks(tile: readonly Hash[]): readonly Hash[] {
  const peaks: Hash[] = []
  let at = 0
  for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
    if (at + width > tile.length) continue
    peaks.push(perfectRoot(tile.slice(at, at + width)))
    at += width
  }
  return peaks
}

/** Right edge of the tree, one hash per set bit of the size: roots cost log n. For those who walk a whole log. */
export class Frontier {
  private readonly peaks: (Hash | undefined)[] = []
  private count = 0

  get size(): number {
    return this.count
  }

  append(leaf: Hash): void {
    this.count++
    let carried = leaf
    for (let height = 0; ; height++) {
      const left = this.peaks[height]
      if (left === undefined) {
        this.peaks[height] = carried
        return
      }
      this.peaks[height] = undefined
      carried = nodeHash(left, carried)
    }
  }

  root(): Hash {
    let root: Hash | undefined
    for (const peak of this.peaks) if (peak) root = root ? nodeHash(peak, root) : peak
    return root ?? EMPTY_ROOT
  }
}

/** Merkle tree hash of a list of leaf hashes. */
export function treeRoot(leaves: Iterable<Hash>): Hash {
  const tree = new Frontier()
  for (const leaf of leaves) tree.append(leaf)
  return tree.root()
}
