import { createHash, randomBytes } from 'node:crypto'
import type { Turn } from './model.ts'
import type { Limits } from './settings.ts'

/** One conversation. Nothing of it is shared with another one (FV-5). */
export interface Visitor<Link> {
  /** Given out once; whoever has it continues this conversation. */
  readonly token: string
  /** A connection to the gateway of its own. */
  readonly link: Link
  history: readonly Turn[]
  busy: boolean
}

/** Tokens that come back with time: `take` says whether there is one. */
class Bucket {
  readonly #perMinute: number
  #left: number
  #at: number

  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute
    this.#left = perMinute
    this.#at = now
  }

  take(now: number): boolean {
    this.#left = Math.min(this.#perMinute, this.#left + ((now - this.#at) * this.#perMinute) / 60_000)
    this.#at = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}

const TOKEN = /^[A-Za-z0-9_-]{22}$/
/** A conversation that nobody continues is forgotten, ms. */
const IDLE = 1_800_000

/**
 * Who is talking. A token is 128 random bits of this process: one that it did not give out opens nothing, and never names a new
 * conversation either.
 */
export class Visitors<Link extends { close(): Promise<void> }> {
  readonly #limits: Limits
  readonly #open: (session: string) => Link
  readonly #now: () => number
  readonly #known = new Map<string, { readonly visitor: Visitor<Link>; readonly bucket: Bucket; seen: number }>()
  readonly #arrivals: Bucket

  /** @param open connects to the gateway; `session` names the conversation there and is not its token */
  constructor(limits: Limits, open: (session: string) => Link, now: () => number) {
    this.#limits = limits
    this.#open = open
    this.#now = now
    this.#arrivals = new Bucket(limits.visitorsPerMinute, now())
  }

  /** The conversation of this token, or a new one without it. `unknown`: not one of ours. `busy`: too much of it, or of all. */
  find(token: string | undefined): Visitor<Link> | 'unknown' | 'busy' {
    const now = this.#now()
    this.#forget(now)
    if (token === undefined) return this.#arrivals.take(now) ? this.#begin(now) : 'busy'
    const known = TOKEN.test(token) ? this.#known.get(token) : undefined
    if (known === undefined) return 'unknown'
    this.#known.delete(token)
    this.#known.set(token, known)
    known.seen = now
    return known.visitor.busy || !known.bucket.take(now) ? 'busy' : known.visitor
  }

  /** What was said is remembered, the oldest forgotten. */
  remember(visitor: Visitor<Link>, message: string, reply: string): void {
    const said: readonly Turn[] = [
      { role: 'user', text: message },
      { role: 'assistant', text: reply, wanted: [] },
    ]
    visitor.history = [...visitor.history, ...said].slice(-2 * this.#limits.history)
  }

  get size(): number {
    return this.#known.size
  }

  async close(): Promise<void> {
    const all = [...this.#known.values()]
    this.#known.clear()
    await Promise.all(all.map(({ visitor }) => visitor.link.close()))
  }

  #begin(now: number): Visitor<Link> {
    const token = randomBytes(16).toString('base64url')
    const session = createHash('sha256').update(token).digest('hex').slice(0, 32)
    const visitor: Visitor<Link> = { token, link: this.#open(session), history: [], busy: false }
    const bucket = new Bucket(this.#limits.perMinute, now)
    bucket.take(now)
    this.#known.set(token, { visitor, bucket, seen: now })
    return visitor
  }

  /** Who was silent for long, and the longest silent where there are too many. */
  #forget(now: number): void {
    for (const [token, { visitor, seen }] of this.#known) {
      if (visitor.busy || (now - seen < IDLE && this.#known.size < this.#limits.visitors)) continue
      this.#known.delete(token)
      void visitor.link.close().catch(() => undefined)
    }
  }
}
