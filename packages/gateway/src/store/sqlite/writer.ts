import type { ErrorCode } from '@sallyport/core/errors/codes'
import { SallyportError, toSallyportError } from '@sallyport/core/errors/error'
import { existsSync } from 'node:fs'
import type { DocumentRow, ReapLimits } from '../backend.ts'
import { exportHead, keepHead, newestHead, readNotes } from '../heads.ts'
import { encodeTile, LogStream, streamSigner, type CheckpointWrite, type Link } from '../log-stream.ts'
import type { Change, Checkpoint } from '../ports.ts'
import { indexedKey, indexStep, INDEX_STATEMENTS, INDEX_STEP, type Unindexed } from '../search/behind.ts'
import { sessionValues } from '../search/session-rows.ts'
import { STATEMENTS } from '../sql.ts'
import {
  openDatabase,
  identityOf,
  migrateDatabase,
  mustReopen,
  takeOwnership,
  type Sqlite,
  type Statement,
} from './database.ts'
import type { Failure, Op, OpResult, WriterData } from './protocol.ts'
import { readOp } from './read-op.ts'
import { assertNotForked, loadState } from './stream-state.ts'

/** Columns of a record in an append. */
export const COLUMNS = 8
const WRITES: ReadonlySet<Op['op']> = new Set(['append', 'put', 'remove', 'spend', 'reap'])

/** An empty append, as batches without records have it, writes nothing. */
const changes = (op: Op): boolean => WRITES.has(op.op) && !(op.op === 'append' && op.rows.length === 0)

export interface WriterEvents {
  tampered(what: string): void
  trouble(what: string): void
}

/**
 * The one connection that writes. All writes of a batch are one transaction and one fsync; when it fails, every write of
 * the batch has failed and the next batch starts again from what the file really holds.
 */
export class SqliteWriter {
  private readonly data: WriterData
  private readonly events: WriterEvents
  private readonly release: () => void
  private readonly statements = new Map<string, Statement>()
  private db: Sqlite
  private stream: LogStream
  private identity: string
  private dataVersion: number
  private broken = false
  private dirty = false
  /** True while the index of the log has to catch up, as after an update. */
  private isBehind = true

  static async open(data: WriterData, events: WriterEvents): Promise<SqliteWriter> {
    const release = takeOwnership(data.path)
    try {
      const { db, boot } = await prepareStore(data, events)
      return new SqliteWriter(data, events, release, db, boot)
    } catch (error) {
      release()
      throw error
    }
  }

  private constructor(data: WriterData, events: WriterEvents, release: () => void, db: Sqlite, boot: number) {
    this.data = data
    this.events = events
    this.release = release
    this.db = db
    this.stream = this.load(boot)
    this.compareHeads()
    this.identity = this.identities()
    this.dataVersion = this.foreignVersion()
  }

  /** Runs a batch. Never throws; every operation has its answer. */
  run(ops: readonly Op[], now: number): readonly OpResult[] {
    const results: OpResult[] = Array.from({ length: ops.length })
    const writes = ops.flatMap((op, index) => (changes(op) ? [index] : []))
    if (writes.length > 0) this.write(ops, writes, results, now)
    ops.forEach((op, index) => {
      results[index] ??= attempt(() => this.read(op, now))
    })
    return results
  }

  /** True when the number of records since the last checkpoint calls for the next one. */
  get due(): boolean {
    return !this.broken && this.stream.unsigned >= this.data.log.records
  }

  checkpoint(now: number): Checkpoint | undefined {
    this.recover()
    const write = this.stream.sign(now)
    if (!write) {
      if (this.isBehind) this.guard(() => this.transaction(() => this.index()))
      return undefined
    }
    this.guard(() =>
      this.transaction(() => {
        this.insertCheckpoint(write)
        this.index()
      }),
    )
    this.stream.checkpointed(write)
    this.publish(write)
    return write.checkpoint
  }

  close(now: number): void {
    try {
      this.checkpoint(now)
      this.prepare(STATEMENTS.closeStream).run(this.data.stream)
      this.db.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      this.db.close()
      this.release()
    }
  }

  private write(ops: readonly Op[], writes: readonly number[], results: OpResult[], now: number): void {
    let links: readonly Link[] = []
    try {
      this.recover()
      this.guard(() =>
        this.transaction(() => {
          links = []
          for (const index of writes) {
            const op = ops[index] as Op
            if (op.op === 'append') links = this.append(op.rows, links)
            else results[index] = { value: this.apply(op, now) }
          }
        }),
      )
      this.stream.commit(links)
      for (const index of writes) results[index] ??= { value: null }
    } catch (error) {
      for (const index of writes) results[index] = { error: writeFailure(error, ops[index] as Op) }
    }
  }

  private append(rows: readonly (string | number)[], before: readonly Link[]): readonly Link[] {
    const bodies: string[] = []
    for (let at = 0; at < rows.length; at += COLUMNS) bodies.push(rows[at] as string)
    const links = this.stream.links(bodies, before.at(-1))
    const insert = this.prepare(STATEMENTS.addRecord)
    const stream = this.data.stream
    let at = 0
    for (const { seq, prev, hash } of links) {
      // Written out: spreading an array per record costs as much as the insert.
      insert.run(
        stream,
        seq,
        rows[at],
        rows[at + 1],
        rows[at + 2],
        rows[at + 3],
        rows[at + 4],
        rows[at + 5],
        rows[at + 6],
        rows[at + 7],
        prev,
        hash,
      )
      at += COLUMNS
    }
    return before.length === 0 ? links : [...before, ...links]
  }

  private apply(op: Op, now: number): boolean | readonly Change[] {
    switch (op.op) {
      case 'put':
        return this.put(op.row, op.expected, op.replaces)
      case 'remove':
        return this.prepare(STATEMENTS.remove).run(op.kind, op.id, op.expected).changes === 1
      case 'spend':
        return this.prepare(STATEMENTS.spend).run(op.id, op.expiresAt).changes === 1
      case 'reap':
        return this.reap(op.limits, now)
      default:
        throw new SallyportError('SP_INTERNAL', `${op.op} does not write.`)
    }
  }

  private put(row: DocumentRow, expected: number, replaces: string | undefined): boolean {
    const { kind, id, version, state, expiresAt, updatedAt, keep, body, mac } = row
    const changed = [version, state, expiresAt, updatedAt, keep, body, mac, kind, id]
    if (replaces !== undefined) return this.prepare(STATEMENTS.replace).run(...changed, replaces).changes === 1
    if (expected > 0) return this.prepare(STATEMENTS.update).run(...changed, expected).changes === 1
    const values = [kind, id, version, state, expiresAt, updatedAt, keep, body, mac]
    return this.prepare(STATEMENTS.insert).run(...values).changes === 1
  }

  private reap(limits: ReapLimits, now: number): readonly Change[] {
    const removed = this.prepare(STATEMENTS.reapDocuments).all(limits.documents) as Change[]
    this.prepare(STATEMENTS.reapSpent).run(limits.spent)
    if (limits.checkpoints > 0) {
      this.prepare(STATEMENTS.thin).run(this.data.stream, limits.checkpoints, this.data.stream)
    }
    const signed = this.stream.size - this.stream.unsigned
    const whole = signed - (signed % 256)
    const row = this.prepare(STATEMENTS.pruneLimit).get(this.data.stream, Math.min(limits.log, now), whole) as {
      seq: number | null
    }
    const last = (row.seq ?? 0) - ((row.seq ?? 0) % 256)
    if (last > 0 && this.prepare(STATEMENTS.prune).run(this.data.stream, last).changes > 0) {
      this.prepare(STATEMENTS.pruned).run(last, this.data.stream)
      this.prepare(INDEX_STATEMENTS.removeTerms).run(Math.min(limits.log, now), last, this.data.stream)
      this.prepare(INDEX_STATEMENTS.removeWords).run()
      this.prepare(INDEX_STATEMENTS.removeSessions).run(Math.min(limits.log, now), this.data.stream)
    }
    return removed
  }

  /** Takes records into the index that searches use, at most INDEX_STEP of them. */
  private index(): void {
    const { stream } = this.data
    const [get, set] = [this.prepare(INDEX_STATEMENTS.indexed), this.prepare(INDEX_STATEMENTS.setIndexed)]
    const after = Number((get.get(indexedKey(stream)) as { value: string } | undefined)?.value ?? 0)
    const step = indexStep(
      this.prepare(INDEX_STATEMENTS.unindexed).all(stream, after, INDEX_STEP) as Unindexed[],
      stream,
    )
    this.isBehind = step !== undefined && step.last < this.stream.size
    if (!step) return
    const [addTerm, addWord] = [this.prepare(INDEX_STATEMENTS.addTerm), this.prepare(INDEX_STATEMENTS.addWord)]
    for (const [word, ts, seq] of step.entries) addTerm.run(word, ts, seq, stream)
    for (const { word, field, value, n } of step.words) addWord.run(word, field, value, n)
    for (const session of step.sessions) this.prepare(INDEX_STATEMENTS.addSession).run(...sessionValues(session))
    set.run(indexedKey(stream), String(step.last))
  }

  private read(op: Op, now: number): unknown {
    return op.op === 'checkpoint' ? (this.checkpoint(now) ?? null) : readOp(op, (text) => this.prepare(text))
  }

  private insertCheckpoint({ checkpoint, tiles }: CheckpointWrite): void {
    for (const tile of tiles) {
      this.prepare(STATEMENTS.putTile).run(this.data.stream, tile.level, tile.index, encodeTile(tile.hashes))
    }
    const { stream, size, root, note, ts } = checkpoint
    this.prepare(STATEMENTS.addCheckpoint).run(stream, size, root, note, ts)
  }

  /** The head is durable here; it now goes to the other places. A place that fails is reported and holds nothing up. */
  private publish({ checkpoint }: CheckpointWrite): void {
    try {
      keepHead(this.data.path, checkpoint)
      if (this.data.log.exportTo !== undefined) exportHead(this.data.log.exportTo, checkpoint)
    } catch (error) {
      this.events.trouble(`The head could not be exported: ${String(error)}`)
    }
  }

  private transaction(work: () => void): void {
    this.db.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.db.exec('COMMIT')
    } catch (error) {
      if (this.db.inTransaction) this.db.exec('ROLLBACK')
      throw error
    }
  }

  /** Runs a write; whatever goes wrong makes the next one look at the file again first. */
  private guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.dirty = true
      if (mustReopen(error)) this.broken = true
      throw error
    }
  }

  /** Before a write: is it still our file, and does it end where we think it ends? */
  private recover(): void {
    if (this.broken) {
      this.statements.clear()
      if (this.db.open) this.db.close()
      this.db = openDatabase(this.data.path)
      this.dataVersion = this.foreignVersion()
      this.broken = false
    }
    if (this.identities() !== this.identity) {
      throw new SallyportError('SP_AUDIT_WRITE_FAILED', 'The files of the store were moved, removed or replaced.')
    }
    const version = this.foreignVersion()
    if (version !== this.dataVersion) {
      this.dataVersion = version
      this.dirty = true
      this.events.tampered('foreign-write')
    }
    if (!this.dirty) return
    const row = this.prepare('SELECT seq, hash FROM audit_event WHERE stream = ? ORDER BY seq DESC LIMIT 1').get(
      this.data.stream,
    ) as { seq: number; hash: string } | undefined
    if ((row?.seq ?? 0) < this.stream.size || (row && row.seq === this.stream.size && row.hash !== this.stream.last)) {
      throw new SallyportError(
        'SP_AUDIT_CHAIN_BROKEN',
        `The last record is ${row?.seq ?? 0}, it should be ${this.stream.size}.`,
      )
    }
    // A commit that reported an error may still be there: take it in, as a restart would.
    if (row && row.seq > this.stream.size) this.stream = this.load(this.bootOf())
    this.dirty = false
  }

  private load(boot: number): LogStream {
    const signer = streamSigner(this.data.checkpointKey, this.data.origin, this.data.stream)
    return new LogStream(this.data.stream, signer, loadState(this.db, this.data.stream, boot))
  }

  private compareHeads(): void {
    const signer = streamSigner(this.data.checkpointKey, this.data.origin, this.data.stream)
    const places = [`${this.data.path}-head`, ...(this.data.log.exportTo === undefined ? [] : [this.data.log.exportTo])]
    for (const place of places) {
      const head = newestHead(readNotes(place, this.data.stream), signer.publicKey, signer.origin)
      if (head) assertNotForked(this.db, this.stream, head, place)
    }
  }

  private bootOf(): number {
    return (this.prepare(STATEMENTS.stream).get(this.data.stream) as { boot: number }).boot
  }

  private foreignVersion(): number {
    return (this.prepare('PRAGMA data_version').get() as { data_version: number }).data_version
  }

  private identities(): string {
    return `${identityOf(this.data.path)} ${identityOf(`${this.data.path}-wal`)}`
  }

  private prepare(text: string): Statement {
    const known = this.statements.get(text)
    if (known) return known
    const statement: Statement = this.db.prepare(text)
    this.statements.set(text, statement)
    return statement
  }
}

/** Migrates, notices a write-ahead log that vanished after a crash, and marks the store as open. */
async function prepareStore(data: WriterData, events: WriterEvents): Promise<{ db: Sqlite; boot: number }> {
  const walThere = existsSync(`${data.path}-wal`)
  const db = openDatabase(data.path)
  try {
    await migrateDatabase(db, data.path)
    const before = db.prepare(STATEMENTS.stream).get(data.stream) as { owner: string } | undefined
    if (before && before.owner !== '' && !walThere) events.tampered('wal-removed')
    const origin = `${data.origin}/${data.stream}`
    const { boot } = db.prepare(STATEMENTS.openStream).get(data.stream, origin, String(process.pid)) as { boot: number }
    db.pragma('wal_checkpoint(TRUNCATE)')
    return { db, boot }
  } catch (error) {
    db.close()
    throw error
  }
}

function attempt(work: () => unknown): OpResult {
  try {
    return { value: work() as never }
  } catch (error) {
    const { code, detail } = toSallyportError(error, 'SP_STORE_UNAVAILABLE')
    return { error: { code, detail } }
  }
}

function writeFailure(error: unknown, op: Op): Failure {
  const fallback: ErrorCode = op.op === 'append' ? 'SP_AUDIT_WRITE_FAILED' : 'SP_STORE_UNAVAILABLE'
  const { code, detail, cause } = toSallyportError(error, fallback)
  const sqlite = (cause as { code?: string } | undefined)?.code
  return { code, detail: sqlite === undefined ? detail : `${detail} (${sqlite})` }
}
