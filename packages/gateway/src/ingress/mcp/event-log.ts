/** One server-sent event of one stream, already inspected: what resumption replays is what was sent (T-071). */
interface Kept {
  readonly id: string
  readonly stream: number
  readonly seq: number
  readonly text: string
}

const MAX_EVENTS = 512
const MAX_LENGTH = 2 * 1024 * 1024

/** Events of one session, oldest forgotten first. Ids are meaningless in any other session. */
export class EventLog {
  private readonly prefix: string
  private kept: Kept[] = []
  private length = 0
  private streams = 0

  /** @param prefix unguessable, so that an id of this log fits no other */
  constructor(prefix: string) {
    this.prefix = prefix
  }

  newStream(): number {
    return ++this.streams
  }

  /** Keeps a message and gives the id it is sent under. */
  add(stream: number, seq: number, text: string): string {
    const id = `${this.prefix}.${stream}.${seq}`
    this.kept.push({ id, stream, seq, text })
    this.length += text.length
    while (this.kept.length > MAX_EVENTS || this.length > MAX_LENGTH) {
      const oldest = this.kept.shift()
      if (oldest === undefined) break
      this.length -= oldest.text.length
    }
    return id
  }

  /** Events of the same stream after `id`; undefined for an id that this log never gave. */
  after(id: string): { readonly stream: number; readonly events: readonly Kept[] } | undefined {
    const parts = /^(.+)\.(\d+)\.(\d+)$/.exec(id)
    if (parts?.[1] !== this.prefix) return undefined
    const stream = Number(parts[2])
    const seq = Number(parts[3])
    if (stream > this.streams) return undefined
    return { stream, events: this.kept.filter((one) => one.stream === stream && one.seq > seq) }
  }
}
