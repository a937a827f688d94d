import { useEffect, useSyncExternalStore } from 'react'
import { post, Problem } from './client.ts'

export type Topic =
  'approvals' | 'activity' | 'sessions' | 'alerts' | 'agents' | 'tools' | 'policy' | 'egress' | 'credentials' | 'health'

/** Something changed at the gateway. */
interface LiveEvent {
  readonly topic: Topic
  readonly id: string
  readonly version?: number
  readonly body?: unknown
}

/** What came at once. */
interface LiveNews {
  readonly events: readonly LiveEvent[]
  /** Topics of which everything must be fetched again: events were missed, or none were told before. */
  readonly anew: readonly Topic[]
}

/** What the gateway sends; `subscribed` and `gap` come without events. */
interface Frame {
  readonly seq: number
  readonly events?: readonly LiveEvent[]
  readonly topic?: 'gap' | 'subscribed'
  readonly topics?: readonly Topic[]
}

export type LiveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `since` in ms since 1970 by the browser's clock. */
  | { readonly kind: 'offline'; readonly since: number }
  | { readonly kind: 'ended'; readonly why: 'idle' | 'absolute' | 'revoked' }

const ENDED = new Map([
  [4001, 'idle'],
  [4002, 'absolute'],
  [4003, 'revoked'],
] as const)
/** The ticket travels beside it, in a header that no log keeps. */
const PROTOCOL = 'sallyport.live'
const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000
/** A page that changes asks once for all its parts. */
const SETTLED_MS = 50

/**
 * The one WebSocket of the page. It reconnects with growing pauses, and asks for the topics that something on the page shows.
 */
class Live {
  #state: LiveState = { kind: 'connecting' }
  #socket: WebSocket | undefined
  #timer: number | undefined
  #tries = 0
  #last = 0
  #running = false
  #settling: number | undefined
  /** Topics that this connection tells of already. */
  #told: ReadonlySet<Topic> = new Set()
  /** What is shown, by how many parts. */
  readonly #wanted = new Map<Topic, number>()
  readonly #watchers = new Set<() => void>()
  readonly #listeners = new Set<(news: LiveNews) => void>()

  readonly state = (): LiveState => this.#state

  readonly watch = (changed: () => void): (() => void) => {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  /** Hears what comes until the returned function is called. */
  listen(heard: (news: LiveNews) => void): () => void {
    this.#listeners.add(heard)
    return () => this.#listeners.delete(heard)
  }

  /** Asks to be told of these topics until the returned function is called. */
  want(topics: readonly Topic[]): () => void {
    this.#count(topics, 1)
    return () => this.#count(topics, -1)
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#set({ kind: 'connecting' })
    void this.#connect()
  }

  stop(): void {
    this.#running = false
    window.clearTimeout(this.#timer)
    this.#socket?.close()
    this.#socket = undefined
  }

  /** The session is over, however it was noticed: no more reconnecting. */
  end(why: 'idle' | 'absolute' | 'revoked'): void {
    this.stop()
    this.#set({ kind: 'ended', why })
  }

  async #connect(): Promise<void> {
    try {
      const { ticket } = await post<{ ticket: string }>('/api/v1/live/ticket')
      if (!this.#running) return
      const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/v1/live`, [PROTOCOL, ticket])
      this.#socket = socket
      socket.addEventListener('open', () => this.#opened(socket))
      socket.addEventListener('message', ({ data }) => this.#received(String(data)))
      socket.addEventListener('close', ({ code }) => this.#closed(socket, code))
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.status === 401) this.end('revoked')
      else this.#retry()
    }
  }

  #opened(socket: WebSocket): void {
    this.#tries = 0
    this.#last = 0
    this.#told = new Set()
    this.#subscribe(socket)
    this.#set({ kind: 'live' })
  }

  #count(topics: readonly Topic[], by: 1 | -1): void {
    for (const topic of topics) {
      const left = (this.#wanted.get(topic) ?? 0) + by
      if (left > 0) this.#wanted.set(topic, left)
      else this.#wanted.delete(topic)
    }
    window.clearTimeout(this.#settling)
    this.#settling = window.setTimeout(() => {
      const isAsked = [...this.#wanted.keys()].every((topic) => this.#told.has(topic))
      const socket = this.#socket
      if (socket?.readyState === WebSocket.OPEN && !(isAsked && this.#told.size === this.#wanted.size))
        this.#subscribe(socket)
    }, SETTLED_MS)
  }

  #subscribe(socket: WebSocket): void {
    socket.send(JSON.stringify({ subscribe: [...this.#wanted.keys()] }))
  }

  #received(text: string): void {
    const { seq, events = [], topic, topics = [] } = JSON.parse(text) as Frame
    const isGap = topic === 'gap' || seq !== this.#last + 1
    this.#last = seq
    const before = this.#told
    if (topic === 'subscribed') this.#told = new Set(topics)
    const anew = [...this.#told].filter((one) => isGap || !before.has(one))
    for (const heard of this.#listeners) heard({ events, anew })
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return
    this.#socket = undefined
    const why = ENDED.get(code as 4001)
    if (why === undefined) this.#retry()
    else this.end(why)
  }

  #retry(): void {
    if (!this.#running) return
    if (this.#state.kind !== 'offline') this.#set({ kind: 'offline', since: Date.now() })
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++)
    this.#timer = window.setTimeout(() => void this.#connect(), wait * (0.5 + Math.random() / 2))
  }

  #set(state: LiveState): void {
    this.#state = state
    for (const changed of this.#watchers) changed()
  }
}

/** One page has one connection: it stands for the tab, not for a component. */
export const live = new Live()

/** State of the connection; parts that decide ask `kind === 'live'`. */
export const useLive = (): LiveState => useSyncExternalStore(live.watch, live.state)

/** Asks to be told of these topics while the component is there. */
export function useTopics(topics: readonly Topic[]): void {
  const names = topics.join(' ')
  useEffect(() => (names === '' ? undefined : live.want(names.split(' ') as Topic[])), [names])
}
