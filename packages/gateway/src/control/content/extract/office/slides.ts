import type { How, Sink } from '../extraction.ts'
import { describe } from './word.ts'
import { said, scanXml } from './xml.ts'

/** English Metric Units that are drawn: ten times the largest slide there is. */
const EMU_FAR = 20_000_000

const isWhite = (name: string, value: string): boolean =>
  (name === 'srgbClr' && /^f[a-f0-9]f[a-f0-9]f[a-f0-9]$/i.test(value)) ||
  (name === 'schemeClr' && /^(bg1|lt1)$/.test(value)) ||
  (name === 'sysClr' && value === 'window')

/**
 * Nothing but white lies behind the text of this slide, layout or master: no picture, no filled shape, no ground of its own, and
 * a theme whose ground is its light colour.
 */
export function isPlainGround(source: string, sink: Sink): boolean {
  let plain = true
  let [inGround, inShape, inLine] = [0, 0, 0]
  const step = (name: string, by: number): void => {
    if (name === 'bg') inGround += by
    else if (name === 'spPr' || name === 'tcPr' || name === 'grpSpPr') inShape += by
    else if (name === 'ln') inLine += by
  }
  scanXml(
    source,
    {
      open(name, attributes) {
        step(name, 1)
        if (name === 'clrMap' && (attributes.get('bg1') ?? 'lt1') !== 'lt1') plain = false
        if (/^(pic|blipFill|gradFill|pattFill|tableStyleId)$/.test(name)) plain = false
        if (name === 'solidFill' && inShape > 0 && inLine === 0) plain = false
        if (inGround > 0 && name.endsWith('Clr') && !isWhite(name, said(attributes, 'val'))) plain = false
      },
      close: (name) => step(name, -1),
    },
    sink,
  )
  return plain
}

/**
 * One slide, layout or page of notes (ECMA-376 part 1, §19, §21). White text counts as hidden only where nothing but white can
 * lie behind it (`onWhite`).
 */
export function readSlide(source: string, sink: Sink, as?: How, onWhite = false): void {
  let slide = as
  let shape: How | undefined
  let run: How | undefined
  let inText = false
  let inFill = 0
  let inRun = 0
  scanXml(
    source,
    {
      open(name, attributes) {
        if (name === 'sld' && /^(0|false)$/.test(said(attributes, 'show'))) slide ??= 'hidden-slide'
        else if (name === 'sp' || name === 'graphicFrame') shape = undefined
        else if (name === 'cNvPr') {
          describe(attributes, sink)
          if (/^(1|true)$/.test(said(attributes, 'hidden'))) shape = 'vanish'
        } else if (name === 'off') {
          const [x, y] = [Number(attributes.get('x')), Number(attributes.get('y'))]
          if (x < -2_000_000 || y < -2_000_000 || x > EMU_FAR || y > EMU_FAR) shape = 'off-page'
        } else if (name === 'r') run = undefined
        else if (name === 'rPr') {
          inRun++
          if (Number(attributes.get('sz') ?? '999') <= 200) run = 'font-size'
        } else if (name === 'solidFill') inFill++
        else if (name === 'alpha' && inFill > 0 && Number.parseInt(attributes.get('val') ?? '100000', 10) <= 5_000)
          run = 'colour'
        else if (onWhite && inFill > 0 && inRun > 0 && isWhite(name, said(attributes, 'val'))) run = 'colour'
        else if (name === 't') inText = true
        else if (name === 'hlinkClick') sink.hide(said(attributes, 'tooltip'), 'title')
      },
      close(name) {
        if (name === 't') inText = false
        else if (name === 'solidFill') inFill = Math.max(0, inFill - 1)
        else if (name === 'rPr') inRun = Math.max(0, inRun - 1)
        else if (name === 'p' && (slide ?? shape) === undefined) sink.show('\n')
        else if (name === 'sp') shape = undefined
      },
      text(text) {
        if (!inText) return
        const how = slide ?? shape ?? run
        if (how === undefined) sink.show(text)
        else sink.hide(text, how)
      },
      comment: (text) => sink.hide(text, 'comment'),
    },
    sink,
  )
}
