import type { How, Sink } from '../extraction.ts'
import { blendsIn, parseColour } from '../html/colour.ts'
import { said, scanXml, type XmlAttributes } from './xml.ts'

/** Named style → why text in it is not seen. */
export type HiddenStyles = ReadonlyMap<string, How>

/** Text of this size, in half points, is a line to the eye. */
const TINY = 4
const WHITE = [255, 255, 255, 1] as const

/** A switch of a run: on unless it says otherwise. */
const isOn = (attributes: XmlAttributes): boolean => !/^(0|false|off)$/.test(said(attributes, 'val'))

/** What one property of a run says about how it is seen. */
function propertyHow(name: string, attributes: XmlAttributes): How | undefined {
  const value = said(attributes, 'val')
  if ((name === 'vanish' || name === 'webHidden' || name === 'specVanish') && isOn(attributes)) return 'vanish'
  if (name === 'sz' && Number.parseInt(value, 10) <= TINY) return 'font-size'
  if (name === 'w' && Number.parseInt(value, 10) <= 2 && /^\d+$/.test(value)) return 'font-size'
  if (name === 'color') {
    const colour = parseColour(`#${value}`)
    const theme = /^(background1|light1)$/.test(said(attributes, 'themeColor'))
    if (theme || (colour !== undefined && blendsIn(colour, WHITE))) return 'colour'
  }
  return undefined
}

/** A ground of its own makes white text readable. */
function isDarkGround(name: string, attributes: XmlAttributes): boolean {
  if (name === 'highlight') return !/^(white|none)$/.test(attributes.get('val') ?? 'none')
  if (name !== 'shd') return false
  const colour = parseColour(`#${said(attributes, 'fill')}`)
  return colour !== undefined && !blendsIn(WHITE, colour)
}

/** Styles that hide what is written in them, those they are based on included. */
export function readWordStyles(source: string, sink: Sink): HiddenStyles {
  const found = new Map<string, How>()
  const bases = new Map<string, string>()
  let id = ''
  let how: How | undefined
  let dark = false
  scanXml(
    source,
    {
      open(name, attributes) {
        if (name === 'style') {
          id = said(attributes, 'styleId')
          how = undefined
          dark = false
        } else if (name === 'basedOn') bases.set(id, said(attributes, 'val'))
        else {
          how = propertyHow(name, attributes) ?? how
          dark ||= isDarkGround(name, attributes)
        }
      },
      close(name) {
        if (name === 'style' && how !== undefined && !(how === 'colour' && dark)) found.set(id, how)
      },
    },
    sink,
  )
  for (let round = 0; round < 8; round++) {
    for (const [style, base] of bases) {
      const inherited = found.get(base)
      if (inherited !== undefined && !found.has(style)) found.set(style, inherited)
    }
  }
  return found
}

/**
 * Reads a part of a word processor document. `as`: the whole part is of this kind (comments, notes, headers).
 * Names are those of WordprocessingML (ECMA-376 part 1, §17).
 */
export function readWordPart(source: string, styles: HiddenStyles, sink: Sink, as?: How): void {
  let run: How | undefined
  let paragraph: How | undefined
  let dark = false
  let shaded = false
  let inRun = 0
  let fallback = 0
  let collecting: 'text' | 'deleted' | 'code' | undefined
  const put = (text: string): void => {
    const hidden = fallback > 0 ? 'fallback' : effective(run ?? paragraph, dark || shaded)
    const how = collecting === 'deleted' ? 'revision' : collecting === 'code' ? 'metadata' : (hidden ?? as)
    if (how === undefined) sink.show(text)
    else sink.hide(text, how)
  }
  scanXml(
    source,
    {
      open(name, attributes) {
        if (name === 't') collecting = 'text'
        else if (name === 'delText') collecting = 'deleted'
        else if (name === 'instrText') collecting = 'code'
        else if (name === 'Fallback') fallback++
        else if (name === 'r') {
          inRun++
          run = undefined
          dark = false
        } else if (name === 'p') {
          paragraph = undefined
          shaded = false
        } else if (name === 'pStyle') paragraph = styles.get(said(attributes, 'val'))
        else if (name === 'rStyle') run = styles.get(said(attributes, 'val')) ?? run
        else if (name === 'tab' || name === 'br' || name === 'cr') put(name === 'tab' ? '\t' : '\n')
        else if (name === 'docPr' || name === 'cNvPr') describe(attributes, sink)
        else if (name === 'altChunk') sink.note('document.part', 'The document takes in a part of another format.')
        else if (isDarkGround(name, attributes)) {
          if (inRun > 0) dark = true
          else shaded = true
        } else if (inRun > 0) {
          run = propertyHow(name, attributes) ?? run
        }
      },
      close(name) {
        if (name === 't' || name === 'delText' || name === 'instrText') collecting = undefined
        else if (name === 'Fallback') fallback = Math.max(0, fallback - 1)
        else if (name === 'r') {
          inRun = Math.max(0, inRun - 1)
          run = undefined
          dark = false
        } else if (name === 'p' || name === 'tr') put('\n')
      },
      text(text) {
        if (collecting !== undefined) put(text)
      },
      comment: (text) => sink.hide(text, 'comment'),
    },
    sink,
  )
}

const effective = (how: How | undefined, dark: boolean): How | undefined => (how === 'colour' && dark ? undefined : how)

/** What drawings say of themselves. */
export function describe(attributes: XmlAttributes, sink: Sink): void {
  sink.hide(said(attributes, 'descr'), 'alt')
  sink.hide(said(attributes, 'title'), 'title')
}
