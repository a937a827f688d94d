import { CLEAN, type Label, type LeafOrigin, type Origin, type WordsChannel } from '@sallyport/core'

/** One line of what happened to a session: what was read from where, and what that changed. */
export interface StoryEntry {
  /** ms since 1970. */
  readonly at: number
  readonly what: 'heard' | 'ran' | 'held' | 'declared' | 'endorsed'
  readonly text: string
  /** Set where the label got worse. */
  readonly integrity?: number
  readonly confidentiality?: number
}

const DOUBTFUL: ReadonlySet<Origin> = new Set<Origin>(['untrusted', 'ambiguous', 'record'])
const KEPT = 500

/** The last events of an instance, for people. Nothing decides on it. */
export class Story {
  #entries: StoryEntry[] = []
  #last: Label = CLEAN

  get entries(): readonly StoryEntry[] {
    return this.#entries
  }

  heard(at: number, channel: WordsChannel, length: number): void {
    this.#add({ at, what: 'heard', text: `${length} characters of the user, ${channel}` })
  }

  ran(at: number, tool: string, result: Label, after: Label): void {
    const worse = after.integrity < this.#last.integrity || after.confidentiality > this.#last.confidentiality
    this.#last = after
    const text = `${tool} returned integrity ${result.integrity}, confidentiality ${result.confidentiality}`
    const { integrity, confidentiality } = after
    this.#add({ at, what: 'ran', text, ...(worse ? { integrity, confidentiality } : {}) })
  }

  held(at: number, tool: string, leaves: readonly LeafOrigin[], rules: readonly string[]): void {
    const doubts = leaves.filter(({ role, origin }) => role !== 'param' && DOUBTFUL.has(origin)).slice(0, 5)
    const why = doubts.map(({ path, value, why: reason, from }) => {
      const seen = from.length === 0 ? '' : ` (${from.join(', ')})`
      return `${path} ${JSON.stringify(value.slice(0, 80))}: ${reason === '' ? 'nobody vouches for it.' : reason}${seen}`
    })
    this.#add({ at, what: 'held', text: [`${tool} by ${rules.join(', ')}`, ...why].join(' · ') })
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
