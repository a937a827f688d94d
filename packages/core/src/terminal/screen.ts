import { SequenceReader, type Piece } from './sequences.ts'

/** Control sequences that a program may send as they are, by `prefix`, intermediates and final character. */
const PASSED = new Set([
  // colours; cursor left, right, up, down, column; erasing and shifting within a line; repeat; scrolling; tabs
  ...['m', 'A', 'B', 'C', 'D', 'E', 'F', 'G', '`', 'a', 'K', 'X', '@', 'P', 'L', 'M', 'S', 'I', 'Z', 'g', 'b'],
  // what am I talking to, where is the cursor: the terminal answers to the program
  ...['c', 'n', '>c', '=c', '?n', '>q'],
  // shape of the cursor; keys in their long form (kitty, xterm); is a mode on
  ...[' q', '>u', '<u', '=u', '?u', '>m', '?$p', '$p'],
])
/** Private modes that a program may set and reset (DECSET). */
const MODES = new Set([1, 7, 12, 25, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1047, 1048, 1049, 2026, 2027, 2031])
/** Bracketed paste: always on at the real terminal, whatever the program wants, so that a paste is known for one (T-094). */
const PASTE = 2004
/** Of these, what changes the whole screen. */
const SCREENS = new Set([47, 1047, 1049])
/** ESC sequences: save and restore the cursor, keypad, index, next line, reverse index, tab stop, character sets. */
const ESCAPES = new Set(['7', '8', '=', '>', 'D', 'E', 'M', 'H', '(B', '(0', ')B', ')0'])
const CONTROLS = new Set(['\u0007', '\b', '\t', '\n', '\u000b', '\f', '\r', '\u000e', '\u000f'])
/** Bells in one chunk; more say nothing. */
const BELLS = 4

const ESC = '\u001b'

/**
 * What a confined program may say to the human's terminal (T-014, T-019, T-143): a list of sequences, and a last line that it cannot
 * reach. Titles, links, clipboard, notifications, device strings, resets and window commands are dropped; positions are kept above the
 * last line, and the scrolling region with them. Pure: text in, text out.
 */
export class ScreenFilter {
  readonly #reader = new SequenceReader()
  #rows: number
  #bells = 0
  /** The program scrolls less than its rows: below of that, a line feed could reach the last line. */
  #hasInnerRegion = false
  #wantsPaste = false

  /** @param rows of the real terminal; the last one is kept */
  constructor(rows: number) {
    this.#rows = rows
  }

  /** Rows that the program has. */
  get rows(): number {
    return Math.max(1, this.#rows - 1)
  }

  /** The program wants to be told what is pasted. */
  get wantsPaste(): boolean {
    return this.#wantsPaste
  }

  resize(rows: number): void {
    this.#rows = rows
  }

  /** @returns what to write, and whether the last line has to be drawn again */
  pass(text: string): { readonly text: string; readonly redraw: boolean } {
    let out = ''
    let redraw = false
    this.#bells = 0
    for (const piece of this.#reader.read(text)) {
      const said = this.#say(piece)
      if (piece.kind === 'csi' && REDRAWN.has(piece.final) && said !== '') redraw = true
      out += said
    }
    return { text: out, redraw: redraw || (this.#hasInnerRegion && out !== '') }
  }

  #say(piece: Piece): string {
    switch (piece.kind) {
      case 'text':
        return piece.text
      case 'control':
        if (!CONTROLS.has(piece.text) || (piece.text === '\u0007' && ++this.#bells > BELLS)) return ''
        return piece.text
      case 'escape': {
        const name = piece.intermediates + piece.final
        return ESCAPES.has(name) ? ESC + name : ''
      }
      case 'csi':
        return this.#csi(piece)
      case 'string':
        return ''
    }
  }

  #csi({ prefix, params, intermediates, final }: Piece & { kind: 'csi' }): string {
    const as = (text: string): string => `${ESC}[${prefix}${text}${intermediates}${final}`
    const name = prefix + intermediates + final
    const numbers = params.split(/[;:]/).map((one) => (one === '' ? undefined : Math.min(Number(one), 9_999)))
    const row = (given: number | undefined): number => Math.min(Math.max(given ?? 1, 1), this.rows)
    if (name === 'H' || name === 'f') return as(`${row(numbers[0])};${numbers[1] ?? 1}`)
    if (name === 'd') return as(String(row(numbers[0])))
    if (name === 'r') return this.#region(numbers)
    if (name === 'J') return numbers[0] === 3 ? '' : as(params)
    // with five parameters it is a mouse command
    if (name === 'T') return numbers.length > 1 ? '' : as(params)
    if (name === 'h' || name === 'l') return params === '4' ? as(params) : ''
    if (name === '?h' || name === '?l') return this.#modes(numbers, final === 'h', as)
    return PASSED.has(name) ? as(params.replace(/\d{5,}/g, '9999')) : ''
  }

  #modes(numbers: readonly (number | undefined)[], on: boolean, as: (text: string) => string): string {
    if (numbers.includes(PASTE)) this.#wantsPaste = on
    const known = numbers.filter((mode) => mode !== undefined && MODES.has(mode))
    if (known.length === 0) return ''
    const region = known.some((mode) => SCREENS.has(mode ?? 0)) ? `${ESC}7${this.#region([])}${ESC}8` : ''
    return as(known.join(';')) + region
  }

  #region([top, bottom]: readonly (number | undefined)[]): string {
    const last = Math.min(bottom ?? this.rows, this.rows)
    const first = Math.max(1, top ?? 1)
    this.#hasInnerRegion = first < last && last < this.rows
    return first < last ? `${ESC}[${first};${last}r` : `${ESC}[1;${this.rows}r`
  }

  /** What keeps the last line, and writes it: said by us, never by the program. */
  line(text: string, columns: number): string {
    const shown = [...text].slice(0, Math.max(0, columns - 1)).join('')
    return `${ESC}7${ESC}[1;${this.rows}r${ESC}[${this.#rows};1H${ESC}(B\u000f${ESC}[0;7m${shown.padEnd(columns - 1)}${ESC}[0m${ESC}8`
  }

  /** What a terminal is told before the first word of the program. */
  enter(): string {
    return `${ESC}[?${PASTE}h`
  }

  /** Puts a terminal back as it was found: no region, no mode left on, main screen, last line empty. */
  leave(): string {
    const off = [1, 1000, 1002, 1003, 1004, 1005, 1006, 1007, PASTE, 2026, 2027, 2031, 1049].map(
      (mode) => `${ESC}[?${mode}l`,
    )
    // keys in their usual form, however often that was changed; inserting off, wrapping on, usual letters
    const usual = `${ESC}[<99u${ESC}[>4;0m${ESC}[4l${ESC}[?7h${ESC}>${ESC}(B${ESC})B\u000f`
    return `${off.join('')}${usual}${ESC}[r${ESC}[${this.#rows};1H${ESC}[0m${ESC}[2K${ESC}[?25h`
  }
}

/** Finals behind which the last line may be gone. */
const REDRAWN = new Set(['J', 'r', 'h', 'l', 'L', 'M', 'S', 'T'])
