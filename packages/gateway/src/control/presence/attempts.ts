import { isJsonObject, type JsonObject } from '@sallyport/core'
import { pass, refuse, type Clock, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { pauseAfter } from '../identity/pause.ts'

/** What is counted, and when enough is enough. */
export interface AttemptRules {
  /** Begins the ids of the counters. */
  readonly name: string
  /** Failures before the first pause, and before what is guessed at is off; Infinity = never. */
  readonly mostFailures: number
  readonly offAfter: number
  /** A verifier nobody opened is off; without this it is one like any other, so that nobody learns what exists. */
  readonly mustBeOpened: boolean
}

/** Of a PIN (threat-model §3.5). */
const PIN_RULES: AttemptRules = { name: 'presence', mostFailures: 5, offAfter: 10, mustBeOpened: true }
/** Attempts that may wait for their turn; more are refused without being counted or evaluated. */
const QUEUE = 64
const SOURCE_MEMORY_MS = 24 * 3_600_000

export interface Attempts {
  /** Makes the counter of a new verifier. Without it the verifier is off. */
  open(verifier: string): Promise<void>
  /**
   * Counts one failure for the verifier and for the source, durably, BEFORE `check` runs (T-017); a check that says true
   * takes both counters back to zero. A refusal means that `check` did not run. One at a time in this process, so that
   * several right answers at once are not counted as failures.
   */
  attempt(verifier: string, source: string, check: () => Promise<boolean>): Promise<Verdict<boolean>>
  /** For status: failures and when the next attempt may come, ms since 1970; `off` after too many. */
  look(verifier: string): Promise<Counter>
}

interface Counter {
  readonly failures: number
  readonly pausedUntil: number
  readonly off: boolean
}

const FRESH: Counter = { failures: 0, pausedUntil: 0, off: false }
const OFF: Counter = { failures: Number.MAX_SAFE_INTEGER, pausedUntil: 0, off: true }

export function createAttempts(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { name, mostFailures, offAfter, mustBeOpened }: AttemptRules = PIN_RULES,
): Attempts {
  const MISSING = mustBeOpened ? OFF : FRESH
  const verifierId = (verifier: string): string => `${name}.verifier:${verifier}`
  const sourceId = (source: string): string => `${name}.source:${source.slice(0, 128)}`
  const keptUntil = (): number => (mustBeOpened ? 0 : clock.now() + SOURCE_MEMORY_MS)
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const read = async (id: string, missing: Counter): Promise<{ version: number; counter: Counter }> => {
    const document = await store.get('meta', id)
    return { version: document?.version ?? 0, counter: document === undefined ? missing : counterOf(document.body) }
  }
  const write = (id: string, counter: Counter, version: number, expiresAt: number): Promise<boolean> =>
    store.put({ kind: 'meta', id, state: '', expiresAt, body: { ...counter, keep: expiresAt === 0 } }, version)

  /** Adds one failure by compare-and-set, unless the counter says stop. */
  async function count(id: string, missing: Counter, mayTurnOff: boolean): Promise<Verdict<null>> {
    for (let tries = 0; tries < 20; tries++) {
      const { version, counter } = await read(id, missing)
      const now = clock.now()
      if (counter.off) return refuse('SP_AUTHN_LOCKED', 'This PIN is off after too many wrong attempts.')
      if (counter.pausedUntil > now) {
        return refuse('SP_AUTHN_LOCKED', `Next attempt in ${Math.ceil((counter.pausedUntil - now) / 1000)} s.`)
      }
      const failures = counter.failures + 1
      const pause = failures < mostFailures ? 0 : pauseAfter(failures - mostFailures)
      const next = { failures, pausedUntil: pause === 0 ? 0 : now + pause, off: mayTurnOff && failures >= offAfter }
      if (await write(id, next, version, mayTurnOff ? keptUntil() : now + SOURCE_MEMORY_MS)) return pass(null)
    }
    return refuse('SP_AUTHN_LOCKED', 'Too many attempts at once.')
  }

  async function reset(id: string, expiresAt: number): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      const { version } = await read(id, FRESH)
      if (await write(id, FRESH, version, expiresAt)) return
    }
  }

  async function attemptNow(
    verifier: string,
    source: string,
    check: () => Promise<boolean>,
  ): Promise<Verdict<boolean>> {
    const bySource = await count(sourceId(source), FRESH, false)
    if (!bySource.ok) return bySource
    const byVerifier = await count(verifierId(verifier), MISSING, true)
    if (!byVerifier.ok) return byVerifier
    const right = await check()
    if (right) {
      await reset(verifierId(verifier), keptUntil())
      await reset(sourceId(source), clock.now() + SOURCE_MEMORY_MS)
    }
    return pass(right)
  }

  return {
    async open(verifier) {
      const { version } = await read(verifierId(verifier), FRESH)
      await write(verifierId(verifier), FRESH, version, 0)
    },
    async attempt(verifier, source, check) {
      if (waiting >= QUEUE) return refuse('SP_AUTHN_LOCKED', 'Too many attempts at once.')
      waiting += 1
      const mine = turn.then(() => attemptNow(verifier, source, check))
      turn = mine.catch(() => undefined)
      try {
        return await mine
      } finally {
        waiting -= 1
      }
    },
    look: async (verifier) => (await read(verifierId(verifier), MISSING)).counter,
  }
}

function counterOf(body: JsonObject): Counter {
  const { failures, pausedUntil, off } = isJsonObject(body) ? body : {}
  if (typeof failures !== 'number' || typeof pausedUntil !== 'number' || typeof off !== 'boolean') return OFF
  return { failures, pausedUntil, off }
}
