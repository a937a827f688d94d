import { chainHash, GENESIS } from '@sallyport/core/audit/chain'
import {
  createCheckpointSigner,
  fromHex,
  toHex,
  verifyCheckpoint,
  type CheckpointSigner,
  type Head,
} from '@sallyport/core/audit/checkpoint'
import { recordLeaf, TILE_WIDTH, TileTree, type FullTile, type Hash } from '@sallyport/core/audit/tree'
import { SallyportError } from '@sallyport/core/errors/error'
import type { Checkpoint } from './ports.ts'

/** A record with its place in the chain, about to be inserted. */
export interface Link {
  readonly seq: number
  readonly prev: string
  readonly hash: string
}

/** What a checkpoint writes in one transaction. */
export interface CheckpointWrite {
  readonly checkpoint: Checkpoint
  readonly head: Head
  /** Full tiles of all levels, and the open tiles above level 0 (level 0 is in the records). */
  readonly tiles: readonly FullTile[]
}

/** What a stream needs to go on: read from the store when it is opened. */
export interface StreamState {
  readonly boot: number
  /** Newest checkpoint of the store. */
  readonly checkpoint: Checkpoint | undefined
  /** Tiles above level 0 that are open at the checkpoint, and nothing else. */
  readonly openTiles: readonly FullTile[]
  /** Chain links of the records after the last full level-0 tile of the checkpoint, with their bodies. */
  readonly tail: readonly {
    readonly seq: number
    readonly prev: string
    readonly hash: string
    readonly body: string
  }[]
}

/**
 * Chain, tree and checkpoints of one log stream (policy.md §5). Knows no database: the SQLite worker and the PostgreSQL
 * writer both drive it. Links are handed out first and count (`commit`) only once they are durable.
 */
export class LogStream {
  readonly name: string
  private readonly signer: CheckpointSigner
  private readonly boot: number
  private readonly tree: TileTree
  private tiles: FullTile[] = []
  private seq: number
  private hash: string
  private signed: Head | undefined

  /** @throws SallyportError SP_AUDIT_CHAIN_BROKEN when the newest records do not carry the newest checkpoint. */
  constructor(name: string, signer: CheckpointSigner, state: StreamState) {
    this.name = name
    this.signer = signer
    this.boot = state.boot
    this.signed = this.trusted(state.checkpoint)
    const size = this.signed?.size ?? 0
    const first = size - (size % TILE_WIDTH)
    const open: (readonly Hash[])[] = []
    for (const tile of state.openTiles) open[tile.level] = tile.hashes
    this.tree = new TileTree(
      first,
      Array.from(open, (tile) => tile ?? []),
    )
    this.seq = first
    this.hash = state.tail[0]?.prev ?? (first === 0 ? GENESIS : (this.signed?.last ?? GENESIS))
    if (first === 0 && this.hash !== GENESIS) this.broken(1)
    this.replay(state, size)
  }

  /** Records there are. */
  get size(): number {
    return this.seq
  }

  /** Hash of the last record. */
  get last(): string {
    return this.hash
  }

  /** Records not yet under a checkpoint. */
  get unsigned(): number {
    return this.seq - (this.signed?.size ?? 0)
  }

  /** Links for these bodies, in order, starting after `after`. Nothing changes until `commit`. */
  links(bodies: readonly string[], after: Link = { seq: this.seq, prev: '', hash: this.hash }): readonly Link[] {
    let { seq, hash: prev } = after
    return bodies.map((body) => {
      const hash = chainHash(this.name, ++seq, prev, body)
      const link = { seq, prev, hash }
      prev = hash
      return link
    })
  }

  /** The links are durable: the tree takes them in. */
  commit(links: readonly Link[]): void {
    for (const link of links) {
      this.tiles.push(...this.tree.append(recordLeaf(link.hash)))
      this.seq = link.seq
      this.hash = link.hash
    }
  }

  /** Signs the head when there is something new. Call `checkpointed` once it is durable; until then it is made again. */
  sign(now: number): CheckpointWrite | undefined {
    if (this.unsigned === 0) return undefined
    const root = toHex(this.tree.root())
    const ts = Math.max(now, this.signed?.ts ?? 0)
    const head = { size: this.seq, root, ts, boot: this.boot, last: this.hash }
    const note = this.signer.sign(head)
    return {
      checkpoint: { stream: this.name, size: this.seq, root, note, ts },
      head: { ...head, origin: this.signer.origin },
      tiles: [...this.tiles, ...this.upperTiles()],
    }
  }

  checkpointed(write: CheckpointWrite): void {
    this.tiles = []
    this.signed = write.head
  }

  private upperTiles(): FullTile[] {
    const open: FullTile[] = []
    for (let level = 1; level < this.tree.levels; level++) {
      const index = Math.floor(this.tree.size / TILE_WIDTH ** (level + 1))
      open.push({ level, index, hashes: [...this.tree.openTile(level)] })
    }
    return open
  }

  private replay(state: StreamState, signedSize: number): void {
    const compare = (): void => {
      if (this.seq === signedSize && signedSize > 0 && toHex(this.tree.root()) !== this.signed?.root)
        this.broken(signedSize)
    }
    compare()
    for (const record of state.tail) {
      const good = record.seq === this.seq + 1 && record.prev === this.hash
      if (!good || chainHash(this.name, record.seq, record.prev, record.body) !== record.hash) this.broken(this.seq + 1)
      this.commit([record])
      compare()
    }
    if (this.seq < signedSize) this.broken(this.seq + 1)
  }

  private trusted(checkpoint: Checkpoint | undefined): Head | undefined {
    if (!checkpoint) return undefined
    const checked = verifyCheckpoint(checkpoint.note, this.signer.publicKey, this.signer.origin)
    if (checked.ok && checked.head.size === checkpoint.size) return checked.head
    throw new SallyportError(
      'SP_AUDIT_CHAIN_BROKEN',
      `The checkpoint at record ${checkpoint.size} is not signed by this gateway.`,
    )
  }

  private broken(seq: number): never {
    throw new SallyportError('SP_AUDIT_CHAIN_BROKEN', `Stream ${this.name}: the first wrong record is ${seq}.`, {
      details: { stream: this.name, seq },
    })
  }
}

/** Signer for one stream: the stream's name is part of the origin, so no head of one stream passes for another's. */
export const streamSigner = (key: Uint8Array, origin: string, stream: string): CheckpointSigner =>
  createCheckpointSigner(key, `${origin}/${stream}`)

/** Hashes of a tile as stored: hex, 64 characters each. */
export const encodeTile = (hashes: readonly Hash[]): string => hashes.map(toHex).join('')
export const decodeTile = (text: string): readonly Hash[] =>
  Array.from({ length: Math.floor(text.length / 64) }, (_, i) => fromHex(text.slice(i * 64, i * 64 + 64)))
