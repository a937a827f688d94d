import type { Approval, Json } from '@sallyport/core'

const QUEUE = 256
const TRIES = 6
const FIRST_RETRY_MS = 1000

export interface Outbox {
  notify(approval: Approval): void
  /** Messages that nobody got. */
  readonly dropped: number
  close(): void
}

/**
 * Tells a channel about requests. Bounded: when the receiver is down the oldest messages are dropped and `dropped` counts them; a
 * request that nobody hears of expires, which is a denial.
 */
export function createOutbox(deps: {
  /** What is said of a change; undefined: nothing. */
  readonly message: (approval: Approval) => Json | undefined
  /** False, or a throw: it did not arrive, and is tried again. */
  readonly send: (body: string) => Promise<boolean>
}): Outbox {
  const queue: { readonly body: string; tries: number }[] = []
  const stop = new AbortController()
  let running = false
  let dropped = 0

  async function drain(): Promise<void> {
    running = true
    for (let next = queue[0]; next !== undefined && !stop.signal.aborted; next = queue[0]) {
      const sent = await deps.send(next.body).catch(() => false)
      next.tries += 1
      if (sent || next.tries >= TRIES) {
        if (!sent) dropped += 1
        queue.splice(queue.indexOf(next), 1)
      } else await pause(FIRST_RETRY_MS * 2 ** (next.tries - 1), stop.signal)
    }
    running = false
  }

  return {
    notify(approval) {
      const message = deps.message(approval)
      if (message === undefined) return
      queue.push({ body: JSON.stringify(message), tries: 0 })
      if (queue.length > QUEUE) {
        queue.splice(1, 1)
        dropped += 1
      }
      if (!running) void drain()
    },
    get dropped() {
      return dropped
    },
    close: () => stop.abort(),
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    timer.unref()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
