import type { Resolve } from './dial.ts'

/** How long an answer is used again, ms: the system's resolver says no time to live. */
const LIFE = 5_000
const MOST = 256

/** Asks for a name once in `LIFE`. Whether its addresses may be connected to is judged anew by whoever asks (T-117). */
export function remembering(resolve: Resolve): Resolve {
  const known = new Map<string, { readonly addresses: Promise<readonly string[]>; readonly at: number }>()
  return async (host) => {
    const last = known.get(host)
    if (last !== undefined && performance.now() - last.at < LIFE) return last.addresses
    const addresses = resolve(host)
    const asked = { addresses, at: performance.now() }
    known.delete(host)
    known.set(host, asked)
    const [oldest] = known.keys()
    if (known.size > MOST && oldest !== undefined) known.delete(oldest)
    // no answer is not kept
    const forget = (): void => void (known.get(host) === asked && known.delete(host))
    addresses.then((found) => found.length === 0 && forget(), forget)
    return addresses
  }
}
