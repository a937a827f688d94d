import { SequenceReader } from './sequences.ts'

/** What a human gave to a program in one go, ended by the enter key. */
export interface Entered {
  readonly text: string
  /** `typed`: keyed in letter by letter. `pasted`: it came in one piece, or the program may have put it there. */
  readonly channel: 'typed' | 'pasted'
}

const PASTE_START = '200~'
const PASTE_END = '201~'
/** Characters that no hand types at once; terminals without bracketed paste send a paste so. */
const AT_ONCE = 32
const LONGEST = 65_536

/**
 * Reads what passes from the human to the program and tells typed words from pasted ones (threat-model section 4, T-094). Keys that
 * edit at the end are applied; after a key that moves, recalls or completes nobody can say what stands in the line, so that what was
 * typed before counts as pasted.
 */
export class TypedReader {
  readonly #reader = new SequenceReader()
  #typed = ''
  #pasted = ''
  #inPaste = false
  /** The line holds what the program may have put there. */
  #uncertain = false

  /** @param text one piece as it came from the terminal */
  read(text: string): readonly Entered[] {
    const entered: Entered[] = []
    for (const piece of this.#reader.read(text)) {
      if (piece.kind === 'text') this.#take(piece.text)
      else if (piece.kind === 'csi' && piece.final === '~') this.#paste(`${piece.params}~`)
      else if (piece.kind === 'csi' && 'ABCDHF'.includes(piece.final))
        this.#uncertain ||= this.#typed !== '' || 'AB'.includes(piece.final)
      else if (piece.kind === 'escape' && piece.intermediates === 'O')
        this.#uncertain ||= 'ABCDHF'.includes(piece.final)
      else if (piece.kind === 'control') this.#control(piece.text, text, entered)
    }
    return entered
  }

  #take(text: string): void {
    if (this.#inPaste || [...text].length > AT_ONCE) this.#pasted = (this.#pasted + text).slice(-LONGEST)
    else this.#typed = (this.#typed + text).slice(-LONGEST)
  }

  #paste(name: string): void {
    if (name === PASTE_START) this.#inPaste = true
    else if (name === PASTE_END) this.#inPaste = false
  }

  #control(char: string, chunk: string, entered: Entered[]): void {
    if (this.#inPaste) return this.#take(char === '\r' ? '\n' : char === '\n' || char === '\t' ? char : '')
    if (char === '\r' || char === '\n') return this.#enter(entered, chunk)
    if (char === '\b' || char === '\u007f') this.#typed = [...this.#typed].slice(0, -1).join('')
    else if (char === '\u0015') this.#typed = ''
    else if (char === '\u0017') this.#typed = this.#typed.replace(/\S*\s*$/, '')
    else if (char === '\u0003') this.#reset()
    // tab completes; history and other keys bring in what was not typed now
    else this.#uncertain = true
  }

  #enter(entered: Entered[], chunk: string): void {
    const [typed, pasted] = [this.#typed.trim(), this.#pasted.trim()]
    const isLoose = this.#uncertain || (chunk.length > AT_ONCE && !chunk.includes('\u001b[200~'))
    if (pasted !== '') entered.push({ text: pasted, channel: 'pasted' })
    if (typed !== '') entered.push({ text: typed, channel: isLoose ? 'pasted' : 'typed' })
    this.#reset()
  }

  #reset(): void {
    this.#typed = ''
    this.#pasted = ''
    this.#uncertain = false
  }
}
