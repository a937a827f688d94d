import type { How, Sink } from '../extraction.ts'
import { said, scanXml, type XmlAttributes } from './xml.ts'

/** Texts that cells refer to by number. */
export function readSharedStrings(source: string, sink: Sink): readonly string[] {
  const strings: string[] = []
  let parts: string[] | undefined
  let inText = false
  scanXml(
    source,
    {
      open(name) {
        if (name === 'si') parts = []
        else if (name === 't') inText = true
      },
      close(name) {
        if (name === 't') inText = false
        else if (name === 'si' && parts !== undefined) {
          strings.push(parts.join(''))
          parts = undefined
        }
      },
      text(text) {
        if (inText) parts?.push(text)
      },
      comment: (text) => sink.hide(text, 'comment'),
    },
    sink,
  )
  return strings
}

/** Cell format number → why values in it are not seen: white on nothing, a tiny font, or a format that shows nothing. */
export function readCellFormats(source: string, sink: Sink): ReadonlyMap<number, How> {
  const fonts: (How | undefined)[] = []
  const fills: boolean[] = []
  const blank = new Set<string>()
  const found = new Map<number, How>()
  let section = ''
  let index = 0
  scanXml(
    source,
    {
      open(name, attributes) {
        if (name === 'fonts' || name === 'fills' || name === 'cellXfs') {
          section = name
          index = 0
        } else if (name === 'numFmt' && /^(?:\[[^\]]*\])?;+(?:"?\s*"?)?$/.test(said(attributes, 'formatCode'))) {
          blank.add(said(attributes, 'numFmtId'))
        } else if (section === 'fonts' && name === 'font') fonts.push(undefined)
        else if (section === 'fonts' && name === 'color' && isWhite(attributes)) fonts[fonts.length - 1] = 'colour'
        else if (section === 'fonts' && name === 'sz' && Number.parseFloat(attributes.get('val') ?? '9') <= 2) {
          fonts[fonts.length - 1] = 'font-size'
        } else if (section === 'fills' && name === 'fill') fills.push(false)
        else if (section === 'fills' && name === 'fgColor' && !isWhite(attributes)) fills[fills.length - 1] = true
        else if (section === 'cellXfs' && name === 'xf') {
          const font = fonts[Number(attributes.get('fontId') ?? '0')]
          const filled = fills[Number(attributes.get('fillId') ?? '0')] === true
          if (blank.has(said(attributes, 'numFmtId'))) found.set(index, 'vanish')
          else if (font !== undefined && !(font === 'colour' && filled)) found.set(index, font)
          index++
        }
      },
      close(name) {
        if (name === section) section = ''
      },
    },
    sink,
  )
  return found
}

const isWhite = (attributes: XmlAttributes): boolean =>
  /^(ff)?f[a-f0-9]f[a-f0-9]f[a-f0-9]$/i.test(said(attributes, 'rgb')) || attributes.get('theme') === '0'

export interface SheetContext {
  readonly strings: readonly string[]
  readonly formats: ReadonlyMap<number, How>
  /** Of the whole sheet. */
  readonly how: How | undefined
  /** Told of every shared string that a cell shows or hides. */
  readonly used: (index: number) => void
}

/** One sheet (ECMA-376 part 1, §18). */
export function readSheet(source: string, context: SheetContext, sink: Sink): void {
  const hiddenColumns: (readonly [from: number, to: number])[] = []
  let row: How | undefined
  let cell: { how: How | undefined; type: string } = { how: undefined, type: '' }
  let inside = ''
  const put = (text: string): void => {
    const how = context.how ?? row ?? cell.how
    if (how === undefined) sink.show(`${text}\t`)
    else sink.hide(text, how)
  }
  scanXml(
    source,
    {
      open(name, attributes) {
        if (name === 'col' && isHidden(attributes) && hiddenColumns.length < 1_000) {
          hiddenColumns.push([Number(attributes.get('min')), Number(attributes.get('max'))])
        } else if (name === 'row') row = isHidden(attributes) ? 'hidden-sheet' : undefined
        else if (name === 'c') {
          const column = columnOf(said(attributes, 'r'))
          const inHidden = hiddenColumns.some(([from, to]) => column >= from && column <= to)
          sink.spend(hiddenColumns.length)
          const how = inHidden ? 'hidden-sheet' : context.formats.get(Number(attributes.get('s') ?? '-1'))
          cell = { how, type: said(attributes, 't') }
        } else if (name === 'dataValidation') {
          for (const member of ['promptTitle', 'prompt', 'errorTitle', 'error'])
            sink.hide(said(attributes, member), 'note')
        } else if (name === 'hyperlink') sink.hide(said(attributes, 'tooltip'), 'title')
        inside = name
      },
      close(name) {
        if (name === 'row' && context.how === undefined && row === undefined) sink.show('\n')
        if (name === 'c') cell = { how: undefined, type: '' }
        inside = ''
      },
      text(text) {
        if (inside === 'f') sink.hide(text, 'metadata')
        else if (inside === 't') put(text)
        else if (inside === 'v' && cell.type === 's') {
          const index = Number(text)
          context.used(index)
          put(context.strings[index] ?? '')
        } else if (inside === 'v') put(text)
        else if (/^(odd|even|first)(Header|Footer)$/.test(inside)) sink.hide(text, 'header')
      },
      comment: (text) => sink.hide(text, 'comment'),
    },
    sink,
  )
}

const isHidden = (attributes: XmlAttributes): boolean =>
  /^(1|true)$/.test(said(attributes, 'hidden')) ||
  /^0(\.0+)?$/.test(said(attributes, 'ht')) ||
  /^0(\.0\d*)?$/.test(said(attributes, 'width'))

/** `BC12` → 55. */
function columnOf(reference: string): number {
  let column = 0
  for (let at = 0; at < Math.min(reference.length, 3); at++) {
    const code = reference.charCodeAt(at) | 32
    if (code < 97 || code > 122) break
    column = column * 26 + code - 96
  }
  return column
}
