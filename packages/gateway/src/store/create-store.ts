import { SallyportError } from '@sallyport/core'
import type { Clock } from '../boundary/ports.ts'
import type { Backend, DocumentRow, FlatRow } from './backend.ts'
import { createVersionMemory } from './version-memory.ts'
import type { Change, Document, DocumentKind, Store } from './ports.ts'
import { proveRecord, type RecordProof } from './prove.ts'
import type { Seal } from './seal.ts'

export interface StoreSettings {
  /** How long log records stay, ms (AC E-61: 365 days unless configured). */
  readonly logRetentionMs: number
  readonly checkpointEveryMs: number
  readonly reapEveryMs: number
}

/** A store of our own making can also prove that a record is in it. */
export interface ProvingStore extends Store {
  /**
   * Signs a checkpoint first when there is something new. `key` is what the head is signed with, as C2SP tools take it: for
   * comparing, whoever wants proof brings the key along.
   * @throws SallyportError SP_AUDIT_UNKNOWN.
   */
  prove(stream: string, seq: number): Promise<RecordProof & { readonly key: string }>
  /** Called with what the store noticed and got over: a head that could not be exported, a connection that broke. */
  onTrouble(listener: (what: string) => void): void
  /** What a timer does every `reapEveryMs`: removes what has expired. */
  reap(): Promise<void>
}

const DAY_MS = 86_400_000
const SPENT_GRACE_MS = 3_600_000
const THIN_EVERY = 60
const SWEEP_PAGE = 500

/** What both databases share: seals, the memory of versions, watchers, timers. */
export function createStore(
  backend: Backend,
  seal: Seal,
  clock: Clock,
  settings: StoreSettings,
  keyOf: (stream: string) => string,
): ProvingStore {
  const watchers = new Set<(change: Change) => void>()
  const alarms = new Set<(row: Change) => void>()
  const troubles = new Set<(what: string) => void>()
  const reported = new Map<string, Change>()
  const memory = createVersionMemory()
  const spentHere = new Map<string, number>()

  const alarm = (change: Change, mark: string): void => {
    const key = `${change.kind}\n${change.id}\n${mark}`
    if (reported.has(key)) return
    reported.set(key, change)
    for (const listener of alarms) listener(change)
  }
  const notify = (change: Change): void => {
    for (const listener of watchers) listener(change)
  }

  /** The document, or why the row counts as absent: wrong MAC, or older than what this process has already seen. */
  const judge = (row: DocumentRow): Document | { readonly fault: string } => {
    const document = seal.open(row)
    if (!document) return { fault: row.mac }
    if (memory.isOlder(row.kind, row.id, row.version)) return { fault: `rollback ${row.version}` }
    memory.seen(row.kind, row.id, row.version)
    return document
  }
  const isFault = (judged: ReturnType<typeof judge>): judged is { readonly fault: string } => 'fault' in judged
  const believed = (row: DocumentRow, judged = judge(row)): Document | undefined => {
    if (!isFault(judged)) return judged
    alarm({ kind: row.kind as DocumentKind, id: row.id }, judged.fault)
    return undefined
  }

  backend.onEvent((event) => {
    if (event.kind === 'change') {
      if (!event.own) memory.forget(event.change.kind, event.change.id)
      notify(event.change)
    } else if (event.kind === 'resync') memory.clear()
    else if (event.kind === 'trouble') for (const listener of troubles) listener(event.what)
    else alarm({ kind: 'meta', id: event.id }, String(clock.now()))
  })

  let reaped = 0
  const reap = async (): Promise<void> => {
    const now = clock.now()
    for (const [id, expiresAt] of spentHere) if (expiresAt + SPENT_GRACE_MS < now) spentHere.delete(id)
    // Looking through all checkpoints takes a while, so it is done now and then.
    const thin = reaped++ % THIN_EVERY === 0
    const limits = {
      ...{ documents: now - DAY_MS, spent: now - SPENT_GRACE_MS, log: now - settings.logRetentionMs },
      checkpoints: thin ? now - DAY_MS : 0,
    }
    for (const change of await backend.reap(limits)) {
      memory.forget(change.kind, change.id)
      notify(change)
    }
  }

  const sweep = async (): Promise<void> => {
    let after: readonly [string, string] = ['', '']
    for (;;) {
      const rows = await backend.sweep(after, SWEEP_PAGE)
      for (const row of rows) believed(row)
      const last = rows.at(-1)
      if (!last || rows.length < SWEEP_PAGE) return
      after = [last.kind, last.id]
    }
  }

  const quietly = (work: () => Promise<unknown>) => (): void => void work().catch(() => undefined)
  const timers = [
    setInterval(
      quietly(() => backend.checkpoint()),
      settings.checkpointEveryMs,
    ),
    setInterval(quietly(reap), settings.reapEveryMs),
  ]
  for (const timer of timers) timer.unref()
  quietly(sweep)()

  const put = async (document: Omit<Document, 'version' | 'updatedAt'>, expected: number): Promise<boolean> => {
    if (!Number.isSafeInteger(expected) || expected < 0) throw new SallyportError('SP_INTERNAL', 'Not a version.')
    const row = seal.close({ ...document, version: expected + 1, updatedAt: clock.now() })
    let done = await backend.put(row, expected)
    if (!done && expected === 0) {
      // A row without a valid MAC counts as absent, so it does not keep a real one out either.
      const found = await backend.get(document.kind, document.id)
      if (found && !seal.open(found)) {
        alarm({ kind: document.kind, id: document.id }, found.mac)
        done = await backend.put(row, 0, found.mac)
      }
    }
    if (!done) return false
    memory.wrote(document.kind, document.id, row.version)
    if (backend.driver === 'sqlite') notify({ kind: document.kind, id: document.id })
    return true
  }

  /** Signed registry of streams: one that vanishes as a whole is still missed (T-162). */
  const register = async (): Promise<void> => {
    const id = `stream:${backend.stream}`
    if (await backend.get('meta', id)) return
    await put({ kind: 'meta', id, state: '', expiresAt: 0, body: { keep: true, stream: backend.stream } }, 0)
  }
  quietly(register)()

  return {
    driver: backend.driver,
    stream: backend.stream,
    async get(kind, id) {
      let row = await backend.get(kind, id)
      let judged = row && judge(row)
      if (judged ? isFault(judged) : memory.vanished(kind, id)) {
        // Another gateway may have removed it or made it anew just now.
        await backend.settle()
        row = await backend.get(kind, id)
        judged = row && judge(row)
      }
      if (row) return believed(row, judged)
      if (memory.vanished(kind, id)) alarm({ kind, id }, 'vanished')
      return undefined
    },
    async list(kind, query = {}) {
      let rows = await backend.list(kind, query)
      let judged = rows.map(judge)
      if (judged.some(isFault)) {
        await backend.settle()
        rows = await backend.list(kind, query)
        judged = rows.map(judge)
      }
      return rows.flatMap((row, at) => believed(row, judged[at]) ?? [])
    },
    put,
    async remove(kind, id, expected) {
      const done = await backend.remove(kind, id, expected)
      if (!done) return false
      memory.forget(kind, id)
      if (backend.driver === 'sqlite') notify({ kind, id })
      return true
    },
    async spend(id, expiresAt) {
      // Deleting the row does not make an id usable again while this process lives.
      if (spentHere.has(id)) return false
      spentHere.set(id, expiresAt)
      try {
        return await backend.spend(id, expiresAt)
      } catch (error) {
        spentHere.delete(id)
        throw error
      }
    },
    append: (rows) =>
      backend.append(
        rows.map((row): FlatRow => {
          const { body, ts, kind, auditId, session, agent, tool, decision } = row
          return [body, ts, kind, column(auditId), column(session), column(agent), column(tool), column(decision)]
        }),
      ),
    readLog: (query) => backend.readLog(query),
    search: backend.search,
    checkpoints: (stream, limit = 100) => backend.checkpoints(stream, limit),
    checkpoint: () => backend.checkpoint(),
    streams: () => backend.streams(),
    prove: async (stream, seq) => ({ ...(await proveRecord(backend, stream, seq)), key: keyOf(stream) }),
    reap,
    watch(listener) {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    onTampered(listener) {
      alarms.add(listener)
      for (const change of reported.values()) listener(change)
    },
    onTrouble(listener) {
      troubles.add(listener)
    },
    async close() {
      for (const timer of timers) clearInterval(timer)
      await backend.close()
    },
  }
}

const MAX_COLUMN = 256

/** Columns for queries hold what databases can index; the exact text stays in the body. */
function column(value: string): string {
  const text = value.length > MAX_COLUMN ? value.slice(0, MAX_COLUMN) : value
  return text.includes('\u0000') ? text.replaceAll('\u0000', '\ufffd') : text
}
