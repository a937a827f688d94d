import { BudgetEnd, type How, type Sink } from '../extraction.ts'
import type { Colour } from '../html/colour.ts'
import type { PdfFile, PdfObject } from './file.ts'
import { readFont, type PdfFont } from './font.ts'
import {
  isDict,
  isList,
  isOperator,
  isString,
  nameOf,
  numberOf,
  PdfLexer,
  type PdfDict,
  type PdfValue,
} from './lexer.ts'
import { apply, around, boxOf, heightOf, IDENTITY, multiply, type Box, type Matrix } from './matrix.ts'
import { cmyk, grey, matrixOf, skipInlineImage } from './operands.ts'
import type { DrawnPage } from './page.ts'
import { pdfText } from './text.ts'

/** Text of this height, in points, is a line to the eye. */
const TINY = 1.5
const MAX_FORMS = 12
const MAX_SAVED = 512

interface State {
  readonly matrix: Matrix
  readonly colour: Colour | undefined
  readonly alpha: number
  readonly mode: number
  readonly font: PdfFont | undefined
  readonly size: number
  readonly leading: number
  readonly spacing: number
}
const INITIAL: State = {
  matrix: IDENTITY,
  colour: [0, 0, 0, 1],
  alpha: 1,
  mode: 0,
  font: undefined,
  size: 1,
  leading: 0,
  spacing: 0,
}

/** What content is drawn with, shared by a page and the forms on it. */
export interface Drawing {
  readonly file: PdfFile
  readonly page: DrawnPage
  readonly sink: Sink
  readonly fonts: Map<PdfDict, PdfFont>
  /** Optional content that is switched off. */
  readonly isOff: (group: PdfValue | undefined) => boolean
  /** Told of every stream whose text has been read. */
  readonly read: (object: PdfObject) => void
}

/** Runs the text and colour operators of content (ISO 32000-2, annex A); nothing is drawn. */
export function interpret(
  content: string,
  resources: PdfDict,
  drawing: Drawing,
  start: Partial<State> = {},
  depth = 0,
): void {
  new Interpreter(resources, drawing, { ...INITIAL, ...start }, depth).run(content)
}

class Interpreter {
  readonly #resources: PdfDict
  readonly #drawing: Drawing
  readonly #depth: number
  #state: State
  #saved: State[] = []
  #operands: PdfValue[] = []
  #text: Matrix = IDENTITY
  #line: Matrix = IDENTITY
  /** Where the next glyph would stand if nothing moved. */
  #pen: readonly [x: number, y: number] | undefined
  /** What the path so far lies in. */
  #path: Box | undefined
  /** Marked content, innermost last: is it switched off? */
  #marked: boolean[] = []
  #off = 0

  constructor(resources: PdfDict, drawing: Drawing, state: State, depth: number) {
    this.#resources = resources
    this.#drawing = drawing
    this.#state = state
    this.#depth = depth
  }

  run(content: string): void {
    const lexer = new PdfLexer(content)
    const { sink } = this.#drawing
    let from = 0
    for (let value = lexer.next(); value !== undefined; value = lexer.next()) {
      sink.spend(lexer.at - from + 2)
      from = lexer.at
      if (!isOperator(value)) {
        if (this.#operands.length < 1_000) this.#operands.push(value)
        continue
      }
      if (value.operator !== 'BI') this.#operate(value.operator)
      else if (!skipInlineImage(lexer)) sink.note('document.malformed', 'A picture in the content does not end.')
      this.#operands = []
    }
    if (lexer.overflow) sink.note('document.depth', 'The content of a page is nested too deeply.')
  }

  #number(index: number): number {
    return numberOf(this.#operands[index])
  }

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change }
  }

  #operate(operator: string): void {
    const { matrix, leading } = this.#state
    const n = (index: number): number => this.#number(index)
    switch (operator) {
      case 'q':
        if (this.#saved.length < MAX_SAVED) this.#saved.push(this.#state)
        else this.#drawing.sink.note('document.depth', 'The content of a page saves its state too often.')
        break
      case 'Q':
        this.#state = this.#saved.pop() ?? this.#state
        break
      case 'cm':
        this.#set({ matrix: multiply([n(0), n(1), n(2), n(3), n(4), n(5)], matrix) })
        break
      case 'BT':
        this.#text = this.#line = IDENTITY
        break
      case 'Tf':
        this.#set({ font: this.#font(nameOf(this.#operands[0])), size: n(1) })
        break
      case 'Tr':
        this.#set({ mode: n(0) })
        break
      case 'TL':
        this.#set({ leading: n(0) })
        break
      case 'Tc':
        this.#set({ spacing: n(0) })
        break
      case 'Td':
        this.#move(n(0), n(1))
        break
      case 'TD':
        this.#set({ leading: -n(1) })
        this.#move(n(0), n(1))
        break
      case 'Tm':
        this.#text = this.#line = [n(0), n(1), n(2), n(3), n(4), n(5)]
        break
      case 'T*':
        this.#move(0, -leading)
        break
      case 'Tj':
        this.#show(this.#operands[0])
        break
      case "'":
        this.#move(0, -leading)
        this.#show(this.#operands[0])
        break
      case '"':
        this.#move(0, -leading)
        this.#show(this.#operands[2])
        break
      case 'TJ':
        for (const part of isList(this.#operands[0]) ? this.#operands[0] : []) {
          if (typeof part === 'number') this.#advance((-part / 1000) * this.#state.size)
          else this.#show(part)
        }
        break
      case 'gs':
        this.#graphicsState(nameOf(this.#operands[0]))
        break
      case 'Do':
        this.#draw(nameOf(this.#operands[0]))
        break
      case 'BMC':
        this.#marked.push(false)
        break
      case 'BDC':
        this.#mark()
        break
      case 'EMC':
        if (this.#marked.pop() === true) this.#off--
        break
      default:
        this.#paint(operator)
    }
  }

  #paint(operator: string): void {
    const { page } = this.#drawing
    const { colour, alpha } = this.#state
    const n = (index: number): number => this.#number(index)
    const last = this.#operands.length
    switch (operator) {
      case 'g':
        this.#set({ colour: grey(n(0)) })
        break
      case 'rg':
        this.#set({ colour: [n(0) * 255, n(1) * 255, n(2) * 255, 1] })
        break
      case 'k':
        this.#set({ colour: cmyk(n(0), n(1), n(2), n(3)) })
        break
      case 'cs':
        this.#set({ colour: [0, 0, 0, 1] })
        break
      case 'sc':
      case 'scn': {
        const numbers = this.#operands.every((one) => typeof one === 'number')
        if (!numbers || last === 2 || last > 4) this.#set({ colour: undefined })
        else if (last === 1) this.#set({ colour: grey(n(0)) })
        else if (last === 3) this.#set({ colour: [n(0) * 255, n(1) * 255, n(2) * 255, 1] })
        else this.#set({ colour: cmyk(n(0), n(1), n(2), n(3)) })
        break
      }
      case 're':
        for (const [x, y] of [
          [n(0), n(1)],
          [n(0) + n(2), n(1) + n(3)],
        ] as const)
          this.#point(x, y)
        break
      case 'm':
      case 'l':
        this.#point(n(0), n(1))
        break
      case 'c':
      case 'v':
      case 'y':
        this.#point(n(last - 2), n(last - 1))
        break
      case 'f':
      case 'F':
      case 'f*':
      case 'B':
      case 'B*':
      case 'b':
      case 'b*':
        if (alpha > 0.5 && this.#path !== undefined && this.#off === 0) page.cover(this.#path, colour)
        this.#path = undefined
        break
      case 'S':
      case 's':
      case 'n':
        this.#path = undefined
        break
      case 'sh':
        page.cover([-1e6, -1e6, 1e6, 1e6], undefined)
        break
    }
  }

  #point(x: number, y: number): void {
    const point = boxOf([apply(this.#state.matrix, x, y)])
    this.#path = this.#path === undefined ? point : around(this.#path, point)
  }

  #move(x: number, y: number): void {
    this.#text = this.#line = multiply([1, 0, 0, 1, x, y], this.#line)
  }

  #advance(width: number): void {
    this.#text = multiply([1, 0, 0, 1, width, 0], this.#text)
  }

  #show(value: PdfValue | undefined): void {
    if (!isString(value)) return
    const { sink, page } = this.#drawing
    const { font, size, matrix, colour, mode, alpha, spacing } = this.#state
    const glyphs = font?.decode(value.bytes)
    if (glyphs === undefined) {
      if (value.bytes.trim() !== '') sink.note('document.font', 'What the codes of a font stand for is not said.')
      return
    }
    const whole = multiply(this.#text, matrix)
    const [x, y] = apply(whole, 0, 0)
    const height = Math.abs(size) * heightOf(whole)
    let how: How | undefined
    if (this.#off > 0) how = 'layer'
    else if (mode === 3 || mode === 7) how = 'render-mode'
    else if (height <= TINY) how = 'font-size'
    else if (alpha < 0.05) how = 'opacity'
    const text = glyphs.map((glyph) => glyph.text).join('')
    const width = glyphs.reduce((sum, glyph) => sum + (glyph.width / 1000) * size + spacing, 0)
    page.write(
      `${this.#gap(x, y, height)}${text}`,
      how,
      x,
      y + height / 4,
      mode === 1 || mode === 5 ? undefined : colour,
    )
    sink.spend(glyphs.length + 8)
    this.#advance(width)
    this.#pen = apply(multiply(this.#text, matrix), 0, 0)
  }

  /** What stands between the glyph before and this one: nothing, a space, or a new line. */
  #gap(x: number, y: number, height: number): string {
    if (this.#pen === undefined) return ''
    const [penX, penY] = this.#pen
    if (Math.abs(y - penY) > height * 0.5) return '\n'
    return Math.abs(x - penX) > height * 0.18 ? ' ' : ''
  }

  #resource(kind: string, name: string): PdfValue | undefined {
    return this.#drawing.file.dict(this.#resources.get(kind)).get(name)
  }

  #font(name: string): PdfFont | undefined {
    const { file, fonts, sink } = this.#drawing
    const dict = file.resolve(this.#resource('Font', name))
    if (!isDict(dict)) return SIMPLE_FONT
    const known = fonts.get(dict) ?? readFont(dict, file, sink)
    fonts.set(dict, known)
    return known
  }

  #graphicsState(name: string): void {
    const { file } = this.#drawing
    const dict = file.dict(this.#resource('ExtGState', name))
    const alpha = file.resolve(dict.get('ca'))
    if (typeof alpha === 'number') this.#set({ alpha })
    const font = file.resolve(dict.get('Font'))
    if (isList(font)) {
      const known = readFont(file.dict(font[0]), file, this.#drawing.sink)
      this.#set({ font: known, size: numberOf(font[1], 1) })
    }
  }

  #mark(): void {
    const { file, isOff } = this.#drawing
    const given = this.#operands[1]
    const properties = isDict(given) ? given : this.#resource('Properties', nameOf(given))
    const off = nameOf(this.#operands[0]) === 'OC' && isOff(properties)
    this.#marked.push(off)
    if (off) this.#off++
    // text that stands for what is drawn, for readers that do not see
    const dict = file.dict(properties)
    for (const key of ['ActualText', 'Alt', 'E']) {
      const text = file.resolve(dict.get(key))
      if (isString(text)) this.#drawing.sink.hide(pdfText(text.bytes), 'alt')
    }
  }

  #draw(name: string): void {
    const { file, page, sink, read, isOff } = this.#drawing
    const object = file.object(this.#resource('XObject', name))
    if (object === undefined || !isDict(object.value)) return
    const dict = object.value
    const { matrix } = this.#state
    if (nameOf(file.resolve(dict.get('Subtype'))) === 'Image') {
      sink.note('document.pixels', 'Text in the pixels of a picture is not read.')
      page.cover(boxOf([apply(matrix, 0, 0), apply(matrix, 1, 1)]), undefined)
      return
    }
    if (this.#depth >= MAX_FORMS) throw new BudgetEnd('document.depth', 'Forms of a page lie in each other too deeply.')
    const data = file.data(object)
    if (data === undefined) return
    read(object)
    const own = file.resolve(dict.get('Matrix'))
    const inner = isList(own) ? multiply(matrixOf(own), matrix) : matrix
    const resources = file.resolve(dict.get('Resources'))
    const off = this.#off > 0 || isOff(dict.get('OC'))
    const start = { ...this.#state, matrix: inner, ...(off ? { mode: 3 } : {}) }
    sink.spend(200)
    interpret(
      data.toString('latin1'),
      isDict(resources) ? resources : this.#resources,
      this.#drawing,
      start,
      this.#depth + 1,
    )
  }
}

/** A font that the resources do not name: viewers take one of their own. */
const SIMPLE_FONT: PdfFont = {
  decode: (bytes) => [...Buffer.from(bytes, 'latin1').toString('latin1')].map((text) => ({ text, width: 500 })),
}
