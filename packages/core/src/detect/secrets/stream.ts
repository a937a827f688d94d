import type { KnownSecrets } from './known.ts'
import { StreamCutter, withoutCuts, type Decided, type SecretStream } from './cutter.ts'
import { FrameStream } from './frames.ts'

/**
 * How the text lies in the stream. `text`: as it is · `frames`: in JSON, one a line, after `data:` (server-sent events) or
 * alone (NDJSON), a piece in each · `auto`: by how the stream begins.
 */
export type Wire = 'auto' | 'frames' | 'text'

/**
 * Redacts a stream, wherever it is cut into chunks (HB-76). A clean stream comes out byte for byte. At most 1,024 UTF-16
 * units of text are held back at any time (`LONGEST_HELD`), and in frames the frames that hold them.
 */
export function createSecretStream(wire: Wire = 'auto', known?: KnownSecrets): SecretStream {
  if (wire === 'text') return new TextStream(known)
  if (wire === 'frames') return new FrameStream(known)
  let stream: SecretStream | undefined
  let waiting = ''
  const choose = (chunk: string): SecretStream | undefined => {
    waiting += chunk
    const begin = waiting.trimStart()
    if (begin.length < 6) return undefined
    return FRAMED.test(begin) ? new FrameStream(known) : new TextStream(known)
  }
  return {
    push(chunk) {
      if (stream !== undefined) return stream.push(chunk)
      stream = choose(chunk)
      return stream?.push(waiting) ?? ''
    },
    end() {
      stream ??= new TextStream(known)
      return waiting.trimStart().length < 6 ? stream.push(waiting) + stream.end() : stream.end()
    },
    get redactions() {
      return stream?.redactions ?? 0
    },
  }
}

const FRAMED = /^(?:data:|event:|id:|retry:|:|[{[]\s*(?:["{[\]}]))/

class TextStream implements SecretStream {
  readonly #cutter: StreamCutter
  #waiting = ''
  #at = 0
  redactions = 0

  constructor(known: KnownSecrets | undefined) {
    this.#cutter = new StreamCutter(known)
  }

  push(chunk: string): string {
    this.#waiting += chunk
    return this.#render(this.#cutter.push(chunk))
  }

  end(): string {
    return this.#render(this.#cutter.end())
  }

  #render({ decided, cuts }: Decided): string {
    const length = decided - this.#at
    if (length === 0) return ''
    const text = withoutCuts(this.#waiting.slice(0, length), this.#at, cuts)
    this.redactions += cuts.filter(({ family }) => family !== undefined).length
    this.#waiting = this.#waiting.slice(length)
    this.#at = decided
    return text
  }
}
