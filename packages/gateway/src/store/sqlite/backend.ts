import { CODES, SallyportError, type ErrorCode } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import { startWorker } from '../../worker.ts'
import { decodeTile } from '../log-stream.ts'
import type { Backend, BackendEvent, FlatRow, LogSettings } from '../backend.ts'
import type { StoreKeys } from '../ports.ts'
import { createSearcher } from './searcher.ts'
import type { Answers, Failure, FromWriter, Op, OpName, OpResult, ToWriter, WriterData } from './protocol.ts'

export interface SqliteSettings {
  readonly path: string
  readonly stream: string
  readonly log: LogSettings
  /** Records that may wait to be written; more are refused with SP_AUDIT_QUEUE_FULL. */
  readonly queueLimit: number
}

interface Waiting {
  readonly op: Op
  readonly records: number
  resolve(value: unknown): void
  reject(error: SallyportError): void
}

/** With this many records the writer is told at once; what one turn brings beyond that should not wait for its end. */
const CHUNK_RECORDS = 8

/**
 * SQLite behind one writer thread with group commit: the writer takes everything that has reached it while it wrote, and a
 * lone caller waits for nobody. A thread that dies rejects everything, now and later.
 * @throws SallyportError SP_STORE_BUSY, SP_STORE_NEWER, SP_AUDIT_FORK, SP_AUDIT_CHAIN_BROKEN, SP_STORE_UNAVAILABLE.
 */
export async function openSqlite(settings: SqliteSettings, keys: StoreKeys, clock: Clock): Promise<Backend> {
  const { path, stream, log, queueLimit } = settings
  const data: WriterData = {
    path,
    stream,
    log,
    checkpointKey: keys.checkpointKey,
    origin: keys.origin,
    now: clock.now(),
  }
  const search = createSearcher(path)
  const worker = startWorker('store/sqlite/writer.worker', { workerData: data, name: 'sallyport-store' })
  const early: BackendEvent[] = []
  const listeners: ((event: BackendEvent) => void)[] = []
  const emit = (event: BackendEvent): void => {
    if (listeners.length === 0) early.push(event)
    for (const listener of listeners) listener(event)
  }
  /** What has been sent, message by message, and what the next message will hold. */
  const sent: (readonly Waiting[])[] = []
  let next: Waiting[] = []
  let fresh = 0
  let unwritten = 0
  let scheduled = false
  let dead: SallyportError | undefined

  const flush = (): void => {
    scheduled = false
    if (next.length === 0 || dead) return
    const batch = next
    next = []
    fresh = 0
    sent.push(batch)
    worker.postMessage({ type: 'batch', now: clock.now(), ops: merged(batch) } satisfies ToWriter)
  }

  const ask = <N extends OpName>(op: Op & { readonly op: N }, records = 0): Promise<Answers[N]> =>
    new Promise((resolve, reject) => {
      if (dead) return reject(dead)
      next.push({ op, records, resolve: resolve as (value: unknown) => void, reject })
      fresh += records
      unwritten += records
      if (fresh >= CHUNK_RECORDS) return flush()
      if (scheduled) return undefined
      scheduled = true
      // while the writer is busy there is time to take along what the rest of this turn asks for
      if (sent.length === 0) queueMicrotask(flush)
      else setImmediate(flush)
      return undefined
    })

  const die = (error: SallyportError): void => {
    dead ??= error
    const lost = [...sent.splice(0).flat(), ...next]
    next = []
    unwritten = 0
    for (const item of lost) item.reject(dead)
  }

  let closed: (() => void) | undefined
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('error', (cause) => reject(new SallyportError('SP_STORE_UNAVAILABLE', String(cause), { cause })))
    worker.once('exit', () => reject(new SallyportError('SP_STORE_UNAVAILABLE', 'The writer thread ended.')))
    worker.on('message', (message: FromWriter) => {
      switch (message.type) {
        case 'ready':
          return resolve()
        case 'failed':
          return reject(fromFailure(message.error))
        case 'event':
          return emit(
            message.kind === 'tampered'
              ? { kind: 'tampered', id: message.text }
              : { kind: 'trouble', what: message.text },
          )
        case 'closed':
          return closed?.()
        case 'batch':
          for (const results of message.results) settle(results)
          return
      }
    })
  })
  const settle = (results: readonly OpResult[]): void => {
    const done = sent.shift() ?? []
    let at = 1
    for (const item of done) {
      unwritten -= item.records
      const result = results[item.op.op === 'append' ? 0 : at++]
      if (result && 'value' in result) item.resolve(result.value)
      else item.reject(fromFailure(result?.error ?? { code: 'SP_INTERNAL', detail: 'The writer gave no answer.' }))
    }
  }
  await ready
  const lost = (what: string) => (): void => {
    die(new SallyportError('SP_STORE_UNAVAILABLE', what))
    closed?.()
  }
  worker.on('error', (error) => {
    emit({ kind: 'trouble', what: `The writer thread failed: ${String(error)}` })
    lost('The writer thread failed.')()
  })
  worker.on('exit', lost('The store is closed.'))

  return {
    driver: 'sqlite',
    stream,
    get: async (kind, id) => (await ask({ op: 'get', kind, id })) ?? undefined,
    list: (kind, query) => ask({ op: 'list', kind, query }),
    sweep: (after, limit) => ask({ op: 'sweep', after, limit }),
    put: (row, expected, replaces) =>
      ask(replaces === undefined ? { op: 'put', row, expected } : { op: 'put', row, expected, replaces }),
    remove: (kind, id, expected) => ask({ op: 'remove', kind, id, expected }),
    spend: (id, expiresAt) => ask({ op: 'spend', id, expiresAt }),
    async append(rows) {
      if (rows.length === 0) return
      if (unwritten + rows.length > queueLimit) {
        throw new SallyportError('SP_AUDIT_QUEUE_FULL', `${unwritten} records are waiting, the limit is ${queueLimit}.`)
      }
      await ask({ op: 'append', rows: rows.length === 1 ? (rows[0] as FlatRow) : rows.flat() }, rows.length)
    },
    readLog: (query) => ask({ op: 'readLog', query }),
    search,
    checkpoints: (name, limit) => ask({ op: 'checkpoints', stream: name, limit }),
    checkpoint: async () => (await ask({ op: 'checkpoint' })) ?? undefined,
    streams: () => ask({ op: 'streams' }),
    tile: async (name, level, index) => decodeTile(await ask({ op: 'tile', stream: name, level, index })),
    reap: (limits) => ask({ op: 'reap', limits }),
    settle: () => Promise.resolve(),
    onEvent(listener) {
      listeners.push(listener)
      for (const event of early.splice(0)) listener(event)
    },
    async close() {
      await search.close()
      if (dead) return
      while (sent.length > 0 || next.length > 0) await ask({ op: 'streams' }).catch(() => undefined)
      const gone = new Promise<void>((resolve) => {
        closed = resolve
      })
      worker.postMessage({ type: 'close', now: clock.now() } satisfies ToWriter)
      await gone
      die(new SallyportError('SP_STORE_UNAVAILABLE', 'The store is closed.'))
      await worker.terminate()
    },
  }
}

/** All records of a message travel as one operation, the first one; they are in one transaction anyway. */
function merged(items: readonly Waiting[]): readonly Op[] {
  const rows: (string | number)[] = []
  const ops: Op[] = [{ op: 'append', rows }]
  for (const { op } of items) {
    if (op.op === 'append') for (const column of op.rows) rows.push(column)
    else ops.push(op)
  }
  return ops
}

const fromFailure = ({ code, detail }: Failure): SallyportError =>
  new SallyportError(code in CODES ? (code as ErrorCode) : 'SP_STORE_UNAVAILABLE', detail)
