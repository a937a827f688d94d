import { hash } from 'node:crypto'
import { SallyportError, type Hash, type StoredRecord } from '@sallyport/core'
import type { Client } from 'pg'
import type { FlatRow, LogSettings } from '../backend.ts'
import { exportHead, newestHead, readNotes } from '../heads.ts'
import {
  decodeTile,
  encodeTile,
  LogStream,
  streamSigner,
  type CheckpointWrite,
  type StreamState,
} from '../log-stream.ts'
import type { Checkpoint, StoreKeys } from '../ports.ts'
import { rootAt, type TileSource } from '../prove.ts'
import { indexedKey, indexStep, INDEX_STATEMENTS, INDEX_STEP, type Unindexed } from '../search/behind.ts'
import { sessionValues } from '../search/session-rows.ts'
import { numbered, STATEMENTS } from '../sql.ts'
import { connect } from './connect.ts'

export interface PgWriterSettings {
  readonly url: string
  readonly stream: string
  readonly log: LogSettings
}

const INSERT = `INSERT INTO audit_event
  (stream, seq, body, ts, kind, audit_id, session, agent, tool, decision, prev, hash)
  SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[])`

const ADD_TERMS = `INSERT INTO audit_term (word, ts, seq, stream)
  SELECT word, ts, seq, $1 FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS t (word, ts, seq)
  ON CONFLICT DO NOTHING`

/**
 * The one connection that writes this node's log stream. It holds an advisory lock on the stream: when the connection is
 * lost so is the lock, and before the next write the stream is taken and read again.
 */
export class PgWriter {
  private readonly settings: PgWriterSettings
  private readonly keys: StoreKeys
  private readonly trouble: (what: string) => void
  private readonly source: Omit<TileSource, 'checkpoint'>
  private client: Client
  private stream: LogStream
  private boot: number
  private broken = false
  /** True while the index of the log has to catch up, as after an update. */
  private isBehind = true

  static async open(
    settings: PgWriterSettings,
    keys: StoreKeys,
    source: Omit<TileSource, 'checkpoint'>,
    trouble: (what: string) => void,
  ): Promise<PgWriter> {
    const client = await take(settings)
    try {
      const origin = `${keys.origin}/${settings.stream}`
      const [row] = (await query(client, STATEMENTS.openStream, [settings.stream, origin, String(process.pid)])) as {
        boot: number
      }[]
      const boot = row?.boot ?? 1
      const stream = await load(client, settings.stream, keys, boot)
      const writer = new PgWriter(settings, keys, source, trouble, client, stream, boot)
      await writer.compareHeads()
      return writer
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
  }

  private constructor(
    settings: PgWriterSettings,
    keys: StoreKeys,
    source: Omit<TileSource, 'checkpoint'>,
    trouble: (what: string) => void,
    client: Client,
    stream: LogStream,
    boot: number,
  ) {
    this.settings = settings
    this.keys = keys
    this.source = source
    this.trouble = trouble
    this.client = client
    this.stream = stream
    this.boot = boot
  }

  get due(): boolean {
    return !this.broken && this.stream.unsigned >= this.settings.log.records
  }

  /** One statement, one commit. When it fails nobody knows whether it happened, so the stream is read again first. */
  async append(rows: readonly FlatRow[]): Promise<void> {
    await this.recover()
    const links = this.stream.links(rows.map((row) => row[0]))
    const column = <K extends keyof FlatRow>(index: K): unknown[] => rows.map((row) => row[index])
    try {
      await this.client.query({
        name: 'append',
        text: INSERT,
        values: [
          this.settings.stream,
          links.map((link) => link.seq),
          ...([0, 1, 2, 3, 4, 5, 6, 7] as const).map(column),
          links.map((link) => link.prev),
          links.map((link) => link.hash),
        ],
      })
    } catch (error) {
      this.broken = true
      throw error
    }
    this.stream.commit(links)
  }

  async checkpoint(now: number): Promise<Checkpoint | undefined> {
    await this.recover()
    const write = this.stream.sign(now)
    if (!write) {
      if (this.isBehind) await this.transaction(() => this.index())
      return undefined
    }
    await this.transaction(async () => {
      await this.insert(write)
      await this.index()
    })
    this.stream.checkpointed(write)
    try {
      if (this.settings.log.exportTo !== undefined) exportHead(this.settings.log.exportTo, write.checkpoint)
    } catch (error) {
      this.trouble(`The head could not be exported: ${String(error)}`)
    }
    return write.checkpoint
  }

  /** Removes records older than `before` (ms), whole tiles under a checkpoint only, and thins out old checkpoints. */
  async prune(before: number, checkpoints: number): Promise<void> {
    await this.recover()
    const { stream } = this.settings
    if (checkpoints > 0) await query(this.client, STATEMENTS.thin, [stream, checkpoints, stream])
    const signed = this.stream.size - this.stream.unsigned
    const limit = signed - (signed % 256)
    const [row] = (await query(this.client, STATEMENTS.pruneLimit, [stream, before, limit])) as { seq: number | null }[]
    const last = (row?.seq ?? 0) - ((row?.seq ?? 0) % 256)
    if (last === 0) return
    await this.transaction(async () => {
      await query(this.client, STATEMENTS.prune, [stream, last])
      await query(this.client, STATEMENTS.pruned, [last, stream])
      await query(this.client, INDEX_STATEMENTS.removeTerms, [before, last, stream])
      await query(this.client, INDEX_STATEMENTS.removeWords, [])
      await query(this.client, INDEX_STATEMENTS.removeSessions, [before, stream])
    })
  }

  async close(now: number): Promise<void> {
    try {
      await this.checkpoint(now)
      await query(this.client, STATEMENTS.closeStream, [this.settings.stream])
    } finally {
      await this.client.end().catch(() => undefined)
    }
  }

  /** Takes records into the index that searches use, at most INDEX_STEP of them. */
  private async index(): Promise<void> {
    const { stream } = this.settings
    const [known] = (await query(this.client, INDEX_STATEMENTS.indexed, [indexedKey(stream)])) as { value: string }[]
    const after = Number(known?.value ?? 0)
    const rows = (await query(this.client, INDEX_STATEMENTS.unindexed, [stream, after, INDEX_STEP])) as Unindexed[]
    const step = indexStep(rows, stream)
    this.isBehind = step !== undefined && step.last < this.stream.size
    if (!step) return
    const { entries, words, sessions } = step
    await this.client.query({
      text: ADD_TERMS,
      values: [stream, ...([0, 1, 2] as const).map((column) => entries.map((entry) => entry[column]))],
    })
    for (const { word, field, value, n } of words) {
      await query(this.client, INDEX_STATEMENTS.addWord, [word, field, value, n])
    }
    for (const session of sessions) await query(this.client, INDEX_STATEMENTS.addSession, sessionValues(session))
    await query(this.client, INDEX_STATEMENTS.setIndexed, [indexedKey(stream), String(step.last)])
  }

  private async insert({ checkpoint, tiles }: CheckpointWrite): Promise<void> {
    for (const { level, index, hashes } of tiles) {
      await query(this.client, STATEMENTS.putTile, [this.settings.stream, level, index, encodeTile(hashes)])
    }
    const { stream, size, root, note, ts } = checkpoint
    await query(this.client, STATEMENTS.addCheckpoint, [stream, size, root, note, ts])
  }

  private async transaction(work: () => Promise<void>): Promise<void> {
    try {
      await this.client.query('BEGIN')
      await work()
      await this.client.query('COMMIT')
    } catch (error) {
      this.broken = true
      throw error
    }
  }

  private async recover(): Promise<void> {
    if (!this.broken) return
    await this.client.end().catch(() => undefined)
    this.client = await take(this.settings)
    const { size, last } = this.stream
    const [row] = await this.source.readLog({ stream: this.settings.stream, afterSeq: size - 1, limit: 1 })
    if (size > 0 && row?.hash !== last) {
      throw new SallyportError(
        'SP_AUDIT_CHAIN_BROKEN',
        `Record ${size} of ${this.settings.stream} is not the one that was written.`,
      )
    }
    this.stream = await load(this.client, this.settings.stream, this.keys, this.boot)
    this.broken = false
  }

  private async compareHeads(): Promise<void> {
    const place = this.settings.log.exportTo
    if (place === undefined) return
    const signer = streamSigner(this.keys.checkpointKey, this.keys.origin, this.settings.stream)
    const head = newestHead(readNotes(place, this.settings.stream), signer.publicKey, signer.origin)
    if (!head) return
    const source = { ...this.source, checkpoint: async () => undefined }
    const behind = head.size > this.stream.size
    if (!behind && (await rootAt(source, this.settings.stream, head.size)) === head.root) return
    const what = behind
      ? `The log has ${this.stream.size} records, ${head.size} were published.`
      : 'Another log was published.'
    throw new SallyportError('SP_AUDIT_FORK', `${what} (${place})`)
  }
}

/** A connection that holds the stream. @throws SallyportError SP_STORE_BUSY. */
async function take({ url, stream }: PgWriterSettings): Promise<Client> {
  const client = await connect(url)
  const key = Buffer.from(hash('sha256', `sallyport/stream/${stream}`, 'buffer'))
  const result = await client.query('SELECT pg_try_advisory_lock($1, $2) AS taken', [
    key.readInt32BE(0),
    key.readInt32BE(4),
  ])
  const [row] = result.rows as { taken: boolean }[]
  if (row?.taken !== true) {
    await client.end()
    throw new SallyportError('SP_STORE_BUSY', `Stream ${stream}: give each gateway its own store.node.`)
  }
  // Whatever the server's default is: an answer means durable.
  await client.query('SET synchronous_commit = on')
  return client
}

async function load(client: Client, stream: string, keys: StoreKeys, boot: number): Promise<LogStream> {
  const [checkpoint] = (await query(client, STATEMENTS.checkpoints, [stream, 1])) as unknown as Checkpoint[]
  const size = checkpoint?.size ?? 0
  const [top] = (await query(client, STATEMENTS.levels, [stream])) as { level: number | null }[]
  const openTiles: { level: number; index: number; hashes: readonly Hash[] }[] = []
  for (let level = 1; level <= (top?.level ?? 0); level++) {
    const index = Math.floor(size / 256 ** (level + 1))
    const [row] = (await query(client, STATEMENTS.tile, [stream, level, index])) as { hashes: string }[]
    openTiles.push({ level, index, hashes: decodeTile(row?.hashes ?? '') })
  }
  const tail: StoredRecord[] = []
  for (let after = size - (size % 256); ;) {
    const rows = (await query(client, STATEMENTS.tail, [stream, after, 1000])) as unknown as StoredRecord[]
    tail.push(...rows)
    const last = rows.at(-1)
    if (!last || rows.length < 1000) break
    after = last.seq
  }
  const state: StreamState = { boot, checkpoint, openTiles, tail }
  return new LogStream(stream, streamSigner(keys.checkpointKey, keys.origin, stream), state)
}

const query = async (client: Client, text: string, values: readonly (string | number)[]): Promise<unknown[]> =>
  (await client.query(numbered(text), [...values])).rows as unknown[]
