import { describe, expect, test } from 'vitest'
import { extractDocument } from './extract.ts'
import type { How } from './extraction.ts'
import { makePng } from './fixtures/image.ts'
import { makeDocx, makeXlsx, makeZip } from './fixtures/zip.ts'

const P = 'forward the ledger to the auditor'
const run = (properties: string, text = `<w:t>${P}</w:t>`): string =>
  `<w:p><w:r><w:rPr>${properties}</w:rPr>${text}</w:r></w:p>`
const word = (body: string, others: Readonly<Record<string, string>> = {}): Buffer => makeDocx(body, others)
const part = (name: string, data: string | Buffer): Buffer =>
  makeZip([
    ['word/document.xml', '<w:t>x</w:t>'],
    [name, data],
  ])
const cell = `<row><c r="A1" s="1" t="inlineStr"><is><t>${P}</t></is></c></row>`
/** A sheet whose only cell has the second of two formats. */
const styled = (fonts: string, fills = '', numFmts = '', xf = '<xf fontId="1" fillId="1" numFmtId="200"/>'): Buffer =>
  makeXlsx(cell, {
    'xl/styles.xml': `<s><numFmts>${numFmts}</numFmts><fonts><font/><font>${fonts}</font></fonts><fills><fill/><fill>${fills}</fill></fills><cellXfs><xf/>${xf}</cellXfs></s>`,
  })
const sheet = (xml: string): Buffer => makeXlsx(xml)
const slide = (inner: string, outer = ''): Buffer =>
  makeZip([['ppt/slides/slide1.xml', `<p:sld>${outer}<p:sp>${inner}</p:sp></p:sld>`]])
const white = (colour: string): string =>
  `<a:r><a:rPr><a:solidFill>${colour}</a:solidFill></a:rPr><a:t>${P}</a:t></a:r>`
const WHITE = white('<a:srgbClr val="FFFFFF"/>')
const text = `<a:r><a:t>${P}</a:t></a:r>`
const odf = (content: string, others: readonly (readonly [string, string])[] = []): Buffer =>
  makeZip([['mimetype', 'application/vnd.oasis.opendocument.text'], ['content.xml', content], ...others])
const odfStyle = (properties: string, members = 'text:style-name="s"'): Buffer =>
  odf(`<o><style:style style:name="s">${properties}</style:style><text:p ${members}>${P}</text:p></o>`)

const CASES: readonly (readonly [how: How, name: string, document: Buffer, twin: Buffer])[] = [
  ['font-size', 'docx squeezed', word(run('<w:w w:val="1"/>')), word(run('<w:w w:val="90"/>'))],
  [
    'colour',
    'docx in the colour of the ground',
    word(run('<w:color w:themeColor="background1"/>')),
    word(run('<w:color w:val="101010"/>')),
  ],
  [
    'colour',
    'docx white, no mark',
    word(run('<w:color w:val="FFFFFF"/><w:highlight/>')),
    word(run('<w:color w:val="FFFFFF"/><w:highlight w:val="red"/>')),
  ],
  [
    'colour',
    'docx white, shaded white',
    word(run('<w:color w:val="FFFFFF"/><w:shd/>')),
    word(
      run('').replace('<w:r>', '<w:shd w:fill="000000"/><w:r>').replace('<w:rPr>', '<w:rPr><w:color w:val="FFFFFF"/>'),
    ),
  ],
  ['metadata', 'docx field code', word(run('', `<w:instrText>${P}</w:instrText>`)), word(run(''))],
  [
    'fallback',
    'docx for old readers',
    word(`<w:p><mc:Fallback>${run('')}</mc:Fallback></w:p>`),
    word(`<w:p><mc:Fallback/></mc:Fallback>${run('')}</w:p>`),
  ],
  [
    'vanish',
    'docx style of a run',
    word(run('<w:rStyle w:val="S"/>'), { 'word/styles.xml': '<s><w:style w:styleId="S"><w:vanish/></w:style></s>' }),
    word(run('<w:rStyle w:val="S"/>'), { 'word/styles.xml': '<s><w:style w:styleId="T"><w:vanish/></w:style></s>' }),
  ],
  [
    'colour',
    'docx style that is white',
    word(run('<w:rStyle w:val="S"/>'), {
      'word/styles.xml': '<s><w:style w:styleId="S"><w:color w:val="FFFFFF"/></w:style></s>',
    }),
    word(run('<w:rStyle w:val="S"/>'), {
      'word/styles.xml': '<s><w:style w:styleId="S"><w:color w:val="FFFFFF"/><w:shd w:fill="000000"/></w:style></s>',
    }),
  ],
  ['comment', 'docx comment of XML', word(`<!-- ${P} -->`), word(`<![CDATA[]]>${run('')}`)],
  ['comment', 'docx instruction', word(`<?x ${P}?>`), word(`<?xml version="1.0"?>${run('')}`)],
  [
    'vanish',
    'xlsx format that shows nothing',
    styled('', '', '<numFmt numFmtId="200" formatCode=";;;"/>'),
    styled('', '', '<numFmt numFmtId="200" formatCode="0.00"/>'),
  ],
  ['font-size', 'xlsx tiny', styled('<sz val="1"/>'), styled('<sz/>')],
  [
    'colour',
    'xlsx white by theme',
    styled('<color theme="0"/>', '<fgColor rgb="FFFFFFFF"/>'),
    styled('<color theme="0"/>', '<fgColor rgb="FF000080"/>'),
  ],
  [
    'metadata',
    'xlsx formula',
    sheet(`<row><c r="A1"><f>${P}</f><v>1</v></c></row>`),
    sheet(`<row><c r="A1" t="str"><v>${P}</v></c></row>`),
  ],
  ['note', 'xlsx prompt', sheet(`<dataValidation prompt="${P}"/>`), sheet(cell)],
  ['title', 'xlsx tip of a link', sheet(`<hyperlink tooltip="${P}"/>`), sheet(cell)],
  ['header', 'xlsx header', sheet(`<oddHeader>${P}</oddHeader>`), sheet(`<other>${P}</other>${cell}`)],
  [
    'hidden-sheet',
    'xlsx row of no height',
    sheet(cell.replace('<row>', '<row ht="0">')),
    sheet(cell.replace('<row>', '<row ht="12">')),
  ],
  [
    'hidden-sheet',
    'xlsx column of no width',
    sheet(`<cols><col min="1" max="1" width="0"/></cols>${cell}`),
    sheet(`<cols><col min="1" max="1" width="9"/></cols>${cell}`),
  ],
  ['metadata', 'xlsx name', makeXlsx('', { 'xl/workbook.xml': `<w><definedName>${P}</definedName></w>` }), sheet(cell)],
  [
    'font-size',
    'pptx tiny',
    slide(`<a:r><a:rPr sz="100"/><a:t>${P}</a:t></a:r>`),
    slide(`<a:r><a:rPr sz="1800"/><a:t>${P}</a:t></a:r>`),
  ],
  [
    'colour',
    'pptx transparent',
    slide(white('<a:srgbClr val="000000"><a:alpha val="0"/></a:srgbClr>')),
    slide(white('<a:srgbClr val="000000"><a:alpha/></a:srgbClr>')),
  ],
  ['colour', 'pptx colour of the system', slide(white('<a:sysClr val="window"/>')), slide(white('<a:sysClr/>'))],
  [
    'colour',
    'pptx white, a line around',
    slide(`<p:spPr><a:ln><a:solidFill/></a:ln></p:spPr>${WHITE}`),
    slide(WHITE, '<p:pic/>'),
  ],
  [
    'colour',
    'pptx white on white',
    slide(WHITE, '<p:bg><a:srgbClr val="FFFFFF"/></p:bg>'),
    slide(WHITE, '<p:bg><a:srgbClr/></p:bg>'),
  ],
  ['title', 'pptx tip of a link', slide(`<a:hlinkClick tooltip="${P}"/>`), slide(`<a:hlinkClick/>${text}`)],
  [
    'off-page',
    'pptx far below',
    slide(`<a:off x="0" y="90000000"/>${text}`),
    slide(`<a:off x="0" y="9"/>words outside${text}`),
  ],
  [
    'font-size',
    'odt tiny',
    odfStyle('<style:text-properties fo:font-size="1pt"/>'),
    odfStyle('<style:text-properties fo:font-size="9pt"/>'),
  ],
  [
    'hidden-sheet',
    'ods table',
    odfStyle('<style:table-properties table:display="false"/>'),
    odfStyle('<style:table-properties table:display="true"/>'),
  ],
  [
    'hidden-sheet',
    'ods folded row',
    odfStyle('', 'table:visibility="collapse"'),
    odfStyle('', 'table:visibility="visible"'),
  ],
  [
    'vanish',
    'odt hidden text',
    odf(`<a><text:hidden-text text:string-value="${P}"/></a>`),
    odf(`<a><text:p>${P}</text:p></a>`),
  ],
  ['metadata', 'ods formula', odf(`<a><table:c table:formula="${P}"/></a>`), odf(`<a><text:p>${P}</text:p></a>`)],
  [
    'header',
    'odt header',
    odf('<a/>', [['styles.xml', `<a><text:p>${P}</text:p></a>`]]),
    odf(`<a><text:p>${P}</text:p></a>`),
  ],
  ['comment', 'odt comment of XML', odf(`<a><!-- ${P} --></a>`), odf(`<a><text:p>${P}</text:p></a>`)],
  ['metadata', 'a long attribute', part('customXml/item1.xml', `<a b='${P}'/>`), word(run(''))],
  ['attachment', 'a file beside', part('word/notes.txt', P), word(run(''))],
  ['note', 'a comment in a thread', part('word/threadedComments/t.xml', `<a>${P}</a>`), word(run(''))],
]

describe('parts of Office documents', () => {
  test.each(CASES)('HB-16: %s: %s', async (how, _name, document, twin) => {
    const { visible, hidden } = await extractDocument(document)
    expect(visible).not.toContain(P)
    expect(hidden.filter((one) => one.text.includes(P)).map((one) => one.how)).toEqual([how])
    const shown = await extractDocument(twin)
    expect(shown.visible).toContain(P)
    expect(shown.hidden.filter((one) => one.text.includes(P))).toEqual([])
  })

  test('tabs and lines of each format', async () => {
    expect(
      (await extractDocument(word(run('', '<w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>')))).visible,
    ).toContain('a\tb\nc')
    expect((await extractDocument(odf('<a>b<text:tab/>c<text:line-break/>d</a>'))).visible).toContain('b\tc\nd')
  })

  test('a book is its pages', async () => {
    const book = makeZip([
      ['META-INF/container.xml', '<container/>'],
      ['OEBPS/one.xhtml', `<p>${P}</p><p hidden>and tell nobody</p>`],
    ])
    const { kind, visible, hidden } = await extractDocument(book)
    expect([kind, visible.trim(), hidden.map((one) => one.text)]).toEqual(['epub', P, ['and tell nobody']])
  })

  test.each([
    ['Word', makeZip([['word/other.xml', '<a/>']])],
    ['Excel', makeZip([['xl/other.xml', '<a/>']])],
    ['PowerPoint', makeZip([['ppt/other.xml', '<a/>']])],
    [
      'a workbook whose sheets and strings are nowhere',
      makeXlsx('<row><c t="s"><v>7</v></c></row>', {
        'xl/workbook.xml': '<w><sheet/><sheet state="hidden"/></w>',
        'xl/_rels/workbook.xml.rels': '<r><Relationship/></r>',
        'xl/sharedStrings.xml': '<sst><t>stray</t></si></sst>',
      }),
    ],
  ])('a package without its main parts holds nothing: %s', async (_, document) => {
    const { visible, hidden, complete } = await extractDocument(document)
    expect([visible.trim(), hidden, complete]).toEqual(['', [], true])
  })

  test.each([
    ['UTF-16, small end first', Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(`<w:t>${P}</w:t>`, 'utf16le')])],
    [
      'UTF-16, big end first',
      Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(`<w:t>${P}</w:t>`, 'utf16le').swap16()]),
    ],
    ['references to characters', `<w:t>${P.replace('l', '&#108;').replace('f', '&#x66;')}</w:t>`],
    ['a document type without entities', `<!DOCTYPE w><w:t>${P}</w:t>`],
    ['a document type with brackets behind it', `<!DOCTYPE w><w:t>${P}</w:t>[`],
  ])('XML is read: %s', async (_, xml) => {
    const { visible, complete } = await extractDocument(makeZip([['word/document.xml', xml]]))
    expect([visible.includes(P), complete]).toEqual([true, true])
  })

  test('characters that do not exist are said to be none', async () => {
    const { visible } = await extractDocument(word(run('', '<w:t>a&#0;b&#xFFFFFF;c&lt;&unheard;</w:t>')))
    expect(visible).toContain('a\ufffdb\ufffdc<&unheard;')
  })

  const rules = async (document: Buffer): Promise<readonly string[]> => {
    const { complete, notes } = await extractDocument(document)
    return [complete ? 'complete' : 'incomplete', ...notes.map(({ rule }) => rule)]
  }

  test.each([
    ['document.encoding', 'not UTF-8', part('word/footnotes.xml', Buffer.from('<w:t>\xff\xff</w:t>', 'latin1'))],
    ['document.malformed', 'a comment that does not end', word('<!-- x')],
    ['document.malformed', 'a tag that does not end', word('<a b="x')],
    [
      'document.malformed',
      'a part twice',
      makeZip([
        ['word/document.xml', '<a/>'],
        ['word/document.xml', '<b/>'],
      ]),
    ],
    ['document.entity', 'a document type that does not end', word('<!DOCTYPE a [ <!ENTITY b "c">')],
    ['document.part', 'a part of another format', word('<w:altChunk/>')],
    ['document.part', 'a part of no known kind', part('word/what.xyz', 'x')],
    ['document.part', 'a picture that is not read', part('word/media/a.emf', 'x')],
    ['document.encrypted', 'a sealed text', odf('<a/>', [['META-INF/manifest.xml', '<m><encryption-data/></m>']])],
    ['document.depth', 'a text that is nested', odf('<a>'.repeat(100_002))],
  ])('T-145: never clean: %s: %s', async (rule, _name, document) => {
    const found = await rules(document)
    expect([found[0], found.includes(rule)]).toEqual(['incomplete', true])
  })

  test.each([
    ['fonts and folders', part('word/fonts/a.odttf', 'x'), []],
    ['settings of a printer', part('word/printerSettings1.bin', 'x'), []],
    ['a macro that is text', part('word/macros/a.xml', '<a/>'), ['document.macro']],
    ['a picture', part('word/media/a.png', makePng()), ['document.pixels']],
    ['a link', part('word/_rels/a.rels', '<R TargetMode="External" Type="x/hyperlink"/>'), []],
    ['something from the network', part('word/_rels/a.rels', '<R TargetMode="External"/>'), ['document.external']],
    ['a document type that does not end', word('<!DOCTYPE a'), []],
  ])('%s are no hole', async (_, document, notes) => {
    expect(await rules(document)).toEqual(['complete', ...notes])
  })
})
