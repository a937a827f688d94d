import type { Approval } from '@sallyport/core'

const WATCH_QUEUE = 256

/** Turns the calls of a watcher into an async sequence with a bounded queue. */
export async function* follow(
  watchers: Set<(approval: Approval) => void>,
  signal: AbortSignal,
): AsyncIterable<Approval> {
  const queue: Approval[] = []
  let wake: () => void = () => undefined
  const watcher = (approval: Approval): void => {
    queue.push(approval)
    if (queue.length > WATCH_QUEUE) queue.shift()
    wake()
  }
  const stop = (): void => wake()
  watchers.add(watcher)
  signal.addEventListener('abort', stop, { once: true })
  try {
    while (!signal.aborted) {
      const next = queue.shift()
      if (next !== undefined) yield next
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    watchers.delete(watcher)
    signal.removeEventListener('abort', stop)
  }
}
