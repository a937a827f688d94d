import type { How, Sink } from '../extraction.ts'
import { blendsIn, parseColour } from '../html/colour.ts'
import { said, scanXml } from './xml.ts'

const WHITE = [255, 255, 255, 1] as const
/** Elements whose text is read by asking for it, or not at all. */
const PARTS: ReadonlyMap<string, How> = new Map([
  ['annotation', 'note'],
  ['note-body', 'note'],
  ['tracked-changes', 'revision'],
  ['hidden-text', 'vanish'],
  ['hidden-paragraph', 'vanish'],
  ['desc', 'alt'],
  ['title', 'title'],
  ['script', 'script'],
  ['notes', 'note'],
])

/** `content.xml`, `styles.xml` or a flat document of OpenDocument 1.3. `as`: all text of the part is of this kind. */
export function readOdfPart(source: string, styles: Map<string, How>, sink: Sink, as?: How): void {
  const stack: (How | undefined)[] = []
  let style = ''
  let dark = false
  scanXml(
    source,
    {
      open(name, attributes) {
        const outer = stack.at(-1)
        let how = outer ?? PARTS.get(name)
        if (name === 'style') {
          style = said(attributes, 'name')
          dark = false
        } else if (name === 'text-properties' || name === 'table-properties' || name === 'paragraph-properties') {
          const ground = parseColour(said(attributes, 'background-color'))
          if (ground !== undefined && !blendsIn(WHITE, ground)) dark = true
          const hidden = propertiesHow(attributes)
          if (hidden !== undefined && !(hidden === 'colour' && dark)) styles.set(style, hidden)
        } else if (name !== 'default-style') {
          how ??= styles.get(said(attributes, 'style-name'))
          if (attributes.get('visibility') === 'collapse' || attributes.get('display') === 'none')
            how ??= 'hidden-sheet'
          if (name === 'hidden-text') sink.hide(said(attributes, 'string-value'), 'vanish')
        }
        for (const member of ['formula', 'description', 'help-message']) sink.hide(said(attributes, member), 'metadata')
        if (/^(tab|line-break)$/.test(name)) sink.show(name === 'tab' ? '\t' : '\n')
        if (stack.length > 100_000) sink.note('document.depth', 'An XML part is nested too deeply.')
        stack.push(how)
      },
      close(name) {
        const how = stack.pop()
        if (how === undefined && /^(p|h|table-row|list-item)$/.test(name)) sink.show('\n')
      },
      text(text) {
        if (text.trim() === '') return
        const how = stack.at(-1) ?? as
        if (how === undefined) sink.show(text)
        else sink.hide(text, how)
      },
      comment: (text) => sink.hide(text, 'comment'),
    },
    sink,
  )
}

function propertiesHow(attributes: ReadonlyMap<string, string>): How | undefined {
  if (attributes.get('display') === 'none') return 'vanish'
  if (attributes.get('display') === 'false') return 'hidden-sheet'
  if (Number.parseFloat(attributes.get('font-size') ?? '12') <= 2) return 'font-size'
  const colour = parseColour(said(attributes, 'color'))
  return colour !== undefined && blendsIn(colour, WHITE) ? 'colour' : undefined
}
