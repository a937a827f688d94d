import { createHash } from 'node:crypto'
import type { Boundary, Clock } from '../../boundary/ports.ts'

export interface LoopRules {
  /** Calls in a row that repeat one pattern. */
  readonly calls: number
  /** ms: a silence that long ends a row. */
  readonly window: number
  /** ms for which the calls of a loop are refused. */
  readonly pause: number
}

interface Trail {
  /** The newest digests, as many as the longest pattern has. */
  readonly recent: string[]
  /** By length of the pattern: how many calls in a row were the same as the one that many before. */
  readonly runs: number[]
  at: number
  looping: ReadonlySet<string>
  until: number
}

/** The longest pattern that is looked for: more tools in turn than this are rather work than a loop. */
const LONGEST = 8
const INSTANCES = 10_000

/**
 * Agents that go round in circles: one call, or a few in turn over whatever tools, with exactly the same arguments again and
 * again. Only those calls are refused, for a while; anything else the agent does goes on (TM-IMPACT-002, T-156).
 */
export class Loops {
  readonly #trails = new Map<string, Trail>()
  readonly #clock: Clock
  readonly #rules: LoopRules

  constructor(clock: Clock, rules: LoopRules) {
    this.#clock = clock
    this.#rules = rules
  }

  /** Notes a call. Seconds to wait when it belongs to a loop; `isNew` when nobody was told of that one. */
  note(instance: string, call: string): { readonly retryAfterSeconds: number; readonly isNew: boolean } | undefined {
    const now = this.#clock.monotonic()
    const trail = this.#trail(instance, now)
    if (trail.until > now && trail.looping.has(call)) {
      return { retryAfterSeconds: Math.ceil((trail.until - now) / 1000), isNew: false }
    }
    const { recent, runs } = trail
    for (let length = 1; length <= LONGEST; length++) {
      const isSame = recent.length >= length && recent[recent.length - length] === call
      runs[length] = isSame ? (runs[length] ?? 0) + 1 : 0
    }
    recent.push(call)
    if (recent.length > LONGEST) recent.shift()
    trail.at = now
    // a pattern has to have come at least twice
    const length = runs.findIndex((run, of) => of > 0 && run >= of && run + of > this.#rules.calls)
    if (length < 1) return undefined
    trail.looping = new Set(recent.slice(-length))
    trail.until = now + this.#rules.pause
    runs.fill(0)
    return { retryAfterSeconds: Math.ceil(this.#rules.pause / 1000), isNew: true }
  }

  #trail(instance: string, now: number): Trail {
    const known = this.#trails.get(instance)
    const isOld = known !== undefined && known.until <= now && now - known.at > this.#rules.window
    const trail =
      known === undefined || isOld ? { recent: [], runs: [], at: now, looping: new Set<string>(), until: 0 } : known
    this.#trails.delete(instance)
    this.#trails.set(instance, trail)
    const oldest = this.#trails.size > INSTANCES ? this.#trails.keys().next().value : undefined
    if (oldest !== undefined) this.#trails.delete(oldest)
    return trail
  }
}

/** The boundary for agents that may run in circles: a call of a loop leaves a record and goes no further. */
export function breakLoops(boundary: Boundary, loops: Loops, tell: (agent: string, tool: string) => void): Boundary {
  return Object.freeze<Boundary>({
    refused: (caller, what) => boundary.refused(caller, what),
    report: (...report) => boundary.report(...report),
    visible: (caller, server) => boundary.visible(caller, server),
    async cross(caller, call) {
      const { principal, ingress } = caller
      const digest = createHash('sha256').update(`${call.server}\n${call.tool}\n${call.argsText}`).digest('base64')
      const loop = loops.note(principal.instance === '' ? principal.id : principal.instance, digest)
      if (loop === undefined) return boundary.cross(caller, call)
      if (loop.isNew) tell(principal.id, `${call.server}.${call.tool}`)
      const reason = `The same calls came again and again. Do something else; these go on in ${loop.retryAfterSeconds} seconds.`
      const auditId = await boundary.refused(caller, { code: 'SP_AUTHZ_LOOP', reason, ingress })
      return { outcome: 'denied', auditId, code: 'SP_AUTHZ_LOOP', reason }
    },
  })
}
