import type { LogRecord } from '@sallyport/core'

export interface Answer {
  readonly resolution: 'approve' | 'deny'
  readonly ms: number
}

const MOST = 10_000

/** How long people take to answer. A question from before the start of this gateway has no time. */
export class Answers {
  readonly #asked = new Map<string, number>()

  /** @returns what a person answered, when this record says that one did */
  note(record: LogRecord): Answer | undefined {
    const id = record['approvalId']
    if (typeof id !== 'string') return undefined
    const at = Date.parse(record.timestamp)
    if (record.kind === 'approval.requested') {
      this.#asked.set(id, at)
      if (this.#asked.size > MOST) this.#asked.delete(this.#asked.keys().next().value ?? '')
    }
    if (record.kind !== 'approval.resolved') return undefined
    const { resolution } = record as { resolution?: unknown }
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    const isAnswer = (resolution === 'approve' || resolution === 'deny') && record['vote'] !== undefined
    return isAnswer && asked !== undefined ? { resolution, ms: Math.max(0, at - asked) } : undefined
  }
}
