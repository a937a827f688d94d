import { CODES, SallyportError, type ErrorCode } from '@sallyport/core'
import type { Clock } from '../../boundary/ports.ts'
import { startWorker } from '../../worker.ts'
import { decodeTile } from '../log-stream.ts'
import type { Backend, BackendEvent, LogSettings } from '../backend.ts'
import type { StoreKeys } from '../ports.ts'
import type { Answers, Failure, FromWriter, Op, OpName, OpResult, ToWriter, WriterData } from './protocol.ts'

export interface SqliteSettings {
  readonly path: string
  readonly stream: string
  readonly log: LogSettings
  /** Records that may wait for the writer; more are refused with SP_AUDIT_QUEUE_FULL. */
  readonly queueLimit: number
}

interface Waiting {
  readonly op: Op
  readonly records: number
  resolve(value: unknown): void
  reject(error: SallyportError): void
}

/** At most this many records in one transaction, so that one batch never holds the others up for long. */
const BATCH_RECORDS = 1024
const BATCH_OPS = 1024

/**
 * SQLite behind one writer thread with group commit: what is asked for while a batch is being written makes up the next
 * batch; a lone caller waits for nobody. A thread that dies rejects everything, now and later.
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
  const worker = startWorker(import.meta.url, 'writer.worker', { workerData: data, name: 'sallyport-store' })
  const queue: Waiting[] = []
  const early: BackendEvent[] = []
  const listeners: ((event: BackendEvent) => void)[] = []
  const emit = (event: BackendEvent): void => {
    if (listeners.length === 0) early.push(event)
    for (const listener of listeners) listener(event)
  }
  let inFlight: Waiting[] = []
  let queued = 0
  let batchId = 0
  let scheduled = false
  let dead: SallyportError | undefined

  const flush = (): void => {
    scheduled = false
    if (inFlight.length > 0 || queue.length === 0 || dead) return
    let records = 0
    let count = 0
    for (const item of queue) {
      if (count > 0 && (count >= BATCH_OPS || records + item.records > BATCH_RECORDS)) break
      records += item.records
      count++
    }
    inFlight = queue.splice(0, count)
    queued -= records
    worker.postMessage({ type: 'batch', id: ++batchId, now: clock.now(), ops: merged(inFlight) } satisfies ToWriter)
  }

  const ask = <N extends OpName>(op: Op & { readonly op: N }, records = 0): Promise<Answers[N]> =>
    new Promise((resolve, reject) => {
      if (dead) return reject(dead)
      queue.push({ op, records, resolve: resolve as (value: unknown) => void, reject })
      queued += records
      if (scheduled || inFlight.length > 0) return undefined
      scheduled = true
      queueMicrotask(flush)
      return undefined
    })

  const die = (error: SallyportError): void => {
    dead ??= error
    const lost = [...inFlight, ...queue.splice(0)]
    inFlight = []
    queued = 0
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
          return settle(message.results)
      }
    })
  })
  const settle = (results: readonly OpResult[]): void => {
    const done = inFlight
    inFlight = []
    // The next batch is on its way before anybody hears about this one.
    flush()
    let next = 1
    done.forEach((item) => {
      const result = results[item.op.op === 'append' ? 0 : next++]
      if (result && 'value' in result) item.resolve(result.value)
      else item.reject(fromFailure(result?.error ?? { code: 'SP_INTERNAL', detail: 'The writer gave no answer.' }))
    })
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
      if (queued + rows.length > queueLimit) {
        throw new SallyportError('SP_AUDIT_QUEUE_FULL', `${queued} records are waiting, the limit is ${queueLimit}.`)
      }
      const parts: Promise<null>[] = []
      for (let at = 0; at < rows.length; at += BATCH_RECORDS) {
        const part = rows.slice(at, at + BATCH_RECORDS)
        parts.push(ask({ op: 'append', rows: part.flat() }, part.length))
      }
      await Promise.all(parts)
    },
    readLog: (query) => ask({ op: 'readLog', query }),
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
      if (dead) return
      while (inFlight.length > 0 || queue.length > 0) await ask({ op: 'streams' }).catch(() => undefined)
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

/** All records of a batch travel as one operation, the first one; they are in one transaction anyway. */
function merged(items: readonly Waiting[]): readonly Op[] {
  const rows = items.flatMap((item) => (item.op.op === 'append' ? item.op.rows : []))
  const others = items.flatMap((item) => (item.op.op === 'append' ? [] : [item.op]))
  return [{ op: 'append', rows }, ...others]
}

const fromFailure = ({ code, detail }: Failure): SallyportError =>
  new SallyportError(code in CODES ? (code as ErrorCode) : 'SP_STORE_UNAVAILABLE', detail)
