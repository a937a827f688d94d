import type { Duplex, Transform } from 'node:stream'

/** Silence after which a tunnel is closed, ms. */
const IDLE_LIMIT = 600_000
/** What is on its way when one side is gone may still arrive, ms. */
const LINGER = 2_000

/**
 * Joins two connections: each may say all it has to say and still listen, and neither outlives a loss of the other.
 * @param joined `looked`: what goes to the client passes through it; when it finds fault, both are closed. `passed` is told of all that
 *   goes either way, and of the end
 */
export function splice(
  client: Duplex,
  upstream: Duplex & { setTimeout(ms: number, then: () => void): unknown },
  {
    looked,
    passed,
  }: { readonly looked?: Transform | undefined; readonly passed?: ((isOver?: boolean) => void) | undefined } = {},
): void {
  upstream.setTimeout(IDLE_LIMIT, () => upstream.destroy())
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on('error', () => from.destroy())
    if (passed !== undefined) from.on('data', () => passed())
    // what was read is still written: only an end that nobody announced is one for both
    from.once('close', () => {
      if (!from.readableEnded) to.destroy()
      else if (!to.destroyed) setTimeout(() => to.destroy(), LINGER).unref()
    })
    if (from === upstream && looked !== undefined) from.pipe(looked).pipe(to)
    else from.pipe(to)
  }
  if (passed !== undefined) upstream.once('close', () => passed(true))
  looked?.once('error', () => upstream.destroy())
}
