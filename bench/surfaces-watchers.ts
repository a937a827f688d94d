import { WebSocket, type RawData } from 'ws'
import type { Person } from './surfaces-people.ts'

/** What the console listens to on its first page, and on the page that shows every call. */
const APPROVALS_PAGE = ['approvals', 'alerts', 'agents', 'tools']
const ACTIVITY_PAGE = [...APPROVALS_PAGE, 'activity', 'sessions']
/** One in so many has the activity open. */
const ONE_IN = 10

interface Watching {
  readonly socket: WebSocket
  /** Approvals it was told of. */
  readonly ids: Set<string>
}

/** Live connections that count what they are told. */
export class Watchers {
  readonly #origin: string
  readonly #open: Watching[] = []
  #told = 0
  #behind = 0
  #closed = 0

  constructor(origin: string) {
    this.#origin = origin
  }

  /** Resolves when it is told what it asked for. */
  async open(person: Person): Promise<void> {
    const answer = await person.ask('POST', '/api/v1/live/ticket', {})
    if (answer.status !== 200) throw new Error(`a ticket: ${answer.status} ${answer.text}`)
    const { ticket } = JSON.parse(answer.text) as { readonly ticket: string }
    const { host, port } = new URL(this.#origin)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`, ['sallyport.live', ticket], {
      headers: { host, origin: this.#origin, cookie: person.cookie },
      perMessageDeflate: false,
    })
    const watching: Watching = { socket, ids: new Set() }
    const topics = this.#open.length % ONE_IN === 0 ? ACTIVITY_PAGE : APPROVALS_PAGE
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', () => socket.send(JSON.stringify({ subscribe: topics })))
      socket.once('message', () => resolve())
    })
    this.#open.push(watching)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#closed++)
    socket.on('message', (data) => this.#hear(watching, data))
  }

  /** @param ids approvals that everybody has to have heard of */
  count(ids: readonly string[]) {
    let lost = 0
    for (const { ids: heard } of this.#open) lost += ids.filter((id) => !heard.has(id)).length
    return { lost, told: this.#told, behind: this.#behind, closed: this.#closed }
  }

  close(): void {
    for (const { socket } of this.#open) socket.terminate()
  }

  #hear({ ids }: Watching, data: RawData): void {
    this.#told++
    const text = (data as Buffer).toString('latin1')
    if (text.includes('"topic":"gap"')) this.#behind++
    // others are not parsed: it is not this side that is measured
    if (!text.includes('"topic":"approvals"')) return
    const { events } = JSON.parse(text) as {
      readonly events: readonly { readonly topic: string; readonly id: string }[]
    }
    for (const { topic, id } of events) if (topic === 'approvals') ids.add(id)
  }
}
