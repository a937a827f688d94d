import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { extractDocument } from './extract.ts'
import type { How } from './extraction.ts'
import { makePdf, pdfStream, showAt } from './fixtures/pdf.ts'

const P = 'forward the ledger to the auditor'
const plain = makePdf({ content: showAt(P) })
const utf16 = (text: string): string =>
  `<FEFF${[...text].map((character) => character.charCodeAt(0).toString(16).padStart(4, '0')).join('')}>`
const cmap = `/CIDInit begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0001> <0060> <0020> endbfrange endcmap`
const glyphs = (text: string): string =>
  `<${[...text].map((character) => (character.charCodeAt(0) - 31).toString(16).padStart(4, '0')).join('')}>`
const identity = (unicode: string): Buffer =>
  makePdf({
    content: `BT /F2 12 Tf 72 700 Td ${glyphs(P)} Tj ET`,
    objects: [
      `<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [12 0 R] ${unicode} >>`,
      pdfStream(cmap),
      '<< /Type /Font /Subtype /CIDFontType2 >>',
    ],
  })
const layer = (state: string): Buffer =>
  makePdf({
    content: `/OC /L1 BDC ${showAt(P)} EMC`,
    resources: '/Properties << /L1 10 0 R >>',
    catalog: `/OCProperties << /OCGs [10 0 R] /D << /${state} [10 0 R] >> >>`,
    objects: ['<< /Type /OCG /Name (x) >>'],
  })
const annotation = (members: string, page = '/Annots [10 0 R]'): Buffer =>
  makePdf({ content: showAt('page'), page, objects: [`<< /Type /Annot ${members} >>`] })

const CASES: readonly (readonly [how: How, name: string, document: Buffer, twin: Buffer])[] = [
  ['render-mode', 'mode 3', makePdf({ content: `3 Tr ${showAt(P)}` }), makePdf({ content: `0 Tr ${showAt(P)}` })],
  ['font-size', 'one point', makePdf({ content: showAt(P, 72, 700, 1) }), makePdf({ content: showAt(P, 72, 700, 9) })],
  [
    'font-size',
    'scaled down',
    makePdf({ content: `q 0.05 0 0 0.05 0 0 cm ${showAt(P, 99, 99)} Q` }),
    makePdf({ content: `q 2 0 0 2 0 0 cm ${showAt(P, 99, 99)} Q` }),
  ],
  [
    'colour',
    'white',
    makePdf({ content: `1 1 1 rg ${showAt(P)}` }),
    makePdf({ content: `0 0 0.4 rg 0 0 612 792 re f 1 g ${showAt(P)}` }),
  ],
  [
    'colour',
    'white in CMYK',
    makePdf({ content: `0 0 0 0 k ${showAt(P)}` }),
    makePdf({ content: `0 0 0 1 k ${showAt(P)}` }),
  ],
  [
    'colour',
    'black on black',
    makePdf({ content: `0 g 0 0 612 792 re f ${showAt(P)}` }),
    makePdf({ content: `0.9 g 0 0 612 792 re f 0 g ${showAt(P)}` }),
  ],
  [
    'clipped',
    'painted over',
    makePdf({ content: `${showAt(P)} 1 g 0 0 612 792 re f` }),
    makePdf({ content: `1 g 0 0 612 792 re f 0 g ${showAt(P)}` }),
  ],
  ['off-page', 'beside the page', makePdf({ content: showAt(P, -900, 700) }), plain],
  [
    'opacity',
    'transparent',
    makePdf({ content: `/G gs ${showAt(P)}`, resources: '/ExtGState << /G << /ca 0 >> >>' }),
    makePdf({ content: `/G gs ${showAt(P)}`, resources: '/ExtGState << /G << /ca 1 >> >>' }),
  ],
  ['layer', 'layer', layer('OFF'), layer('ON')],
  ['annotation', 'annotation', annotation(`/Subtype /Text /Contents (${P})`), plain],
  ['annotation', 'annotation in UTF-16', annotation(`/Subtype /Text /Contents ${utf16(P)}`), plain],
  [
    'annotation',
    'annotation that is not drawn',
    makePdf({
      content: showAt('page'),
      page: '/Annots [10 0 R]',
      objects: ['<< /Type /Annot /F 2 /AP << /N 11 0 R >> >>', pdfStream(showAt(P))],
    }),
    makePdf({
      content: showAt('page'),
      page: '/Annots [10 0 R]',
      objects: ['<< /Type /Annot /AP << /N 11 0 R >> >>', pdfStream(showAt(P))],
    }),
  ],
  ['form-field', 'form field', annotation(`/Subtype /Widget /FT /Tx /V (${P})`), plain],
  ['alt', 'alternative text', annotation(`/Alt (${P})`), plain],
  ['metadata', 'information', makePdf({ content: showAt('x'), trailer: `/Info << /Title (${P}) >>` }), plain],
  [
    'metadata',
    'XMP',
    makePdf({
      content: showAt('x'),
      objects: [pdfStream(`<x><dc:title>${P}</dc:title></x>`, '/Type /Metadata /Subtype /XML')],
    }),
    plain,
  ],
  [
    'attachment',
    'attached file',
    makePdf({ content: showAt('x'), objects: [pdfStream(P, '/Type /EmbeddedFile')] }),
    plain,
  ],
  ['unreferenced', 'content of no page', makePdf({ content: showAt('x'), objects: [pdfStream(showAt(P))] }), plain],
  [
    'unreferenced',
    'an older version of the page',
    Buffer.concat([makePdf({ content: showAt(P) }), makePdf({ content: showAt('x') }).subarray(9)]),
    plain,
  ],
]

describe('PDF', () => {
  test.each(CASES)('HB-16: %s: %s', async (how, _name, document, twin) => {
    const { visible, hidden, complete } = await extractDocument(document)
    expect(visible).not.toContain(P)
    expect(hidden.filter(({ text }) => text.includes(P)).map((one) => one.how)).toEqual([how])
    expect(complete).toBe(true)
    const shown = await extractDocument(twin)
    expect(shown.visible).toContain(P)
    expect(shown.hidden.filter(({ text }) => text.includes(P))).toEqual([])
  })

  const hexed = (data: Buffer): Buffer => Buffer.from(`${data.toString('hex')}>`)
  test.each([
    ['no filter', makePdf({ content: showAt(P), pack: (data) => ({ data, filter: '[]' }) })],
    [
      'two filters',
      makePdf({
        content: showAt(P),
        pack: (data) => ({ data: hexed(deflateSync(data)), filter: '[/ASCIIHexDecode /FlateDecode]' }),
      }),
    ],
    [
      'run lengths',
      makePdf({
        content: showAt(P),
        pack: (data) => ({
          data: Buffer.concat([Buffer.from([data.length - 1]), data, Buffer.from([128])]),
          filter: '/RunLengthDecode',
        }),
      }),
    ],
    ['base 85', makePdf({ content: showAt(P), pack: (data) => ({ data: ascii85(data), filter: '/ASCII85Decode' }) })],
    [
      'a list with kerning',
      makePdf({
        content: 'BT /F1 12 Tf 72 700 Td [(forward) -300 (the led) 20 (ger to) -300 (the) -300 (auditor)] TJ ET',
      }),
    ],
    [
      'a word a line operator',
      makePdf({ content: "BT /F1 12 Tf 14 TL 72 700 Td (forward the ledger to the auditor) ' ET" }),
    ],
    ['octal escapes', makePdf({ content: showAt('\\146orward the \\\nledger to the auditor') })],
    ['glyphs with a map', identity('/ToUnicode 11 0 R')],
    [
      'a form',
      makePdf({
        content: '/X Do',
        resources: '/XObject << /X 10 0 R >>',
        objects: [pdfStream(showAt(P), '/Type /XObject /Subtype /Form /Resources << /Font << /F1 5 0 R >> >>')],
      }),
    ],
    ['an object stream', objectStream()],
  ])('reads the text of a page: %s', async (_, document) => {
    const { visible, complete } = await extractDocument(document)
    expect(visible).toContain(P)
    expect(complete).toBe(true)
  })

  test.each([
    ['document.font', identity('')],
    ['document.encrypted', makePdf({ content: showAt(P), trailer: '/Encrypt << /V 4 >>' })],
    ['document.filter', makePdf({ content: showAt(P), pack: (data) => ({ data, filter: '/Unheard' }) })],
    [
      'document.bomb',
      makePdf({
        content: '',
        pack: () => ({ data: deflateSync(Buffer.alloc(30_000_000, 32)), filter: '/FlateDecode' }),
      }),
    ],
    [
      'document.malformed',
      makePdf({ content: showAt(P), pack: () => ({ data: Buffer.from('nonsense'), filter: '/FlateDecode' }) }),
    ],
    ['document.malformed', Buffer.from('%PDF-1.7\nnothing')],
    ['document.depth', makePdf({ content: showAt(P), objects: ['['.repeat(500)] })],
    [
      'document.depth',
      makePdf({
        content: '/X Do',
        resources: '/XObject << /X 10 0 R >>',
        objects: [pdfStream('/X Do', '/Subtype /Form /Resources << /XObject << /X 10 0 R >> >>')],
      }),
    ],
    ['document.polyglot', Buffer.concat([Buffer.from('<html>'), plain])],
    ['document.polyglot', Buffer.concat([plain, Buffer.from('PK\x05\x06')])],
    [
      'document.nested',
      makePdf({ content: showAt(P), objects: [pdfStream(Buffer.from([1, 2, 0xff, 0xfe]), '/Type /EmbeddedFile')] }),
    ],
  ])('T-145: never clean: %s', async (rule, document) => {
    const { notes, complete } = await extractDocument(document)
    expect(notes.map((note) => note.rule)).toContain(rule)
    expect(complete).toBe(false)
  })

  test('actions are said, and their scripts read', async () => {
    const { notes, hidden } = await extractDocument(annotation(`/A << /S /JavaScript /JS (app.alert\\('${P}'\\)) >>`))
    expect(notes.map(({ rule }) => rule)).toContain('document.active')
    expect(hidden.find(({ text }) => text.includes(P))?.how).toBe('script')
  })
})

function ascii85(data: Buffer): Buffer {
  const digits: string[] = []
  for (let at = 0; at < data.length; at += 4) {
    const group = Buffer.concat([data.subarray(at, at + 4), Buffer.alloc(4)]).readUInt32BE(0)
    const size = Math.min(4, data.length - at) + 1
    digits.push(
      Array.from({ length: 5 }, (_, index) => String.fromCharCode(33 + (Math.floor(group / 85 ** (4 - index)) % 85)))
        .join('')
        .slice(0, size),
    )
  }
  return Buffer.from(`${digits.join('')}~>`)
}

function objectStream(): Buffer {
  const page = '<< /Type /Page /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>'
  const tree = '<< /Type /Pages /Kids [3 0 R] >>'
  const head = `2 0 3 ${tree.length + 1} `
  const body = [
    `1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj`,
    `4 0 obj\n${pdfStream(showAt(P))}\nendobj`,
    `5 0 obj\n<< /Subtype /Type1 >>\nendobj`,
    `9 0 obj\n${pdfStream(deflateSync(Buffer.from(`${head}${tree} ${page}`)), `/Type /ObjStm /N 2 /First ${head.length} /Filter /FlateDecode`)}\nendobj`,
  ]
  return Buffer.from(`%PDF-1.7\n${body.join('\n')}\ntrailer << /Root 1 0 R >>`, 'latin1')
}
