import type { Label, WordsChannel } from '@sallyport/core'

/** One line of what happened to a session: what was read from where, and what that changed. */
export interface StoryEntry {
  /** ms since 1970. */
  readonly at: number
  readonly what: 'heard' | 'ran' | 'declared' | 'endorsed'
  readonly text: string
  /** Set where the label got worse. */
  readonly integrity?: number
  readonly confidentiality?: number
}

const KEPT = 500

/** The last events of an instance, for people. Nothing decides on it. */
export class Story {
  #entries: StoryEntry[] = []

  get entries(): readonly StoryEntry[] {
    return this.#entries
  }

  heard(at: number, channel: WordsChannel, length: number): void {
    this.#add({ at, what: 'heard', text: `${length} characters of the user, ${channel}` })
  }

  ran(at: number, tool: string, result: Label, before: Label, after: Label): void {
    const worse = after.integrity < before.integrity || after.confidentiality > before.confidentiality
    const text = `${tool} returned integrity ${result.integrity}, confidentiality ${result.confidentiality}`
    const { integrity, confidentiality } = after
    this.#add({ at, what: 'ran', text, ...(worse ? { integrity, confidentiality } : {}) })
  }

  declared(at: number, tools: readonly string[]): void {
    this.#add({ at, what: 'declared', text: tools.join(', ') })
  }

  endorsed(at: number, value: string): void {
    this.#add({ at, what: 'endorsed', text: value })
  }

  #add(entry: StoryEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length > KEPT) this.#entries = this.#entries.slice(-KEPT)
  }
}
