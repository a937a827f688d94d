import { SallyportError } from '@sallyport/core'

/**
 * Lets something run until a time or until nobody waits for it. What is told to stop and does not is no longer waited for.
 * @throws SallyportError SP_MCP_UPSTREAM_TIMEOUT, or what `signal` is aborted with
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController()
  const late = new SallyportError('SP_MCP_UPSTREAM_TIMEOUT', `It took longer than ${ms / 1000} seconds.`)
  const timer = setTimeout(() => own.abort(late), ms)
  const both = AbortSignal.any([signal, own.signal])
  try {
    const stopped = new Promise<never>((_, reject) => {
      both.addEventListener('abort', () => reject(both.reason as Error), { once: true })
    })
    both.throwIfAborted()
    return await Promise.race([act(both), stopped])
  } finally {
    clearTimeout(timer)
    // ends what still runs
    own.abort(late)
  }
}
