import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  consistencyProof,
  inclusionProof,
  rangeRoot,
  verifyConsistency,
  verifyInclusion,
  type TileReader,
} from './proof.ts'
import { EMPTY_ROOT, Frontier, leafHash, TILE_WIDTH, TileTree, treeRoot, type Hash } from './tree.ts'

const hex = (hash: Hash): string => Buffer.from(hash).toString('hex')
const sha = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()

/** RFC 6962 §2.1 word for word, as the second opinion. */
function mth(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return sha()
  if (leaves.length === 1) return leaves[0] as Hash
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha(Buffer.from([1]), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

const leaves = (count: number): Hash[] => Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))

/** Tiles as a store keeps them: full ones, and open ones above level 0 from below. */
function tilesOf(all: readonly Hash[]): TileReader {
  const tree = new TileTree()
  const full = new Map<string, readonly Hash[]>()
  for (const leaf of all) for (const tile of tree.append(leaf)) full.set(`${tile.level}/${tile.index}`, tile.hashes)
  return (level, index) =>
    full.get(`${level}/${index}`) ?? (level === 0 ? all.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH) : [])
}

describe('Merkle tree', () => {
  it('has the roots of the Certificate Transparency vectors (RFC 6962)', () => {
    const data = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]
    expect(hex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    const hashes = data.map((text) => leafHash(Buffer.from(text, 'hex')))
    roots.forEach((root, i) => expect(hex(treeRoot(hashes.slice(0, i + 1)))).toBe(root))
  })

  it.each([1, 2, 3, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 70_001])(
    'tile tree, frontier and definition agree at %i leaves',
    (size) => {
      const all = leaves(size)
      const tree = new TileTree()
      const frontier = new Frontier()
      for (const leaf of all) {
        tree.append(leaf)
        frontier.append(leaf)
      }
      expect(hex(tree.root())).toBe(hex(frontier.root()))
      expect(hex(frontier.root())).toBe(hex(mth(all)))
      expect(hex(rangeRoot(0, size, tilesOf(all)))).toBe(hex(mth(all)))
    },
  )

  it('goes on from its open tiles', () => {
    const all = leaves(66_000)
    const before = new TileTree()
    all.slice(0, 65_900).forEach((leaf) => before.append(leaf))
    const after = new TileTree(
      before.size,
      Array.from({ length: before.levels }, (_, level) => before.openTile(level)),
    )
    all.slice(65_900).forEach((leaf) => after.append(leaf))
    expect(hex(after.root())).toBe(hex(mth(all)))
  })
})

describe('proofs', () => {
  it('inclusion: every leaf of every small tree, and no other leaf, root or path', () => {
    for (let size = 1; size <= 40; size++) {
      const all = leaves(size)
      const root = mth(all)
      for (let i = 0; i < size; i++) {
        const path = inclusionProof(i, size, tilesOf(all))
        const leaf = all[i] as Hash
        expect(verifyInclusion(leaf, i, size, path, root)).toBe(true)
        expect(verifyInclusion(leafHash(Buffer.from('other')), i, size, path, root)).toBe(false)
        if (size > 1) expect(verifyInclusion(leaf, (i + 1) % size, size, path, root)).toBe(false)
        expect(verifyInclusion(leaf, i, size, [...path, leaf], root)).toBe(false)
        if (path.length > 0) expect(verifyInclusion(leaf, i, size, path.slice(1), root)).toBe(false)
      }
    }
  })

  it('consistency: every pair of small trees, and no fork', () => {
    const all = leaves(40)
    const fork = [...all.slice(0, 5), leafHash(Buffer.from('fork')), ...all.slice(6)]
    for (let second = 1; second <= 40; second++) {
      for (let first = 1; first <= second; first++) {
        const proof = consistencyProof(first, second, tilesOf(all.slice(0, second)))
        const [old, now] = [mth(all.slice(0, first)), mth(all.slice(0, second))]
        expect(verifyConsistency(first, second, proof, old, now)).toBe(true)
        if (first > 5) {
          const forged = consistencyProof(first, second, tilesOf(fork.slice(0, second)))
          expect(verifyConsistency(first, second, forged, old, mth(fork.slice(0, second)))).toBe(false)
        }
      }
    }
  })

  it('hold for large trees across tile borders', () => {
    const all = leaves(70_000)
    const tiles = tilesOf(all)
    const root = mth(all)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 69_999 }), fc.integer({ min: 1, max: 70_000 }), (i, first) => {
        expect(verifyInclusion(all[i] as Hash, i, 70_000, inclusionProof(i, 70_000, tiles), root)).toBe(true)
        const old = rangeRoot(0, first, tiles)
        expect(verifyConsistency(first, 70_000, consistencyProof(first, 70_000, tiles), old, root)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})
