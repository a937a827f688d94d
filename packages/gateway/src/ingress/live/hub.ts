import { LIVE_TOPICS, type LiveEvent, type LiveTopic, type PublishLive } from '../../boundary/ports-live.ts'

/** After news, what comes within this time is told together, in ms: a busy gateway sends each reader ten frames a second. */
const TOGETHER_MS = 100
/** Events that are kept for one frame; beyond it everybody is told to fetch anew. */
const MOST_TOGETHER = 200

/** Somebody who watches. Neither method waits. */
export interface Watcher {
  readonly topics: ReadonlySet<LiveTopic>
  /** @param events a JSON array, written once for all who want the same */
  push(events: string): void
  /** Something was not told. */
  miss(): void
}

/** Hands what changed to all who watch. It keeps nothing longer than a frame: who was not there, or was too slow, fetches anew. */
export class LiveHub {
  readonly #watchers = new Set<Watcher>()
  #waiting = new Map<string, LiveEvent>()
  #timer: NodeJS.Timeout | undefined
  #count = 0

  /** The first event after a pause is told at once. */
  readonly publish: PublishLive = (event) => {
    if (this.#watchers.size === 0 || !(LIVE_TOPICS as readonly string[]).includes(event.topic)) return
    // that something changed is said once; what is told along with it, each time
    const key = event.body === undefined ? `${event.topic} ${event.id}` : `${++this.#count}`
    if (this.#waiting.size <= MOST_TOGETHER) this.#waiting.set(key, event)
    if (this.#timer === undefined) this.#flush()
  }

  add(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  get size(): number {
    return this.#watchers.size
  }

  #flush(): void {
    const events = [...this.#waiting.values()]
    this.#waiting = new Map()
    this.#timer = events.length === 0 ? undefined : setTimeout(() => this.#flush(), TOGETHER_MS).unref()
    if (events.length === 0) return
    const texts = new Map<string, string>()
    for (const watcher of this.#watchers) {
      if (events.length > MOST_TOGETHER) {
        watcher.miss()
        continue
      }
      const wanted = [...watcher.topics].join()
      let text = texts.get(wanted)
      if (text === undefined) {
        const told = events.filter(({ topic }) => watcher.topics.has(topic))
        texts.set(wanted, (text = told.length === 0 ? '' : JSON.stringify(told.map(shown))))
      }
      if (text !== '') watcher.push(text)
    }
  }
}

const shown = ({ topic, id, version, body }: LiveEvent): object => ({
  topic,
  id,
  ...(version === undefined ? {} : { version }),
  ...(body === undefined ? {} : { body }),
})
