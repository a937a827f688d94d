import type { How, Sink } from '../extraction.ts'
import { blendsIn, type Colour } from '../html/colour.ts'
import { within, type Box } from './matrix.ts'

/** One run of text on a page. */
interface Piece {
  readonly text: string
  readonly how: How | undefined
  readonly x: number
  readonly y: number
  readonly colour: Colour | undefined
  /** How many grounds lay on the page when it was drawn. */
  readonly grounds: number
}

/** Something that covers: a filled shape, or (colour undefined) a picture or shading. */
interface Ground {
  readonly box: Box
  readonly colour: Colour | undefined
}

const MAX_GROUNDS = 10_000
const WHITE: Colour = [255, 255, 255, 1]

/** What has been drawn on one page, in order: enough to say what is seen of its text. */
export class DrawnPage {
  readonly #pieces: Piece[] = []
  readonly #grounds: Ground[] = []
  readonly #box: Box | undefined

  constructor(box: Box | undefined) {
    this.#box = box
  }

  cover(box: Box, colour: Colour | undefined): void {
    if (this.#grounds.length < MAX_GROUNDS) this.#grounds.push({ box, colour })
  }

  write(text: string, how: How | undefined, x: number, y: number, colour: Colour | undefined): void {
    this.#pieces.push({ text, how, x, y, colour, grounds: this.#grounds.length })
  }

  /** Says of every piece whether it is seen. `as`: the whole page is not. */
  finish(sink: Sink, as?: How): void {
    if (this.#grounds.length === MAX_GROUNDS) sink.note('document.budget', 'Too much is painted on a page.')
    let run: { how: How | undefined; parts: string[] } = { how: undefined, parts: [] }
    const flush = (): void => {
      const text = run.parts.join('')
      if (run.how === undefined) sink.show(text)
      else sink.hide(text, run.how)
    }
    for (const piece of this.#pieces) {
      const how = as ?? piece.how ?? this.#unseen(piece, sink)
      const isSpace = piece.text.trim() === ''
      if (how !== run.how && !isSpace) {
        flush()
        run = { how, parts: [] }
      }
      run.parts.push(piece.text)
    }
    flush()
    if (as === undefined) sink.show('\n')
  }

  #unseen({ x, y, colour, grounds, text }: Piece, sink: Sink): How | undefined {
    if (text.trim() === '') return undefined
    if (this.#box !== undefined && !within(this.#box, x, y, 2)) return 'off-page'
    sink.spend(this.#grounds.length)
    let ground: Ground = { box: [0, 0, 0, 0], colour: WHITE }
    for (const [index, candidate] of this.#grounds.entries()) {
      if (!within(candidate.box, x, y)) continue
      if (index >= grounds) return 'clipped'
      ground = candidate
    }
    if (colour === undefined || ground.colour === undefined) return undefined
    return blendsIn(colour, ground.colour) ? 'colour' : undefined
  }
}
