import { BudgetEnd, type Sink } from '../extraction.ts'
import { decodeStream } from './filters.ts'
import { isDict, isRef, nameOf, numberOf, PdfLexer, type PdfDict, type PdfValue } from './lexer.ts'

/** An indirect object. `raw` where it is a stream. */
export interface PdfObject {
  readonly number: number
  readonly value: PdfValue
  readonly raw?: Buffer
}

const OBJECT = /(?<!\d)(\d{1,10})[\0\t\n\f\r ]{1,20}\d{1,5}[\0\t\n\f\r ]{1,20}obj(?![a-z])/g
const STREAM = /[\0\t\n\f\r ]{0,64}stream(?:\r\n|[\r\n])?/y
const MAX_OBJECTS = 200_000
const MAX_IN_STREAM = 50_000

/**
 * Objects of a file, found by reading it from front to back: tables of places are not trusted, as viewers repair them in ways of
 * their own. The last object of a number counts; all of them stay in `all`.
 */
export class PdfFile {
  readonly all: PdfObject[] = []
  readonly trailers: PdfDict[] = []
  readonly #byNumber = new Map<number, PdfObject>()
  readonly #decoded = new Map<PdfObject, Buffer | undefined>()
  readonly #sink: Sink

  /** @throws BudgetEnd */
  constructor(bytes: Buffer, sink: Sink) {
    this.#sink = sink
    const source = bytes.toString('latin1')
    sink.spend(source.length)
    const ends = placesOf(source, 'endstream')
    let nextEnd = 0
    OBJECT.lastIndex = 0
    for (let match = OBJECT.exec(source); match !== null; match = OBJECT.exec(source)) {
      const lexer = new PdfLexer(source, OBJECT.lastIndex)
      const value = lexer.next()
      sink.spend(lexer.at - OBJECT.lastIndex)
      if (lexer.overflow) sink.note('document.depth', 'An object is nested too deeply.')
      if (value === undefined) break
      const number = Number(match[1])
      const after = lexer.at
      STREAM.lastIndex = after
      if (isDict(value) && STREAM.test(source)) {
        const start = STREAM.lastIndex
        while (nextEnd < ends.length && (ends[nextEnd] as number) < start) nextEnd++
        const claimed = start + numberOf(value.get('Length'), -1)
        const fits = claimed >= start && /^\s{0,4}endstream/.test(source.slice(claimed, claimed + 14))
        const end = fits ? claimed : (ends[nextEnd] ?? source.length)
        if (!fits && ends[nextEnd] === undefined) sink.note('document.malformed', 'A stream is cut off.')
        this.#add({ number, value, raw: bytes.subarray(start, end) })
        OBJECT.lastIndex = end
      } else {
        this.#add({ number, value })
        OBJECT.lastIndex = after
      }
    }
    for (const at of placesOf(source, 'trailer').slice(-50)) {
      const value = new PdfLexer(source, at + 7).next()
      if (isDict(value)) this.trailers.push(value)
    }
    for (const { value } of this.all)
      if (isDict(value) && nameOf(value.get('Type')) === 'XRef') this.trailers.push(value)
    if (this.trailers.some((trailer) => trailer.get('Encrypt') != null)) {
      throw new BudgetEnd('document.encrypted', 'The document is encrypted.')
    }
    for (const object of [...this.all])
      if (isDict(object.value) && nameOf(object.value.get('Type')) === 'ObjStm') this.#unfold(object)
  }

  #add(object: PdfObject): void {
    if (this.all.length >= MAX_OBJECTS) throw new BudgetEnd('document.budget', 'The document has too many objects.')
    this.all.push(object)
    this.#byNumber.set(object.number, object)
  }

  /** Objects in an object stream (§7.5.7). One that stands in the file itself is not replaced by an older packed one. */
  #unfold(object: PdfObject): void {
    const data = this.data(object)?.toString('latin1')
    if (data === undefined) return
    const first = numberOf(this.dict(object.value).get('First'))
    const head = new PdfLexer(data.slice(0, first))
    for (let index = 0; index < MAX_IN_STREAM; index++) {
      const [number, offset] = [head.next(), head.next()]
      if (typeof number !== 'number' || typeof offset !== 'number') return
      const lexer = new PdfLexer(data, first + offset)
      const value = lexer.next()
      this.#sink.spend(20 + lexer.at - first - offset)
      if (value === undefined || lexer.overflow)
        this.#sink.note('document.malformed', 'A packed object cannot be read.')
      else this.#add({ number, value })
    }
    this.#sink.note('document.budget', 'An object stream holds too much.')
  }

  object(reference: PdfValue | undefined): PdfObject | undefined {
    return isRef(reference) ? this.#byNumber.get(reference.ref) : undefined
  }

  /** The value itself; no object is a reference alone. */
  readonly resolve = (value: PdfValue | undefined): PdfValue | undefined =>
    isRef(value) ? this.object(value)?.value : value

  dict(value: PdfValue | undefined): PdfDict {
    const found = this.resolve(value)
    return isDict(found) ? found : NONE
  }

  /** Unpacked bytes of a stream, kept. */
  data(object: PdfObject): Buffer | undefined {
    if (object.raw === undefined || !isDict(object.value)) return undefined
    if (!this.#decoded.has(object)) {
      this.#decoded.set(object, decodeStream(object.raw, object.value, this.resolve, this.#sink))
    }
    return this.#decoded.get(object)
  }

  get root(): PdfDict {
    for (const trailer of this.trailers.toReversed()) {
      const root = this.dict(trailer.get('Root'))
      if (root.size > 0) return root
    }
    const catalog = this.all.findLast(({ value }) => isDict(value) && nameOf(value.get('Type')) === 'Catalog')
    return isDict(catalog?.value) ? catalog.value : NONE
  }
}

const NONE: PdfDict = new Map()

function placesOf(source: string, word: string): readonly number[] {
  const places: number[] = []
  for (let at = source.indexOf(word); at >= 0; at = source.indexOf(word, at + word.length)) places.push(at)
  return places
}
