import { SequenceReader } from './sequences.ts'

/** What a human gave to a program in one go, ended by the enter key. */
export interface Entered {
  readonly text: string
  /** `typed`: keyed in letter by letter. `pasted`: it came in one piece, or the program may have put it there. */
  readonly channel: 'typed' | 'pasted'
}

const PASTE_START = '200~'
const PASTE_END = '201~'
const MARKED = '\u001b[200~'
/** Characters that no hand types at once; terminals without marks send a paste so. */
const AT_ONCE = 32
const LONGEST = 65_536
/** What a terminal says by itself: focus, position, kind, state of a mode. It holds no letters. */
const ANSWERS = new Set(['I', 'O', 'R', 'c', 'n', 'y'])

/**
 * Reads what passes from the human to the program and tells typed words from pasted ones (threat-model section 4, T-094). Keys that
 * edit at the end are applied; after a key that moves, recalls, completes or is not known nobody can say what stands in the line, so
 * that what was typed before counts as pasted. What comes in one piece with a paste is part of it: pasted text may hold the marks too.
 */
export class TypedReader {
  readonly #reader = new SequenceReader()
  #typed = ''
  #pasted = ''
  #inPaste = false
  /** The piece that is read now was not typed. */
  #isLoose = false
  /** The line holds what the program may have put there, or what may not have been typed. */
  #uncertain = false

  /** @param text one piece as it came from the terminal */
  read(text: string): readonly Entered[] {
    const entered: Entered[] = []
    this.#isLoose = this.#inPaste || text.length > AT_ONCE || text.includes(MARKED)
    for (const piece of this.#reader.read(text)) {
      if (piece.kind === 'text') this.#take(piece.text)
      else if (piece.kind === 'control') this.#control(piece.text, entered)
      else if (piece.kind === 'csi' && `${piece.params}~` === PASTE_START) this.#inPaste = this.#isLoose = true
      else if (piece.kind === 'csi' && `${piece.params}~` === PASTE_END) this.#inPaste = false
      else if (piece.kind === 'csi') this.#uncertain ||= !ANSWERS.has(piece.final) && piece.prefix !== '<'
      else if (piece.kind === 'escape') this.#uncertain = true
    }
    // the rest of the line may be the rest of a paste
    if (this.#isLoose && !text.endsWith('\u001b[201~') && !/[\r\n]$/.test(text)) this.#uncertain = true
    return entered
  }

  #take(text: string): void {
    if (this.#isLoose) this.#pasted = (this.#pasted + text).slice(-LONGEST)
    else this.#typed = (this.#typed + text).slice(-LONGEST)
  }

  #control(char: string, entered: Entered[]): void {
    if (this.#inPaste) return this.#take(char === '\r' ? '\n' : char === '\n' || char === '\t' ? char : '')
    if (char === '\r' || char === '\n') return this.#enter(entered)
    if (char === '\b' || char === '\u007f') this.#typed = [...this.#typed].slice(0, -1).join('')
    else if (char === '\u0015') this.#typed = ''
    else if (char === '\u0017') this.#typed = this.#typed.replace(/\S*\s*$/, '')
    else if (char === '\u0003') this.#reset()
    // tab completes; history and other keys bring in what was not typed now
    else this.#uncertain = true
  }

  #enter(entered: Entered[]): void {
    const [typed, pasted] = [this.#typed.trim(), this.#pasted.trim()]
    if (pasted !== '') entered.push({ text: pasted, channel: 'pasted' })
    if (typed !== '') entered.push({ text: typed, channel: this.#uncertain || this.#isLoose ? 'pasted' : 'typed' })
    this.#reset()
  }

  #reset(): void {
    this.#typed = ''
    this.#pasted = ''
    this.#uncertain = false
  }
}
