import { useSyncExternalStore } from 'react'
import { post, Problem } from './client.ts'

export type Topic =
  'approvals' | 'activity' | 'sessions' | 'alerts' | 'agents' | 'tools' | 'policy' | 'egress' | 'credentials' | 'health'
const TOPICS: readonly Topic[] = [
  'approvals',
  'activity',
  'sessions',
  'alerts',
  'agents',
  'tools',
  'policy',
  'egress',
  'credentials',
  'health',
]

/** Something changed at the gateway; `gap` means: fetch everything anew. */
export interface LiveEvent {
  readonly seq: number
  readonly topic: Topic | 'gap' | 'subscribed'
  readonly id: string
  readonly version?: number
  readonly body?: unknown
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

/** The one WebSocket of the page. It reconnects with growing pauses; after each return, listeners hear `gap`. */
class Live {
  #state: LiveState = { kind: 'connecting' }
  #socket: WebSocket | undefined
  #timer: number | undefined
  #tries = 0
  #last = 0
  #running = false
  readonly #watchers = new Set<() => void>()
  readonly #listeners = new Set<(event: LiveEvent) => void>()

  readonly state = (): LiveState => this.#state

  readonly watch = (changed: () => void): (() => void) => {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  /** Hears every event until the returned function is called. */
  listen(heard: (event: LiveEvent) => void): () => void {
    this.#listeners.add(heard)
    return () => this.#listeners.delete(heard)
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
    const again = this.#state.kind === 'offline'
    this.#tries = 0
    this.#last = 0
    socket.send(JSON.stringify({ subscribe: TOPICS }))
    this.#set({ kind: 'live' })
    if (again) this.#tell({ seq: 0, topic: 'gap', id: '' })
  }

  #received(text: string): void {
    const event = JSON.parse(text) as LiveEvent
    const missed = this.#last > 0 && event.seq > this.#last + 1
    if (event.seq > 0) this.#last = event.seq
    if (missed) this.#tell({ seq: event.seq, topic: 'gap', id: '' })
    this.#tell(event)
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

  #tell(event: LiveEvent): void {
    for (const heard of this.#listeners) heard(event)
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
