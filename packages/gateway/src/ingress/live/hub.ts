import { LIVE_TOPICS, type LiveEvent, type LiveTopic, type PublishLive } from '../../boundary/ports-live.ts'

/** Somebody who watches. `push` never waits. */
export interface Watcher {
  readonly topics: ReadonlySet<LiveTopic>
  /** @param text the event as one JSON object, written once for all */
  push(text: string): void
}

/** Hands what changed to all who watch. It keeps nothing: who was not there, or was too slow, fetches everything anew. */
export class LiveHub {
  readonly #watchers = new Set<Watcher>()

  readonly publish: PublishLive = (event) => {
    if (!(LIVE_TOPICS as readonly string[]).includes(event.topic)) return
    let text: string | undefined
    for (const watcher of this.#watchers) {
      if (watcher.topics.has(event.topic)) watcher.push((text ??= write(event)))
    }
  }

  add(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  get size(): number {
    return this.#watchers.size
  }
}

const write = ({ topic, id, version, body }: LiveEvent): string =>
  JSON.stringify({ topic, id, ...(version === undefined ? {} : { version }), ...(body === undefined ? {} : { body }) })
