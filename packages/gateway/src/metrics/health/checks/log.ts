import { chainHash, Frontier, recordLeaf, toHex, verifyCheckpoint, type Head, type StoredRecord } from '@sallyport/core'
import { counted, fine, found, foundOr, unknown, type CheckResult, type HealthCheck } from '../check.ts'

interface LogToCheck {
  readonly stream: string
  readLog(query: {
    readonly stream: string
    readonly afterSeq: number
    readonly limit: number
  }): Promise<readonly StoredRecord[]>
  checkpoints(stream: string, limit: number): Promise<readonly { readonly note: string }[]>
}

export interface LogCheckDeps {
  readonly store: LogToCheck
  /** Raw Ed25519 key that signs heads, and the origin they must have. */
  readonly publicKey: Uint8Array
  readonly origin: string
  /** ms since 1970. */
  readonly now: () => number
  /** Records that one check looks at; the next goes on behind them. */
  readonly most?: number
}

const SLICE = 500
const MOST = 50_000
const AGAIN = 86_400_000

interface Walk {
  seq: number
  prev: string | undefined
  /** Absent where older records were pruned: their leaves are not read here, `log verify` does that. */
  tree: Frontier | undefined
  whole: boolean
  finishedAt: number
}

const fresh = (): Walk => ({ seq: 0, prev: undefined, tree: new Frontier(), whole: false, finishedAt: 0 })

/**
 * Follows this gateway's own log from its first record and compares it with the heads that were signed on the way (T-162, T-164).
 * A long log takes several checks; once a day all of it is read anew, so that what was edited behind it is found as well.
 */
export function logCheck(deps: LogCheckDeps): HealthCheck {
  const { store, publicKey, origin, now, most = MOST } = deps
  let walk = fresh()
  return {
    ...{ id: 'log', area: 'log', title: 'The log, from its first record' },
    async run() {
      if (walk.whole && now() - walk.finishedAt > AGAIN) walk = fresh()
      // the heads first: records that come meanwhile are behind them
      const notes = await store.checkpoints(store.stream, 200)
      const checked = notes.map(({ note }) => verifyCheckpoint(note, publicKey, origin))
      if (!checked.every(({ ok }) => ok)) return changed('A head is not signed with the key of this log.')
      const heads = checked.flatMap((one) => (one.ok ? [one.head] : [])).sort((a, b) => a.size - b.size)
      for (let looked = 0; looked < most;) {
        const records = await store.readLog({ stream: store.stream, afterSeq: walk.seq, limit: SLICE })
        if (walk.seq === 0 && (records[0]?.seq ?? 1) > 1)
          walk = { ...walk, seq: (records[0]?.seq ?? 1) - 1, tree: undefined }
        for (const record of records) {
          const fault = follow(walk, record, heads)
          if (fault !== undefined) {
            walk = fresh()
            return changed(fault)
          }
        }
        looked += records.length
        if (records.length < SLICE) return ended(walk, heads, now())
        await new Promise((resolve) => setImmediate(resolve))
      }
      return unknown(`${walk.seq.toLocaleString('en')} records are in order; the next check goes on behind them.`)
    },
  }
}

function follow(
  walk: Walk,
  { stream, seq, prev, body, hash }: StoredRecord,
  heads: readonly Head[],
): string | undefined {
  if (seq !== walk.seq + 1) return `Record ${walk.seq + 1} is not there.`
  if (walk.prev !== undefined && prev !== walk.prev) return `Record ${seq} does not follow the one before it.`
  if (chainHash(stream, seq, prev, body) !== hash) return `Record ${seq} differs from what was written.`
  walk.seq = seq
  walk.prev = hash
  walk.tree?.append(recordLeaf(hash))
  const head = walk.tree === undefined ? undefined : heads.find(({ size }) => size === seq)
  if (head !== undefined && walk.tree !== undefined && toHex(walk.tree.root()) !== head.root)
    return `The first ${seq} records are not those that were signed.`
  return undefined
}

function ended(walk: Walk, heads: readonly Head[], now: number): CheckResult {
  const newest = heads.at(-1)?.size ?? 0
  if (walk.seq < newest) return changed(`${newest} records were signed and ${walk.seq} are there: the end was cut off.`)
  walk.whole = true
  walk.finishedAt = now
  return fine('Log verified from the first record', walk.seq.toLocaleString('en'))
}

const changed = (why: string): CheckResult =>
  found({
    id: 'log.changed',
    severity: 'critical',
    title: 'The log is not what was written',
    why,
    next: 'sallyport log verify',
    page: '/log',
  })

/** Whether records can be written, and whether somebody elsewhere keeps heads of the log. */
export const logKeepingCheck = (
  facts: () => { readonly healthy: boolean; readonly exported: boolean },
): HealthCheck => ({
  ...{ id: 'log.keeping', area: 'log', title: 'Where the log is kept' },
  run: () => {
    const { healthy, exported } = facts()
    if (!healthy)
      return found({
        id: 'log.unwritten',
        severity: 'critical',
        title: 'Records cannot be written',
        why: 'What could not be written waits in memory, and calls are denied.',
        next: 'Look at the disk and at gateway.log',
      })
    return foundOr(
      exported
        ? []
        : [
            {
              id: 'log.heads',
              severity: 'low',
              title: 'Heads of the log are kept beside the log only',
              why: 'Whoever can write both can write another history that fits.',
              next: 'Set audit.checkpoint.export to a file elsewhere',
            },
          ],
      'Heads of the log are kept elsewhere',
    )
  },
})

const DAY = 86_400_000
/** Days after which a log that nobody read is worth a word, and after which it costs points. */
const NOTED = 7
const COSTS = 14

/** Whether anybody reads the log (HB-146). */
export const reviewCheck = (facts: () => { readonly reviewedAt: number; readonly now: number }): HealthCheck => ({
  ...{ id: 'log.review', area: 'log', title: 'Whether the log is read' },
  run: () => {
    const { reviewedAt, now } = facts()
    const days = Math.max(0, Math.floor((now - reviewedAt) / DAY))
    if (days < NOTED) return fine('Somebody reads the log', days === 0 ? 'today' : `${counted(days, 'day')} ago`)
    return found({
      id: 'log.unreviewed',
      severity: days < COSTS ? 'info' : 'low',
      title: `Log not reviewed for ${counted(days, 'day')}`,
      why: days < COSTS ? `From day ${COSTS} it counts as low.` : 'What nobody reads, nobody notices.',
      next: 'sallyport log query --decision denied',
      page: '/log',
    })
  },
})

/** Every entry of the table of routes, asked without a credential. */
export const routesCheck = (
  strangers: () => { readonly routes: number; readonly open: readonly string[] },
): HealthCheck => ({
  ...{ id: 'routes', area: 'network', title: 'What a stranger gets' },
  run: () => {
    const { routes, open } = strangers()
    if (open.length === 0) return fine('Every route refuses a stranger', counted(routes, 'route'))
    return found({
      id: 'network.routes',
      severity: 'critical',
      title: `${counted(open.length, 'route')} answers without a credential`,
      why: `${open.slice(0, 3).join(', ')}.`,
      next: 'Stop the gateway and report this',
    })
  },
})
