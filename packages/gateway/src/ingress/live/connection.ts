import { isJsonObject, parseJson } from '@sallyport/core'
import type { WebSocket } from 'ws'
import { LIVE_TOPICS, type LiveTopic } from '../../boundary/ports-live.ts'
import type { SessionEnd } from '../api/ports.ts'
import type { Watcher } from './hub.ts'

/** Frames of a reader that are not written yet, in bytes; beyond it events are dropped and it is told to fetch anew. */
const MOST_WAITING = 256 * 1024

export interface LiveConnectionOptions {
  readonly socket: WebSocket
  /** Asks again who this is; a code when it is nobody any more (E-27). */
  readonly check: () => SessionEnd | undefined
  /** Takes one message from the budget of this person. */
  readonly mayTalk: () => boolean
  readonly now: () => number
  readonly pingMs: number
  readonly recheckMs: number
}

/** How a connection ended, for its record (AC-2.5.5). Times in ms. */
export interface LiveEnd {
  readonly code: number
  readonly reason: string
  readonly duration: number
  /** When the person last said something on it; its start when never. */
  readonly lastActivity: number
}

/** Why a connection ends that is not the other side's wish. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [1001, 'shutdown'],
  [1003, 'binary'],
  [1008, 'policy'],
  [1009, 'too-large'],
  [1011, 'silent'],
  [4001, 'idle'],
  [4002, 'absolute'],
  [4003, 'revoked'],
])

/** One browser that watches. The only thing it can say is what it wants to be told of. */
export class LiveConnection implements Watcher {
  topics: ReadonlySet<LiveTopic> = new Set()
  readonly #options: LiveConnectionOptions
  readonly #since: number
  #lastActivity: number
  #seq = 0
  #isBehind = false
  #isHeard = true
  #closed: number | undefined

  constructor(options: LiveConnectionOptions, ended: (end: LiveEnd) => void) {
    const { socket, now, pingMs, recheckMs } = options
    this.#options = options
    this.#since = now()
    this.#lastActivity = this.#since
    const ping = setInterval(() => this.#ping(), pingMs)
    const recheck = setInterval(() => this.#recheck(), recheckMs)
    socket.on('pong', () => (this.#isHeard = true))
    socket.on('message', (data, isBinary) => this.#message(data as Buffer, isBinary))
    // an oversized or malformed frame; the library closes with its code
    socket.on('error', () => undefined)
    socket.once('close', (code) => {
      clearInterval(ping)
      clearInterval(recheck)
      const shown = this.#closed ?? code
      ended({
        code: shown,
        reason: REASONS.get(shown) ?? 'closed',
        duration: now() - this.#since,
        lastActivity: this.#lastActivity,
      })
    })
  }

  push(events: string): void {
    const { socket } = this.#options
    if (socket.readyState !== socket.OPEN || this.#isBehind) return
    if (socket.bufferedAmount > MOST_WAITING) this.#isBehind = true
    else this.#send(`"events":${events}`)
  }

  miss(): void {
    const { socket } = this.#options
    if (socket.readyState === socket.OPEN && !this.#isBehind) this.#send('"topic":"gap"')
  }

  /** Ends it from our side; a reader that does not answer is cut. */
  close(code: number): void {
    const { socket } = this.#options
    this.#closed ??= code
    socket.close(code, REASONS.get(code))
    setTimeout(() => socket.terminate(), CUT_AFTER).unref()
  }

  /** @param members of the frame, as JSON */
  #send(members: string): void {
    this.#options.socket.send(`{"seq":${++this.#seq},${members}}`, () => this.#drained())
  }

  /** A reader that was too slow has read what was waiting: it is told that it missed something. */
  #drained(): void {
    const { socket } = this.#options
    if (!this.#isBehind || socket.bufferedAmount > 0 || socket.readyState !== socket.OPEN) return
    this.#isBehind = false
    this.#send('"topic":"gap"')
  }

  #ping(): void {
    if (!this.#isHeard) {
      this.#closed ??= 1011
      this.#options.socket.terminate()
      return
    }
    this.#isHeard = false
    this.#options.socket.ping()
  }

  #recheck(): boolean {
    const code = this.#options.check()
    if (code !== undefined) this.close(code)
    return code === undefined
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (this.#closed !== undefined || !this.#recheck()) return
    if (isBinary) return this.close(1003)
    const topics = this.#options.mayTalk() ? readTopics(data) : undefined
    if (topics === undefined) return this.close(1008)
    this.#lastActivity = this.#options.now()
    this.topics = topics
    this.#send(`"topic":"subscribed","topics":${JSON.stringify([...topics])}`)
  }
}

const CUT_AFTER = 1_000

/** `{"subscribe": [...]}` and nothing else. */
function readTopics(data: Buffer): ReadonlySet<LiveTopic> | undefined {
  try {
    const said = parseJson(data.toString('utf8'), { maxLength: 4096, maxDepth: 3 })
    if (!isJsonObject(said) || Object.keys(said).length !== 1) return undefined
    const { subscribe } = said
    const known = LIVE_TOPICS as readonly unknown[]
    if (!Array.isArray(subscribe) || !subscribe.every((topic) => known.includes(topic))) return undefined
    return new Set(subscribe as LiveTopic[])
  } catch {
    return undefined
  }
}
