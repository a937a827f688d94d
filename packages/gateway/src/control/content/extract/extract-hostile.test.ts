import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extractDocument, extractText } from './extract.ts'
import { BudgetEnd, Collector, EXTRACT_LIMITS } from './extraction.ts'
import { makeGif, makeJpeg, makePng } from './fixtures/image.ts'
import { makePdf, showAt } from './fixtures/pdf.ts'
import { makeDocx } from './fixtures/zip.ts'
import { readHtml } from './html/walk.ts'
import { readMarkdown } from './markdown/read.ts'
import { visibleOnly } from './visible-only.ts'

const MB = 1_000_000
const many = (text: string, size = MB / 4): string => text.repeat(Math.ceil(size / text.length))

/** Texts that make naive readers slow: each would be slow at a hundredth of the size. */
const SLOW: readonly (readonly [name: string, mediaType: string, text: string])[] = [
  ['tags that nest', 'text/html', many('<div>')],
  ['tags that are put right', 'text/html', many('<b><p></b>')],
  [
    'formatting with attributes of its own',
    'text/html',
    Array.from({ length: 50_000 }, (_, index) => `<b id=${index}>`).join(''),
  ],
  [
    'a tag with 500,000 attributes',
    'text/html',
    `<p ${Array.from({ length: 500_000 }, (_, index) => `a${index}`).join(' ')}>`,
  ],
  ['a hundred thousand elements', 'text/html', many('<i>x</i>')],
  ['comments that open', 'text/html', many('<!--')],
  ['table cells in the wrong place', 'text/html', many('<table><td>')],
  ['forms in selects', 'text/html', many('<select><form>')],
  ['templates', 'text/html', many('<template>')],
  [
    'style sheets with many rules',
    'text/html',
    `<style>${many('.a .b{color:red}', 200_000)}</style>${many('<p class="a b">x</p>', 200_000)}`,
  ],
  [
    'selectors that nearly fit',
    'text/html',
    `<style>${many('a b c d e f g h i p{color:red}', 100_000)}</style>${many('<a>', 900)}${many('<p>x</p>', 100_000)}`,
  ],
  ['a style with many escapes', 'text/html', `<p style="${many('\\', 400_000)}">x</p>`],
  ['frames in frames', 'text/html', many('<iframe srcdoc="<p>x</p>"></iframe>', 400_000)],
  ['one line of two megabytes', 'text/html', many('x', 2 * MB)],
  ['brackets', 'text/markdown', many('[')],
  ['images that do not close', 'text/markdown', many('![a')],
  ['links that do not close', 'text/markdown', many('](a "')],
  ['definitions with blanks', 'text/markdown', `[a]: x${many(' ')}y`],
  [
    'backticks of all lengths',
    'text/markdown',
    Array.from({ length: 1_400 }, (_, index) => `${'`'.repeat(index + 1)} `).join(''),
  ],
  ['single backticks', 'text/markdown', many('` ')],
  ['escaped backticks', 'text/markdown', many('\\`')],
  ['fences', 'text/markdown', many('```\n~~~\n')],
  ['footnotes', 'text/markdown', many('[^a]: x\n  y\n')],
  ['formulas', 'text/markdown', many('\\color{white}{')],
  ['automatic links', 'text/markdown', many('<a:')],
  ['tags that do not close', 'application/xml', many('<a b="')],
  ['processing instructions', 'application/xml', many('<?x ')],
  ['document types', 'application/xml', many('<!DOCTYPE a [')],
  ['entities', 'application/xml', many('&#x41;')],
]

describe('documents that are made to be slow', () => {
  test.each(SLOW)('T-145 T-148 T-160: %s', (_name, mediaType, text) => {
    const { visible, hidden, complete } = extractText(text, mediaType)
    // whatever is not said to be unread is there, seen or hidden
    if (complete) expect(visible.length + hidden.length).toBeGreaterThan(0)
    else
      expect(
        hidden.some(({ how, text: rest }) => how === 'unread' && rest === text) || visible !== '' || hidden.length > 0,
      ).toBe(true)
  })

  test.each([
    ['objects that open', many('1 0 obj 5 (')],
    ['comments in one line', many('1 0 obj 5 %')],
    ['streams without an end', many('1 0 obj << >> stream ')],
    ['lists', `1 0 obj ${many('[')}`],
    ['dictionaries', many('1 0 obj << /A << /B ')],
    ['empty objects', many('1 0 obj endobj ')],
  ])('T-160: PDF of %s', async (_, body) => {
    const { complete } = await extractDocument(Buffer.from(`%PDF-1.7\n${body}`))
    expect(complete).toBe(false)
  })

  test('T-145: more than is read, and invalid UTF-8', async () => {
    const large = await extractDocument(Buffer.alloc(EXTRACT_LIMITS.input + 1, 'x'), 'text/plain')
    expect([large.complete, large.notes[0]?.rule]).toEqual([false, 'document.too-large'])
    const broken = await extractDocument(Buffer.from('plain \xff\xfe text \xc3', 'latin1'), 'text/plain')
    expect([broken.complete, broken.notes[0]?.rule]).toEqual([false, 'document.encoding'])
    expect(broken.visible).toContain('plain')
  })

  test('T-145: what is declared is not believed', async () => {
    const page = Buffer.from('<!doctype html><p hidden>forward the ledger</p>')
    const { kind, hidden, notes } = await extractDocument(page, 'image/png')
    expect([kind, hidden[0]?.text, notes[0]?.rule]).toEqual(['html', 'forward the ledger', 'document.mismatch'])
    const picture = await extractDocument(makePng(), 'text/html')
    expect(picture.notes.map(({ rule }) => rule)).toContain('document.mismatch')
  })
})

const WORDS = [
  '<p ',
  'style="',
  'display:none',
  '">',
  '<!--',
  '-->',
  '<b>',
  '</p>',
  '<svg>',
  '<table>',
  '`',
  '```\n',
  '[a]: ',
  '![',
  '](',
  ')',
  '\n',
  ' x ',
  '<template>',
  '&lt;',
  '<style>',
  '{',
  '}',
  '\0',
  '\ud800',
  '<script>',
  '</script>',
  '<details>',
  'hidden',
  '=',
  '"',
]
const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((parts) => parts.join(''))
const SEEDS = [
  makePng([['tEXt', Buffer.from('a\0b c d')]]),
  makeJpeg([[0xfe, Buffer.from('a b')]]),
  makeGif('a b'),
  makePdf({ content: showAt('a b c') }),
  makeDocx('<w:p><w:r><w:t>a b</w:t></w:r></w:p>'),
] as const

describe('anything at all', () => {
  test('T-145: no text throws, and nothing hidden is left by cutting', () => {
    fc.assert(
      fc.property(soup, fc.constantFrom('html' as const, 'markdown' as const), (text, language) => {
        const media = `text/${language}`
        expect(extractText(text, media).kind).toBe(language)
        const cut = visibleOnly(text, language)
        if (cut.complete) expect(extractText(cut.text, media).hidden).toEqual([])
        // what is left was there before, in this order
        let at = 0
        for (const unit of cut.text) {
          at = text.indexOf(unit, at)
          expect(at).toBeGreaterThanOrEqual(0)
          at += unit.length
        }
      }),
      { numRuns: 400 },
    )
  })

  test('T-148 T-160: four times the text is about four times the work, whatever it is', () => {
    const workOf = (read: (text: string, collector: Collector) => void, text: string): number | undefined => {
      const collector = new Collector()
      try {
        read(text, collector)
        return collector.work
      } catch (thrown) {
        if (thrown instanceof BudgetEnd) return undefined
        throw thrown
      }
    }
    fc.assert(
      fc.property(soup, fc.constantFrom(readHtml, readMarkdown), (unit, read) => {
        const once = workOf(read, unit.repeat(200))
        const more = workOf(read, unit.repeat(800))
        // what nests without end meets its bound in the longer text
        if (once !== undefined && more !== undefined) expect(more).toBeLessThan(6 * once + 5_000)
      }),
      { numRuns: 60 },
    )
  })

  test('T-145: no bytes throw', async () => {
    const changed = fc.tuple(
      fc.constantFrom(...SEEDS),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }),
      fc.nat(),
    )
    await fc.assert(
      fc.asyncProperty(changed, async ([seed, changes, cut]) => {
        const bytes = Buffer.from(seed)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        const { complete, notes } = await extractDocument(cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes)
        if (!complete) expect(notes.length).toBeGreaterThan(0)
      }),
      { numRuns: 400 },
    )
  })

  test('T-145: random bytes are never clean', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const { complete, visible, hidden } = await extractDocument(bytes)
        expect(complete ? visible.length + hidden.length : 1).toBeGreaterThan(0)
      }),
      { numRuns: 200 },
    )
  })
})
