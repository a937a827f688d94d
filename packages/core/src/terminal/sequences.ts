/** One thing that a program says to a terminal (ECMA-48, xterm control sequences). */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** C0 control or DEL: bell, tab, line feed, … */
  | { readonly kind: 'control'; readonly text: string }
  /** ESC with intermediates and a final character; a key in its application form has `O` before it. */
  | { readonly kind: 'escape'; readonly intermediates: string; readonly final: string }
  | {
      readonly kind: 'csi'
      readonly prefix: string
      readonly params: string
      readonly intermediates: string
      readonly final: string
    }
  /** OSC, DCS, APC, PM, SOS: a string for the terminal itself. */
  | { readonly kind: 'string' }

/** Longest sequence that is put together; what is longer is dropped. */
const LONGEST = 4_096
const ESC = '\u001b'
const DELETE = 0x7f

type State = 'ground' | 'escape' | 'single-shift' | 'csi' | 'string' | 'string-escape'

/**
 * Takes the output of a program apart, across chunks. Linear; holds at most one sequence. Control characters inside of a sequence, C1
 * controls and what is not a sequence of this form are dropped, so that nothing is left for a terminal to read in its own way.
 */
export class SequenceReader {
  #state: State = 'ground'
  #held = ''

  read(text: string): readonly Piece[] {
    const pieces: Piece[] = []
    let from = 0
    for (let at = 0; at < text.length; at++) {
      const char = text[at] as string
      const code = char.charCodeAt(0)
      if (this.#state === 'ground') {
        if (code >= 0x20 && (code < DELETE || code > 0x9f)) continue
        if (at > from) pieces.push({ kind: 'text', text: text.slice(from, at) })
        if (char === ESC) this.#enter('escape')
        else if (code <= DELETE) pieces.push({ kind: 'control', text: char })
      } else {
        const piece = this.#step(char, code)
        if (piece !== undefined) pieces.push(piece)
      }
      from = at + 1
    }
    if (this.#state === 'ground' && from < text.length) pieces.push({ kind: 'text', text: text.slice(from) })
    return pieces
  }

  #enter(state: State): undefined {
    this.#state = state
    this.#held = ''
    return undefined
  }

  #step(char: string, code: number): Piece | undefined {
    // CAN and SUB end whatever is open
    if (code === 0x18 || code === 0x1a) return this.#enter('ground')
    if (this.#state === 'string' || this.#state === 'string-escape') return this.#inString(char)
    if (char === ESC) return this.#enter('escape')
    if (code < 0x20 || code > 0x7e || this.#held.length >= LONGEST) {
      // what no sequence holds; the terminal is told nothing of it
      if (code > 0x7e || this.#held.length >= LONGEST) return this.#enter('ground')
      return undefined
    }
    if (this.#state === 'single-shift') {
      this.#enter('ground')
      return { kind: 'escape', intermediates: 'O', final: char }
    }
    return this.#state === 'escape' ? this.#inEscape(char, code) : this.#inCsi(char, code)
  }

  #inString(char: string): Piece | undefined {
    const ended = char === '\u0007' || char === '\u009c' || (this.#state === 'string-escape' && char === '\\')
    if (ended) {
      this.#enter('ground')
      return { kind: 'string' }
    }
    this.#state = char === ESC ? 'string-escape' : 'string'
    return undefined
  }

  #inEscape(char: string, code: number): Piece | undefined {
    if (code < 0x30) {
      this.#held += char
      return undefined
    }
    const intermediates = this.#held
    if (intermediates === '' && char === '[') return this.#enter('csi')
    if (intermediates === '' && char === 'O') return this.#enter('single-shift')
    if (intermediates === '' && ']PX^_'.includes(char)) return this.#enter('string')
    this.#enter('ground')
    return { kind: 'escape', intermediates, final: char }
  }

  #inCsi(char: string, code: number): Piece | undefined {
    if (code < 0x40) {
      this.#held += char
      return undefined
    }
    const match = /^([<-?]*)([0-9:;]*)([ -/]*)$/.exec(this.#held)
    this.#enter('ground')
    if (match === null) return undefined
    const [, prefix = '', params = '', intermediates = ''] = match
    return { kind: 'csi', prefix, params, intermediates, final: char }
  }
}
