import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { extractDocument } from './extract.ts'
import { makePdf, pdfStream, showAt } from './fixtures/pdf.ts'

const P = 'forward the ledger to the auditor'
const LEAF = '/Type /Page /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>'
/** A file of these objects alone. */
const fileOf = (objects: Readonly<Record<number, string>>, trailer = ''): Buffer =>
  Buffer.from(
    `%PDF-1.7\n${Object.entries(objects)
      .map(([number, text]) => `${number} 0 obj\n${text}\nendobj\n`)
      .join('')}${trailer}`,
    'latin1',
  )
const whole = (objects: Readonly<Record<number, string>>, trailer = ''): Buffer =>
  fileOf(
    {
      1: '<< /Type /Catalog /Pages 2 0 R >>',
      2: '<< /Kids [3 0 R] >>',
      3: `<< ${LEAF} >>`,
      4: pdfStream(showAt(P)),
      5: '<< /Subtype /Type1 >>',
      ...objects,
    },
    trailer,
  )
const packed = (objects: string, first: number, members = ''): string =>
  pdfStream(
    deflateSync(Buffer.from(objects, 'latin1')),
    `/Type /ObjStm /First ${first} /Filter /FlateDecode ${members}`,
  )

describe('files of PDF', () => {
  test.each([
    ['no trailer', whole({})],
    ['a table of places that is a stream', whole({ 9: pdfStream('x', '/Type /XRef /Root 1 0 R') })],
    ['pages that hold themselves', whole({ 2: '<< /Kids [2 0 R 3 0 R 2 0 R] >>' })],
    ['content in pieces', whole({ 3: '<< /Contents [4 0 R 9 0 R 5 0 R] /Resources << >> >>' })],
    ['kids by reference', whole({ 2: '<< /Kids 8 0 R >>', 8: '[3 0 R]' })],
    ['an odd box', whole({ 3: `<< ${LEAF} /MediaBox [0 0 612] >>` })],
    ['an object without a value at the end', whole({}, '9 0 obj')],
    ['values that are no text', whole({ 9: '[true false null << /A null 1 2 >>]' })],
    ['a stream that lies about its length', whole({ 4: pdfStream(showAt(P)).replace(/Length \d+/, 'Length 3') })],
    ['an object stream that says nothing', whole({ 9: packed('x y', 4) })],
  ])('text is read: %s', async (_, document) => {
    const { visible, complete } = await extractDocument(document)
    expect(visible).toContain(P)
    expect(complete).toBe(true)
  })

  test.each([
    ['/ID', '/ID [(words that are an id) (words that are an id)]'],
    ['colours', '/Palette [/Indexed /DeviceRGB 3 (words that are colours)]'],
    ['colours, in short', '/Palette [/I /DeviceRGB 3 (words that are colours)]'],
    ['a signature', '/Sig << /Type /Sig /Contents (words that are a signature) >>'],
    ['digits and signs', '/Name (\\001\\002\\003 +-*/ 4)'],
  ])('what is no text is none: %s', async (_, members) => {
    const { hidden } = await extractDocument(whole({ 9: `<< ${members} >>` }))
    expect(hidden).toEqual([])
  })

  test('streams that are no text of the document are left: fonts, tables, pictures', async () => {
    const streams = {
      20: pdfStream(showAt('font'), '/Type /Font'),
      21: pdfStream(showAt('font'), '/Length1 9'),
      22: pdfStream(showAt('font'), '/Subtype /Type1C'),
      23: pdfStream(showAt('font'), '/Subtype /Image'),
      24: pdfStream(showAt('font'), '/Filter /DCTDecode'),
      25: pdfStream('neither text nor form'),
    }
    const { visible, hidden } = await extractDocument(whole(streams))
    expect(visible.trim()).toBe(P)
    expect(hidden).toEqual([])
  })

  test('a picture or nothing in the place of content is an empty page', async () => {
    for (const content of [pdfStream('x', '/Filter /DCTDecode'), '<< >>', '[9 0 R]']) {
      const { visible } = await extractDocument(whole({ 4: content }))
      expect(visible.trim()).toBe('')
    }
  })

  test('an annotation is drawn in its state, moved by its matrix', async () => {
    const annotation = (state: string): Buffer =>
      makePdf({
        content: showAt('page'),
        page: '/Annots [10 0 R 13 0 R]',
        objects: [
          `<< /AP << /N << /On 11 0 R /Off 12 0 R >> >> /AS /${state} >>`,
          pdfStream(showAt(P), '/Matrix [1 0 0 1 9 9]'),
          pdfStream(showAt('nothing here')),
          '<< /AP << /N 14 0 R >> >>',
          pdfStream('x', '/Filter /DCTDecode'),
        ],
      })
    const on = await extractDocument(annotation('On'))
    expect([on.visible.includes(P), on.hidden.map(({ how }) => how)]).toEqual([true, ['unreferenced']])
    const off = await extractDocument(annotation('Off'))
    expect([off.visible.includes(P), off.hidden.map(({ text }) => text)]).toEqual([false, [P]])
    const none = await extractDocument(annotation('Neither'))
    expect(none.hidden.map(({ text }) => text)).toEqual([P, 'nothing here'])
  })

  test.each([
    ['document.malformed', 'an object that is a reference alone', whole({ 2: '<< /Kids 8 0 R >>', 8: '8 0 R' })],
    ['document.malformed', 'a packed object that is cut off', whole({ 9: packed('20 0 21 9 (abc)    ', 10) })],
    ['document.depth', 'a list without end', whole({ 9: `[${'1 '.repeat(200_001)}]` })],
    ['document.depth', 'a packed object that is nested', whole({ 9: '['.repeat(100) })],
    ['document.budget', 'too many packed objects', whole({ 9: packed(`${'20 0 '.repeat(50_000)} 1`, 250_000) })],
    ['document.budget', 'too many objects', Buffer.from(`%PDF-1.7\n${'1 0 obj 1 '.repeat(200_001)}`)],
    [
      'document.filter',
      'packed objects in a filter of their own',
      whole({ 9: pdfStream('x', '/Type /ObjStm /Filter /No') }),
    ],
  ])('T-145: never clean: %s: %s', async (rule, _name, document) => {
    const { notes, complete } = await extractDocument(document)
    expect(notes.map((note) => note.rule)).toContain(rule)
    expect(complete).toBe(false)
  })
})

const shown = (
  codes: string,
  font: string,
  ...objects: readonly string[]
): Promise<{ visible: string; complete: boolean }> =>
  extractDocument(
    makePdf({ content: `BT /F2 12 Tf 72 700 Td ${codes} Tj ET`, objects: [`<< /Type /Font ${font} >>`, ...objects] }),
  )
const mapped = (codes: string, cmap: string, kind = '/Type0'): Promise<{ visible: string; complete: boolean }> =>
  shown(codes, `/Subtype ${kind} /ToUnicode 11 0 R`, pdfStream(cmap))

describe('fonts of PDF', () => {
  test.each([
    [
      'names of glyphs',
      '<0102030405>',
      '/Encoding << /Differences [1 /f /fi.alt /space /uni0041 /u1F600] >>',
      'ffi A😀',
    ],
    [
      'names over another table',
      '<418A01>',
      '/Encoding << /BaseEncoding /MacRomanEncoding /Differences [1 /Euro] >>',
      'Aä€',
    ],
    ['numbers that are no names', '<0201>', '/Encoding << /Differences [1 /one (x) 2 /two] >>', '21'],
    ['no names after all', '(abc)', '/Encoding << /Differences 5 >>', 'abc'],
  ])('%s', async (_, codes, encoding, text) => {
    const { visible, complete } = await shown(codes, `/Subtype /Type1 ${encoding}`)
    expect([visible.trim(), complete]).toEqual([text, true])
  })

  test('words are parted by where they stand: widths are those of the font', async () => {
    const text = async (widths: string): Promise<string> => {
      const content = 'BT /F2 10 Tf 72 700 Td (ab) Tj 20 0 Td (cd) Tj ET'
      const font = `<< /Subtype /Type1 /FirstChar 97 /Widths ${widths} >>`
      return (await extractDocument(makePdf({ content, objects: [font, '1000'] }))).visible.trim()
    }
    expect(await text('[1000 11 0 R]')).toBe('abcd')
    expect(await text('[500 500]')).toBe('ab cd')
  })

  test.each([
    ['code by code', '<0102>', '1 beginbfchar <01> <0061> <02> <D83DDE00> endbfchar', 'a😀'],
    [
      'a range that steps over the surrogates',
      '<01020304>',
      '1 beginbfrange <01> <02> <D83DDE00> <03> <03> [<0062>] <04> <04> 7 endbfrange',
      '😀😁b',
    ],
    [
      'codes of one byte and two',
      '<80000102>',
      '2 begincodespacerange <00> <7F> <8000> <FFFF> endcodespacerange 1 beginbfchar <8000> <0061> <01> <0062> <02> <0063> endbfchar',
      'abc',
    ],
    [
      'codes that no space holds',
      '<0102>',
      '1 begincodespacerange <FE> <FF> endcodespacerange 1 beginbfchar <01> <0061> <02> <0062> endbfchar',
      'ab',
    ],
    [
      'two bytes where nothing says how many',
      '<01000200>',
      '1 beginbfchar <0100> <0061> <0200> <0062> endbfchar',
      'ab',
    ],
    ['a code that is cut off', '<010002>', '1 beginbfchar <0100> <0061> <0200> <0062> endbfchar', 'ab'],
    [
      'operands that are no strings',
      '<01>',
      '1 begincodespacerange 5 6 endcodespacerange 1 beginbfchar 5 <0062> <01> <0061> endbfchar 1 beginbfrange 5 6 7 endbfrange',
      'a',
    ],
  ])('a map of codes: %s', async (_, codes, cmap, text) => {
    const { visible, complete } = await mapped(codes, cmap)
    expect([visible.trim(), complete]).toEqual([text, true])
  })

  test('a simple font with a map, and codes that are Unicode themselves', async () => {
    expect((await mapped('<0141>', '1 beginbfchar <01> <0062> endbfchar', '/Type1')).visible.trim()).toBe('bA')
    const ucs2 = await shown('<00610062>', '/Subtype /Type0 /Encoding /UniGB-UCS2-H /DescendantFonts [11 0 R]', '<< >>')
    expect(ucs2.visible.trim()).toBe('ab')
  })

  test.each([
    ['a glyph whose name says nothing', () => shown('<01>', '/Subtype /Type1 /Encoding << /Differences [1 /g123] >>')],
    ['a code without a text', () => mapped('<0102>', '1 beginbfchar <01> <0061> endbfchar')],
    ['codes that nothing maps', () => mapped('<0102>', 'nothing')],
    [
      'a font that maps too many codes',
      () => mapped('<0000>', '2 beginbfrange <0000> <FFFF> <0020> <010000> <01FFFF> <0020> endbfrange'),
    ],
  ])('T-145: never clean: %s', async (_, document) => {
    expect((await document()).complete).toBe(false)
  })
})
