import { EMPTY_ROOT, nodeHash, perfectRoot, TILE_WIDTH, type Hash } from './tree.ts'

/** Hashes of a tile (may be partial on the right edge). `level` 0 holds leaf hashes. */
export type TileReader = (level: number, index: number) => readonly Hash[]

const TILE_HEIGHT = 8

/** Largest power of two below `n` (n ≥ 2): where RFC 6962 splits. */
function splitPoint(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** Merkle tree hash of leaves `start` to `end` (exclusive); the range must be one that RFC 6962 recursion meets. */
export function rangeRoot(start: number, end: number, tiles: TileReader): Hash {
  const count = end - start
  if (count === 0) return EMPTY_ROOT
  const height = Math.log2(count)
  if (Number.isInteger(height) && start % count === 0) return nodeAt(height, start / count, tiles)
  const middle = start + splitPoint(count)
  return nodeHash(rangeRoot(start, middle, tiles), rangeRoot(middle, end, tiles))
}

function nodeAt(height: number, index: number, tiles: TileReader): Hash {
  const level = Math.floor(height / TILE_HEIGHT)
  const width = 2 ** (height % TILE_HEIGHT)
  const first = index * width
  const tile = tiles(level, Math.floor(first / TILE_WIDTH))
  const offset = first % TILE_WIDTH
  const hashes = tile.slice(offset, offset + width)
  if (hashes.length === width) return perfectRoot(hashes)
  if (level === 0) throw new RangeError(`The tree has no leaf ${first + hashes.length}.`)
  const half = index * 2
  return nodeHash(nodeAt(height - 1, half, tiles), nodeAt(height - 1, half + 1, tiles))
}

/** Audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1). */
export function inclusionProof(index: number, size: number, tiles: TileReader): readonly Hash[] {
  if (index < 0 || index >= size) throw new RangeError(`Leaf ${index} is not in a tree of ${size}.`)
  const path: Hash[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + splitPoint(end - start)
    if (index < middle) {
      path.push(rangeRoot(middle, end, tiles))
      end = middle
    } else {
      path.push(rangeRoot(start, middle, tiles))
      start = middle
    }
  }
  return path.reverse()
}

/** Proof that the tree of `first` leaves is a prefix of the tree of `second` (RFC 6962 §2.1.2); `[]` when they are equal. */
export function consistencyProof(first: number, second: number, tiles: TileReader): readonly Hash[] {
  if (first < 1 || first > second) throw new RangeError(`${first} is not between 1 and ${second}.`)
  const proof: Hash[] = []
  let start = 0
  let end = second
  let whole = true
  while (first < end) {
    const middle = start + splitPoint(end - start)
    if (first <= middle) {
      proof.push(rangeRoot(middle, end, tiles))
      end = middle
    } else {
      proof.push(rangeRoot(start, middle, tiles))
      start = middle
      whole = false
    }
  }
  if (!whole) proof.push(rangeRoot(start, end, tiles))
  return proof.reverse()
}

const equal = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0

/** Checks an audit path (RFC 9162 §2.1.3.2). */
export function verifyInclusion(leaf: Hash, index: number, size: number, path: readonly Hash[], root: Hash): boolean {
  if (index < 0 || index >= size) return false
  let fn = index
  let sn = size - 1
  let result = leaf
  for (const step of path) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      result = nodeHash(step, result)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
    } else {
      result = nodeHash(result, step)
    }
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 && equal(result, root)
}

/** Checks that the tree with `firstRoot` is a prefix of the one with `secondRoot` (RFC 9162 §2.1.4.2). */
export function verifyConsistency(
  first: number,
  second: number,
  proof: readonly Hash[],
  firstRoot: Hash,
  secondRoot: Hash,
): boolean {
  if (first < 1 || first > second) return false
  if (first === second) return proof.length === 0 && equal(firstRoot, secondRoot)
  const steps = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : [...proof]
  let fn = first - 1
  let sn = second - 1
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  let oldRoot = steps.shift()
  if (oldRoot === undefined) return false
  let newRoot = oldRoot
  for (const step of steps) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      oldRoot = nodeHash(step, oldRoot)
      newRoot = nodeHash(step, newRoot)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
    } else {
      newRoot = nodeHash(newRoot, step)
    }
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 && equal(oldRoot, firstRoot) && equal(newRoot, secondRoot)
}
