import { findSecrets, type SecretMatch } from './find.ts'
import type { KnownSecrets } from './known.ts'
import { PLACEHOLDER } from './redact.ts'

/** A stream on its way to somebody: what goes in comes out without its secrets, a little later. */
export interface SecretStream {
  /** @returns what may be sent now; the rest follows */
  push(chunk: string): string
  /** @returns what was held back. Nothing may be pushed afterwards. */
  end(): string
  /** Secrets taken out so far. */
  readonly redactions: number
}

/** A part of a stream that must not go on. Offsets in UTF-16 units from the start of the stream. */
export interface Cut {
  readonly start: number
  readonly end: number
  /** Of which kind; absent where an earlier cut goes on. */
  readonly family?: string
}

/** What is decided so far: text before `decided` may go on, without the cuts. */
export interface Decided {
  readonly decided: number
  readonly cuts: readonly Cut[]
}

/** Most text that is held back, in UTF-16 units: the delay that a stream can get. */
export const LONGEST_HELD = 1024
/** Text that has gone on and is still read, so that a name gives its value away. */
const CONTEXT = 256
/** What stays held when nothing was found in a run that is too long. */
const KEPT = 256
/** Characters that no secret in one piece holds. */
const BREAK = /[ \t\r\n"'`<>]/
const PEM_BEGINS = /^-{2,5}BEGIN [A-Z0-9 ]{0,45}(?:-{0,5}|-{2,5}[\s\S]{0,60})$/
const OF_RUN = /[^ \t\r\n"'`<>]/
const OF_PEM = /[A-Za-z0-9+/=:,.\s\\-]/
const LONGEST_SWALLOWED = 65_536

/**
 * Decides about a text that comes in pieces, whatever the pieces are. What may still grow into a secret is held back, at
 * most `LONGEST_HELD`; a secret that is longer than that is cut as soon as it is known, and so is what follows of it.
 */
export class StreamCutter {
  readonly #known: KnownSecrets | undefined
  #context = ''
  #held = ''
  /** Where in the stream `#held` begins. */
  #at = 0
  #swallow: RegExp | undefined
  #swallowed = 0
  /** The end of what was swallowed: the last line of a key may come in pieces. */
  #eaten = ''
  #cuts: Cut[] = []

  constructor(known?: KnownSecrets) {
    this.#known = known
  }

  push(text: string): Decided {
    this.#held += text
    if (this.#swallow !== undefined) this.#eat()
    if (this.#held.length >= LONGEST_HELD || BREAK.test(text)) this.#decide(false)
    return this.#take()
  }

  /** Nothing follows: all is decided. */
  end(): Decided {
    if (this.#swallow !== undefined) this.#eat()
    this.#decide(true)
    this.#swallow = undefined
    return this.#take()
  }

  #take(): Decided {
    const cuts = this.#cuts
    this.#cuts = []
    return { decided: this.#at, cuts }
  }

  /** What goes on of a secret that was cut. */
  #eat(): void {
    const allowed = this.#swallow as RegExp
    let count = 0
    while (count < this.#held.length && allowed.test(this.#held[count] ?? '')) count++
    const isOver = allowed === OF_PEM ? endOfPem(this.#eaten, this.#held.slice(0, count)) : -1
    if (isOver >= 0) count = isOver
    this.#eaten = (this.#eaten + this.#held.slice(0, count)).slice(-80)
    this.#swallowed += count
    if (count > 0) this.#cuts.push({ start: this.#at, end: this.#at + count })
    if (isOver >= 0 || count < this.#held.length || this.#swallowed > LONGEST_SWALLOWED) this.#swallow = undefined
    this.#release(count)
    if (this.#swallow === undefined) this.#context = ''
  }

  #decide(isEnd: boolean): void {
    const held = this.#held
    if (held === '') return
    const found = this.#find()
    let limit = isEnd ? held.length : lastBreak(held)
    if (!isEnd) limit = Math.min(limit, pemStart(held))
    const open = found.at(-1)
    if (!isEnd && open !== undefined && open.end >= held.length) {
      const isPem = open.family === 'pem-private-key'
      if (isPem || held.length - Math.max(0, open.start) >= LONGEST_HELD) {
        this.#cut(found, held.length)
        this.#swallow = isPem ? OF_PEM : OF_RUN
        this.#swallowed = 0
        this.#eaten = held.slice(-80)
        return
      }
      limit = Math.min(limit, Math.max(0, open.start))
    } else if (!isEnd && held.length >= LONGEST_HELD) {
      limit = Math.max(limit, held.length - KEPT)
    }
    // A secret with spaces in it is not parted.
    for (const { start, end } of found)
      if (start < limit && end > limit) limit = end >= held.length && !isEnd ? start : end
    this.#cut(found, Math.max(0, limit))
  }

  #find(): SecretMatch[] {
    const text = this.#context + this.#held
    const shift = this.#context.length
    const options = this.#known === undefined ? {} : { known: this.#known }
    return findSecrets(text, 'result', options)
      .filter(({ end }) => end > shift)
      .map((match) => ({ ...match, start: Math.max(0, match.start - shift), end: match.end - shift }))
  }

  #cut(found: readonly SecretMatch[], limit: number): void {
    for (const { family, start, end } of found) {
      if (start < limit) this.#cuts.push({ start: this.#at + start, end: this.#at + Math.min(end, limit), family })
    }
    this.#release(limit)
  }

  #release(count: number): void {
    this.#context = (this.#context + this.#held.slice(0, count)).slice(-CONTEXT)
    this.#held = this.#held.slice(count)
    this.#at += count
  }
}

function lastBreak(text: string): number {
  for (let at = text.length; at > 0; at--) if (BREAK.test(text[at - 1] ?? '')) return at
  return 0
}

/** Where a private key may be beginning at the end of the text; else its length. */
function pemStart(text: string): number {
  const at = text.lastIndexOf('--BEGIN')
  if (at < 0 || text.length - at > 130) return text.length
  let start = at
  while (start > 0 && text[start - 1] === '-') start--
  return PEM_BEGINS.test(text.slice(start)) ? start : text.length
}

const PEM_END = /-{2,5}END [A-Z0-9 ]{0,45}-{2,5}/
/** How much of `text` belongs to the key whose last characters were `before`; -1 when it is not over. */
function endOfPem(before: string, text: string): number {
  const match = PEM_END.exec(before + text)
  return match === null ? -1 : Math.max(0, match.index + match[0].length - before.length)
}

/** A piece of a stream that begins at `at`, without what was cut; the placeholder stands where a cut begins. */
export function withoutCuts(text: string, at: number, cuts: readonly Cut[]): string {
  let result = ''
  let from = 0
  for (const { start, end, family } of cuts) {
    if (end <= at || start >= at + text.length) continue
    const begin = Math.max(start - at, from)
    result += text.slice(from, begin)
    if (family !== undefined && start >= at) result += PLACEHOLDER
    from = Math.max(from, Math.min(text.length, end - at))
  }
  return result + text.slice(from)
}
