import { argsDigest } from './binding.ts'
import type { Caller, Clock, CrossingResult, IncomingCall } from './ports.ts'

const DAY = 86_400_000

interface Known {
  readonly digest: string
  readonly result: Promise<CrossingResult>
  readonly at: number
}

/** The durable name of "this keyed call was released", spent once in the store just before the release (`crossing.ts`). */
export const releaseName = (caller: Caller, call: IncomingCall): string =>
  `ran:${argsDigest(JSON.stringify([caller.principal.instance, call.server, call.tool, call.idempotencyKey]))}`

/**
 * Joins retries that carry an idempotency key to the call they repeat: same key and same arguments get the first answer;
 * other arguments are refused. `pending` and `denied` are not kept, so that a retry can go on from there. What a restart
 * forgets, the spent release name still stops from running twice.
 */
export class Idempotency {
  readonly #known = new Map<string, Known>()
  readonly #clock: Clock
  readonly #limit: number

  constructor(clock: Clock, limit = 10_000) {
    this.#clock = clock
    this.#limit = limit
  }

  async join(
    caller: Caller,
    call: IncomingCall,
    cross: () => Promise<CrossingResult>,
    refuse: (reason: string) => Promise<CrossingResult>,
  ): Promise<CrossingResult> {
    if (call.idempotencyKey === undefined) return cross()
    const name = releaseName(caller, call)
    const digest = argsDigest(call.argsText)
    const known = this.#known.get(name)
    if (known !== undefined) {
      return known.digest === digest ? known.result : refuse('The idempotency key was used with other arguments.')
    }
    const result = cross()
    this.#known.set(name, { digest, result, at: this.#clock.now() })
    this.#trim()
    const answer = await result
    if (answer.outcome === 'pending' || answer.outcome === 'denied') this.#known.delete(name)
    return answer
  }

  #trim(): void {
    const old = this.#clock.now() - DAY
    for (const [key, known] of this.#known) {
      if (this.#known.size <= this.#limit && known.at > old) return
      this.#known.delete(key)
    }
  }
}
