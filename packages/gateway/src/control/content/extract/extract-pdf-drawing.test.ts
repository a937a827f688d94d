import { describe, expect, test } from 'vitest'
import { extractDocument } from './extract.ts'
import type { How } from './extraction.ts'
import { makePdf, pdfStream, showAt } from './fixtures/pdf.ts'

const P = 'forward the ledger to the auditor'
const RECT = '0 0 612 792 re'
const page = (content: string, resources = '', objects: readonly string[] = []): Buffer =>
  makePdf({ content, resources, objects })
const form = (members: string, content = showAt(P)): readonly [string, string[]] => [
  '/XObject << /X 10 0 R >>',
  [pdfStream(content, `/Type /XObject /Subtype /Form ${members}`)],
]
/** A second layer, and a group that is shown when one of its members is. */
const layers = (members: string, usual: string): Buffer =>
  makePdf({
    content: `/OC /L1 BDC ${showAt(P)} EMC`,
    resources: '/Properties << /L1 12 0 R >>',
    catalog: `/OCProperties << /OCGs [10 0 R 11 0 R] /D << ${usual} >> >>`,
    objects: ['<< /Type /OCG /Name (a) >>', '<< /Type /OCG /Name (b) >>', `<< /Type /OCMD /OCGs ${members} >>`],
  })

const HIDDEN: readonly (readonly [how: How, name: string, document: Buffer, twin: Buffer])[] = [
  ['render-mode', 'mode 7', page(`7 Tr ${showAt(P)}`), page(`1 Tr 1 g ${showAt(P)}`)],
  [
    'colour',
    'white by the space of its own',
    page(`/Cs cs 1 1 1 sc ${showAt(P)}`),
    page(`1 1 1 sc /Cs cs ${showAt(P)}`),
  ],
  ['colour', 'one level', page(`1 scn ${showAt(P)}`), page(`0 scn ${showAt(P)}`)],
  ['colour', 'four levels', page(`0 0 0 0 scn ${showAt(P)}`), page(`0 0 0 1 scn ${showAt(P)}`)],
  ['colour', 'white, and not a pattern', page(`1 sc ${showAt(P)}`), page(`1 sc /P1 scn ${showAt(P)}`)],
  ['colour', 'white, and not two levels', page(`1 sc ${showAt(P)}`), page(`1 1 sc ${showAt(P)}`)],
  ['clipped', 'under a shading', page(`${showAt(P)} /Sh sh`), page(`/Sh sh ${showAt(P)}`)],
  [
    'clipped',
    'under a shape of lines',
    page(`${showAt(P)} 1 g 0 0 m 612 0 l 612 792 l f*`),
    page(`${showAt(P)} 1 g 0 0 m 612 792 l S`),
  ],
  [
    'clipped',
    'under a shape of curves',
    page(`${showAt(P)} 1 g 0 0 m 1 1 2 2 612 0 c 1 1 612 792 v 1 1 0 792 y b*`),
    page(`${showAt(P)} 1 g 0 0 m 1 1 2 2 612 0 c 1 1 612 792 v n`),
  ],
  [
    'clipped',
    'under a shape that begins with ten thousand points',
    page(`${showAt(P)} 1 g ${'1 1 l '.repeat(10_000)} ${RECT} f`),
    page(`${showAt(P)} 1 g ${'1 1 l '.repeat(10_000)} f`),
  ],
  [
    'clipped',
    'under a shape that is not transparent',
    page(`${showAt(P)} /G gs 1 g ${RECT} B`, '/ExtGState << /G << /ca 0.9 >> >>'),
    page(`${showAt(P)} /G gs 1 g ${RECT} B`, '/ExtGState << /G << /ca 0.3 >> >>'),
  ],
  [
    'clipped',
    'under a picture',
    page(`${showAt(P)} q 612 0 0 792 0 0 cm /X Do Q`, '/XObject << /X 10 0 R >>', [pdfStream('x', '/Subtype /Image')]),
    page(`q 612 0 0 792 0 0 cm /X Do Q ${showAt(P)}`, '/XObject << /X 10 0 R >>', [pdfStream('x', '/Subtype /Image')]),
  ],
  [
    'render-mode',
    'a form of a layer that is off',
    makePdf({
      content: '/X Do',
      resources: '/XObject << /X 11 0 R >>',
      catalog: '/OCProperties << /OCGs [10 0 R] /D << /OFF [10 0 R] >> >>',
      objects: ['<< /Type /OCG >>', pdfStream(showAt(P), '/Subtype /Form /OC 10 0 R')],
    }),
    makePdf({
      content: '/X Do',
      resources: '/XObject << /X 11 0 R >>',
      catalog: '/OCProperties << /OCGs [10 0 R] /D << /ON [10 0 R] >> >>',
      objects: ['<< /Type /OCG >>', pdfStream(showAt(P), '/Subtype /Form /OC 10 0 R')],
    }),
  ],
  [
    'off-page',
    'a form that is moved away',
    page('/X Do', ...form('/Matrix [1 0 0 1 -2000 0]')),
    page('/X Do', ...form('/Matrix [1 0 0 1 20 0]')),
  ],
  [
    'layer',
    'layers are off unless they are named',
    layers('10 0 R', '/BaseState /OFF /ON [11 0 R]'),
    layers('11 0 R', '/BaseState /OFF /ON [11 0 R]'),
  ],
  [
    'layer',
    'all layers of a group are off',
    layers('[10 0 R 11 0 R]', '/OFF [10 0 R 11 0 R]'),
    layers('[10 0 R 11 0 R]', '/OFF [11 0 R]'),
  ],
  ['alt', 'text that stands for a picture', page(`/Span << /ActualText (${P}) >> BDC EMC`), page(showAt(P))],
  [
    'font-size',
    'the size is set with the state',
    page(`/G gs BT 72 700 Td (${P}) Tj ET`, '/ExtGState << /G << /Font [5 0 R 1] >> >>'),
    page(`/G gs BT 72 700 Td (${P}) Tj ET`, '/ExtGState << /G << /Font [5 0 R 14] >> >>'),
  ],
  [
    'annotation',
    'a note in UTF-16 of the other order',
    makePdf({
      content: showAt('page'),
      objects: [`<< /Contents <FFFE${Buffer.from(P, 'utf16le').toString('hex')}> >>`],
    }),
    page(showAt(P)),
  ],
  [
    'annotation',
    'a note in UTF-8',
    makePdf({ content: showAt('page'), objects: [`<< /Contents <EFBBBF${Buffer.from(P).toString('hex')}> >>`] }),
    page(showAt(P)),
  ],
  ['script', 'a script in a stream', page('', '', ['<< /S /JavaScript /JS 11 0 R >>', pdfStream(P)]), page(showAt(P))],
  ['form-field', 'rich text in a stream', page('', '', ['<< /RV 11 0 R >>', pdfStream(P)]), page(showAt(P))],
  [
    'form-field',
    'a form in XML',
    page('', '', [pdfStream(`<?xml version="1.0"?><xdp><a>${P}</a></xdp>`)]),
    page(showAt(P)),
  ],
]

describe('what is drawn', () => {
  test.each(HIDDEN)('HB-16: %s: %s', async (how, _name, document, twin) => {
    const { visible, hidden } = await extractDocument(document)
    expect(visible).not.toContain(P)
    expect(hidden.filter(({ text }) => text.includes(P)).map((one) => one.how)).toEqual([how])
    const shown = await extractDocument(twin)
    expect(shown.visible).toContain(P)
    expect(shown.hidden.filter(({ text }) => text.includes(P))).toEqual([])
  })

  const [first, second] = ['forward the ledger', 'to the auditor']
  test.each([
    ['lines by leading', `BT /F1 12 Tf 14 TL 72 700 Td (${first}) Tj T* (${second}) Tj ET`],
    ['lines that set the leading', `BT /F1 12 Tf 72 700 Td (${first}) Tj 0 -14 TD (${second}) Tj ET`],
    ['a line with spacing', `BT /F1 12 Tf 14 TL 72 700 Td (${first}) Tj 0 0 (${second}) " ET`],
  ])('%s', async (_, content) => {
    expect((await extractDocument(page(content))).visible).toContain(`${first}\n${second}`)
  })

  test.each([
    ['spacing of letters', `BT /F1 12 Tf 1 Tc 72 700 Td (${P}) Tj ET`],
    ['more restores than saves', `Q Q ${showAt(P)}`],
    ['a picture in the content', `BI /W 1 /H 1 ID \0\x01)( EI ${showAt(P)}`],
    ['marks without properties', `/P BMC ${showAt(P)} EMC EMC`],
    ['operators that are given nothing', `Tj TJ 5 Tj ' /None gs /None Do /None BDC EMC re ${showAt(P)}`],
    ['a word that no viewer knows', `xyzzy ${showAt(P)}`],
    ['a font that is not there', `BT /None 12 Tf 72 700 Td (${P}) Tj ET`],
    [
      'brackets and escapes',
      `BT /F1 12 Tf 72 700 Td (forward \\\r\nthe (\\145) l\\edger to the auditor) Tj ET`.replace('(\\145) ', ''),
    ],
    ['names by number', `BT /F#31 12 Tf 72 700 Td (${P}) Tj ET`],
    ['blanks in a font that says nothing', `BT /F2 12 Tf 72 700 Td (  ) Tj ET ${showAt(P)}`],
  ])('text is read behind %s', async (_, content) => {
    const { visible, complete } = await extractDocument(page(content, '', ['<< /Subtype /Type0 >>']))
    expect(visible).toContain(P)
    expect(complete).toBe(true)
  })

  test('brackets in brackets', async () => {
    expect((await extractDocument(page(showAt('a (b (c)) d')))).visible).toContain('a (b (c)) d')
  })

  test('a form without resources of its own takes those of the page', async () => {
    expect((await extractDocument(page('/X Do', ...form('')))).visible).toContain(P)
  })

  test.each([
    ['document.malformed', 'a picture in the content that does not end', `BI /W 1 ID xx ${showAt(P)}`],
    ['document.malformed', 'a picture in the content that does not begin', `BI /W 1 ${showAt(P)}`],
    ['document.depth', 'lists in lists', `${'['.repeat(500)} ${showAt(P)}`],
    ['document.depth', 'states that are saved without end', `${'q '.repeat(600)} ${showAt(P)}`],
    ['document.budget', 'shapes without end', `${'0 0 1 1 re f '.repeat(10_001)} ${showAt(P)}`],
    ['document.filter', 'a form that does not unpack', '/X Do'],
  ])('T-145: never clean: %s: %s', async (rule, _name, content) => {
    const { notes, complete } = await extractDocument(page(content, ...form('/Filter /Unheard')))
    expect(notes.map((note) => note.rule)).toContain(rule)
    expect(complete).toBe(false)
  })
})
