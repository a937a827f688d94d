import type { How, Sink } from '../extraction.ts'
import { describe } from './word.ts'
import { scanXml } from './xml.ts'

/** English Metric Units that are drawn: ten times the largest slide there is. */
const EMU_FAR = 20_000_000

/**
 * One slide, layout or page of notes (ECMA-376 part 1, §19, §21). Text in the colour of the slide is not told apart: what lies
 * behind it may be a picture, a theme or a master.
 */
export function readSlide(source: string, sink: Sink, as?: How): void {
  let slide = as
  let shape: How | undefined
  let run: How | undefined
  let inText = false
  let inFill = 0
  scanXml(
    source,
    {
      open(name, attributes) {
        if (name === 'sld' && /^(0|false)$/.test(attributes.get('show') ?? '')) slide ??= 'hidden-slide'
        else if (name === 'sp' || name === 'graphicFrame') shape = undefined
        else if (name === 'cNvPr') {
          describe(attributes, sink)
          if (/^(1|true)$/.test(attributes.get('hidden') ?? '')) shape = 'vanish'
        } else if (name === 'off') {
          const [x, y] = [Number(attributes.get('x')), Number(attributes.get('y'))]
          if (x < -2_000_000 || y < -2_000_000 || x > EMU_FAR || y > EMU_FAR) shape = 'off-page'
        } else if (name === 'r') run = undefined
        else if (name === 'rPr' && Number(attributes.get('sz') ?? '999') <= 200) run = 'font-size'
        else if (name === 'solidFill') inFill++
        else if (name === 'alpha' && inFill > 0 && Number.parseInt(attributes.get('val') ?? '100000', 10) <= 5_000)
          run = 'colour'
        else if (name === 't') inText = true
        else if (name === 'hlinkClick') sink.hide(attributes.get('tooltip') ?? '', 'title')
      },
      close(name) {
        if (name === 't') inText = false
        else if (name === 'solidFill') inFill = Math.max(0, inFill - 1)
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
