import { isOpen, type Approval, type ApprovalState } from '@sallyport/core'

interface Entry {
  readonly instance: string
  readonly callDigest: string
  readonly state: ApprovalState
  readonly expiresAt: number
}

/**
 * What this process knows of open requests: for caps, joining and expiry. It decides nothing; the store is asked again
 * before anything changes.
 */
export class OpenRequests {
  readonly #entries = new Map<string, Entry>()
  readonly #waiters = new Map<string, Set<() => void>>()

  /** Takes over a state and wakes everybody who waits for this request. */
  note({ request, state }: Approval): void {
    const { id, callDigest, expiresAt, binding } = request
    if (isOpen(state)) this.#entries.set(id, { instance: binding.instance, callDigest, state, expiresAt })
    else this.#entries.delete(id)
    this.wake(id)
  }

  forget(id: string): void {
    this.#entries.delete(id)
    this.wake(id)
  }

  wake(id: string): void {
    for (const waiter of [...(this.#waiters.get(id) ?? [])]) waiter()
  }

  /** Requests of an instance that still need a human. */
  pending(instance: string): number {
    let count = 0
    for (const entry of this.#entries.values())
      if (entry.instance === instance && entry.state !== 'approved') count += 1
    return count
  }

  hasCall(callDigest: string): boolean {
    for (const entry of this.#entries.values()) if (entry.callDigest === callDigest) return true
    return false
  }

  /** Ids of the requests of an instance. */
  of(instance: string): readonly string[] {
    return [...this.#entries].filter(([, entry]) => entry.instance === instance).map(([id]) => id)
  }

  /** Ids whose time has come at `now`. */
  due(now: number): readonly string[] {
    return [...this.#entries].filter(([, entry]) => now >= entry.expiresAt).map(([id]) => id)
  }

  /** Resolves at the next change of the request, after `ms`, or when the signal aborts. */
  changed(id: string, ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const set = this.#waiters.get(id) ?? new Set()
      this.#waiters.set(id, set)
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        set.delete(done)
        if (set.size === 0) this.#waiters.delete(id)
        resolve()
      }
      const timer = setTimeout(done, Math.min(ms, 2_147_483_647))
      signal?.addEventListener('abort', done, { once: true })
      set.add(done)
    })
  }
}
