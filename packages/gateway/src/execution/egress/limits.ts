import type { Socket } from 'node:net'
import { hostMatches, type EgressTarget, type HostRule } from '@sallyport/core'
import { WindowCount } from './window.ts'

/** What may leave in a while: by one agent or server, to one host, or in all. */
export interface EgressLimit {
  /** As it is told: `agent coder`, `host *.example.com`, `all`. */
  readonly name: string
  /** Of this one alone; `*`: of each alone. */
  readonly holder?: string
  readonly host?: HostRule
  /** Length of a window, ms. */
  readonly window: number
  /** In any window. */
  readonly requests?: number | undefined
  /** In any window, both ways, as they go over the connection to the host. */
  readonly bytes?: number | undefined
  /** Longest that one request or tunnel may take, ms. */
  readonly longest?: number | undefined
}

export interface Over {
  readonly reason: 'limit_requests' | 'limit_bytes' | 'limit_time'
  /** Name of the limit. */
  readonly rule: string
}
export type Admitted =
  { readonly ok: true; readonly meter?: Meter } | ({ readonly ok: false; readonly retryAfterSeconds: number } & Over)

/** Watches one request or tunnel that was let through. */
export interface Meter {
  /**
   * From now on its bytes and its time count; when they are too much the connection is cut and `told` called.
   * @returns to be called when bytes went over it, and with true at its end
   */
  readonly watch: (socket: Socket, told: (over: Over) => void) => (isOver?: boolean) => void
}

interface Counted {
  readonly limit: EgressLimit
  readonly requests: WindowCount
  readonly bytes: WindowCount
}

/**
 * Counts requests and bytes of everyone with a way out of this process. All limits that fit a request are asked before any counts it, in
 * one turn: requests at the same time do not get past them together (HB-89).
 */
export class EgressLimits {
  readonly #limits: () => readonly EgressLimit[]
  readonly #now: () => number
  readonly #counts = new Map<string, Omit<Counted, 'limit'>>()

  /**
   * @param limits those now in force
   * @param now ms of a clock that never goes back
   */
  constructor(limits: () => readonly EgressLimit[], now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** Counts one more request or tunnel, or says which limit it would go over. */
  admit(holder: string, { host, port }: EgressTarget): Admitted {
    const fitting = this.#limits()
      .filter(
        (limit) =>
          (limit.holder === undefined || limit.holder === '*' || limit.holder === holder) &&
          (limit.host === undefined || hostMatches(limit.host, host, port)),
      )
      .map((limit) => ({ limit, ...this.#countOf(limit, holder) }))
    if (fitting.length === 0) return { ok: true }
    const now = this.#now()
    for (const each of fitting) {
      const { name: rule, requests = Infinity, bytes = Infinity } = each.limit
      for (const [count, most, reason] of [
        [each.requests, requests, 'limit_requests'],
        [each.bytes, bytes, 'limit_bytes'],
      ] as const) {
        const wait = count.wait(most, now)
        if (wait > 0) return { ok: false, reason, rule, retryAfterSeconds: Math.max(1, Math.ceil(wait / 1_000)) }
      }
    }
    for (const count of new Set(fitting.map(({ requests }) => requests))) count.add(1, now)
    return { ok: true, meter: { watch: (socket, told) => watch(fitting, socket, told, this.#now) } }
  }

  /** Limits of the same name and window count together, whichever file they are in. */
  #countOf({ name, holder: of, window }: EgressLimit, holder: string): Omit<Counted, 'limit'> {
    const key = `${window} ${name} ${of === '*' ? holder : ''}`
    const known = this.#counts.get(key) ?? { requests: new WindowCount(window), bytes: new WindowCount(window) }
    this.#counts.set(key, known)
    return known
  }
}

function watch(
  counted: readonly Counted[],
  socket: Socket,
  told: (over: Over) => void,
  now: () => number,
): (isOver?: boolean) => void {
  const bytes = new Set(counted.map((each) => each.bytes))
  const through = (): number => socket.bytesRead + socket.bytesWritten
  let [seen, isCut] = [through(), false]
  const cut = (over: Over): void => {
    if (isCut) return
    isCut = true
    told(over)
    socket.destroy()
  }
  const [first] = counted
    .map(({ limit }) => limit)
    .filter(({ longest }) => longest !== undefined)
    .toSorted((a, b) => (a.longest ?? 0) - (b.longest ?? 0))
  const late =
    first === undefined
      ? undefined
      : setTimeout(() => cut({ reason: 'limit_time', rule: first.name }), first.longest).unref()
  return (isOver = false) => {
    if (isOver) clearTimeout(late)
    const [more, at] = [through() - seen, now()]
    seen += more
    for (const each of more > 0 ? bytes : []) each.add(more, at)
    if (isOver) return
    const over = counted.find((each) => each.bytes.count(at) > (each.limit.bytes ?? Infinity))
    if (over !== undefined) cut({ reason: 'limit_bytes', rule: over.limit.name })
  }
}
