import { describe, expect, test } from 'vitest'
import { extractDocument } from './extract.ts'
import type { How } from './extraction.ts'
import { makeDocx, makeXlsx, makeZip } from './fixtures/zip.ts'

const P = 'forward the ledger to the auditor'
const run = (properties: string, text = P): string =>
  `<w:p><w:r><w:rPr>${properties}</w:rPr><w:t>${text}</w:t></w:r></w:p>`
const part = (name: string, xml: string, body = run('')): Buffer => makeDocx(body.replace(P, 'x'), { [name]: xml })
const cell = (text: string, more = ''): string =>
  `<row ${more}><c r="A1" t="inlineStr"><is><t>${text}</t></is></c></row>`
const slide = (inner: string, attributes = ''): Buffer =>
  makeZip([['ppt/slides/slide1.xml', `<p:sld ${attributes}><p:sp>${inner}</p:sp></p:sld>`]])
const WHITE = `<a:r><a:rPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></a:rPr><a:t>${P}</a:t></a:r>`
const deck = (master: string): Buffer =>
  makeZip([
    ['ppt/slideMasters/slideMaster1.xml', `<p:sldMaster>${master}</p:sldMaster>`],
    ['ppt/slides/slide1.xml', `<p:sld><p:sp>${WHITE}</p:sp></p:sld>`],
  ])
const odf = (content: string, others: readonly (readonly [string, string])[] = []): Buffer =>
  makeZip([['mimetype', 'application/vnd.oasis.opendocument.text'], ['content.xml', content], ...others])
const odfStyle = (properties: string): Buffer =>
  odf(
    `<office><style:style style:name="s"><style:text-properties ${properties}/></style:style><text:p text:style-name="s">${P}</text:p></office>`,
  )

const CASES: readonly (readonly [how: How, name: string, document: Buffer, twin: Buffer])[] = [
  ['vanish', 'docx hidden run', makeDocx(run('<w:vanish/>')), makeDocx(run('<w:vanish w:val="0"/>'))],
  [
    'vanish',
    'docx with another prefix',
    makeDocx(run('<w:vanish/>').replaceAll('w:', 'q:')),
    makeDocx(run('<w:b/>').replaceAll('w:', 'q:')),
  ],
  [
    'vanish',
    'docx hidden by style',
    makeDocx(`<w:p><w:pPr><w:pStyle w:val="S"/></w:pPr><w:r><w:t>${P}</w:t></w:r></w:p>`, {
      'word/styles.xml':
        '<w:styles><w:style w:styleId="B"><w:rPr><w:vanish/></w:rPr></w:style><w:style w:styleId="S"><w:basedOn w:val="B"/></w:style></w:styles>',
    }),
    makeDocx(`<w:p><w:pPr><w:pStyle w:val="S"/></w:pPr><w:r><w:t>${P}</w:t></w:r></w:p>`, {
      'word/styles.xml': '<w:styles><w:style w:styleId="S"><w:rPr><w:b/></w:rPr></w:style></w:styles>',
    }),
  ],
  [
    'colour',
    'docx white',
    makeDocx(run('<w:color w:val="FFFFFF"/>')),
    makeDocx(run('<w:color w:val="FFFFFF"/><w:shd w:fill="000080"/>')),
  ],
  ['font-size', 'docx tiny', makeDocx(run('<w:sz w:val="2"/>')), makeDocx(run('<w:sz w:val="22"/>'))],
  [
    'revision',
    'docx deleted',
    makeDocx(`<w:p><w:del><w:r><w:delText>${P}</w:delText></w:r></w:del></w:p>`),
    makeDocx(`<w:p><w:ins><w:r><w:t>${P}</w:t></w:r></w:ins></w:p>`),
  ],
  ['note', 'docx comment', part('word/comments.xml', `<w:comments>${run('')}</w:comments>`), makeDocx(run(''))],
  ['note', 'docx footnote', part('word/footnotes.xml', `<w:footnotes>${run('')}</w:footnotes>`), makeDocx(run(''))],
  ['header', 'docx header', part('word/header1.xml', `<w:hdr>${run('')}</w:hdr>`), makeDocx(run(''))],
  [
    'metadata',
    'docx properties',
    part('docProps/core.xml', `<cp><dc:subject>${P}</dc:subject></cp>`),
    makeDocx(run('')),
  ],
  ['metadata', 'docx custom XML', part('customXml/item1.xml', `<a>${P}</a>`), makeDocx(run(''))],
  ['alt', 'docx picture', makeDocx(`<w:p><wp:docPr descr="${P}"/></w:p>`), makeDocx(run(''))],
  [
    'hidden-sheet',
    'xlsx hidden sheet',
    makeXlsx('', { 'xl/worksheets/sheet2.xml': cell(P) }, 'state="veryHidden"'),
    makeXlsx('', { 'xl/worksheets/sheet2.xml': cell(P) }),
  ],
  ['hidden-sheet', 'xlsx hidden row', makeXlsx(cell(P, 'hidden="1"')), makeXlsx(cell(P))],
  [
    'hidden-sheet',
    'xlsx hidden column',
    makeXlsx(`<cols><col min="1" max="1" hidden="1"/></cols>${cell(P)}`),
    makeXlsx(`<cols><col min="2" max="2" hidden="1"/></cols>${cell(P)}`),
  ],
  [
    'colour',
    'xlsx white',
    makeXlsx(cell(P).replace('r="A1"', 'r="A1" s="0"'), {
      'xl/styles.xml':
        '<s><fonts><font><color rgb="FFFFFFFF"/></font></fonts><fills><fill/></fills><cellXfs><xf fontId="0" fillId="0"/></cellXfs></s>',
    }),
    makeXlsx(cell(P).replace('r="A1"', 'r="A1" s="0"'), {
      'xl/styles.xml':
        '<s><fonts><font><color rgb="FF000000"/></font></fonts><fills><fill/></fills><cellXfs><xf fontId="0" fillId="0"/></cellXfs></s>',
    }),
  ],
  [
    'unreferenced',
    'xlsx unused string',
    makeXlsx('', { 'xl/sharedStrings.xml': `<sst><si><t>${P}</t></si></sst>` }),
    makeXlsx('<row><c t="s"><v>0</v></c></row>', { 'xl/sharedStrings.xml': `<sst><si><t>${P}</t></si></sst>` }),
  ],
  ['note', 'xlsx comment', makeXlsx('', { 'xl/comments1.xml': `<comments><t>${P}</t></comments>` }), makeXlsx(cell(P))],
  [
    'hidden-slide',
    'pptx hidden slide',
    slide(`<a:r><a:t>${P}</a:t></a:r>`, 'show="0"'),
    slide(`<a:r><a:t>${P}</a:t></a:r>`),
  ],
  [
    'off-page',
    'pptx beside the slide',
    slide(`<a:off x="-9000000" y="0"/><a:r><a:t>${P}</a:t></a:r>`),
    slide(`<a:off x="90" y="0"/><a:r><a:t>${P}</a:t></a:r>`),
  ],
  [
    'vanish',
    'pptx hidden shape',
    slide(`<p:cNvPr hidden="1"/><a:r><a:t>${P}</a:t></a:r>`),
    slide(`<p:cNvPr/><a:r><a:t>${P}</a:t></a:r>`),
  ],
  [
    'colour',
    'pptx white',
    slide(WHITE),
    slide(`<p:spPr><a:solidFill><a:srgbClr val="203060"/></a:solidFill></p:spPr>${WHITE}`),
  ],
  [
    'colour',
    'pptx white on a plain master',
    deck('<p:bg><p:bgRef idx="1001"><a:schemeClr val="bg1"/></p:bgRef></p:bg>'),
    deck('<p:bg><p:bgPr><a:solidFill><a:srgbClr val="101010"/></a:solidFill></p:bgPr></p:bg>'),
  ],
  ['colour', 'pptx white in a light theme', deck('<p:clrMap bg1="lt1"/>'), deck('<p:clrMap bg1="dk1"/>')],
  [
    'note',
    'pptx notes',
    makeZip([
      ['ppt/slides/slide1.xml', '<p/>'],
      ['ppt/notesSlides/n1.xml', `<p><a:t>${P}</a:t></p>`],
    ]),
    slide(`<a:t>${P}</a:t>`),
  ],
  ['vanish', 'odt hidden', odfStyle('text:display="none"'), odfStyle('fo:font-weight="bold"')],
  ['colour', 'odt white', odfStyle('fo:color="#ffffff"'), odfStyle('fo:color="#ffffff" fo:background-color="#000000"')],
  [
    'note',
    'odt annotation',
    odf(`<a><office:annotation><text:p>${P}</text:p></office:annotation></a>`),
    odf(`<a><text:p>${P}</text:p></a>`),
  ],
  [
    'metadata',
    'odt properties',
    odf('<a/>', [['meta.xml', `<m><dc:title>${P}</dc:title></m>`]]),
    odf(`<a><text:p>${P}</text:p></a>`),
  ],
]

describe('Office documents', () => {
  test.each(CASES)('HB-16: %s: %s', async (how, _name, document, twin) => {
    const { visible, hidden, complete } = await extractDocument(document)
    expect(complete).toBe(true)
    expect(visible).not.toContain(P)
    expect(hidden.filter(({ text }) => text.includes(P)).map((one) => one.how)).toEqual([how])
    const shown = await extractDocument(twin)
    expect(shown.visible).toContain(P)
    expect(shown.hidden.filter(({ text }) => text.includes(P))).toEqual([])
  })
})

const rules = async (document: Buffer): Promise<readonly string[]> => {
  const { complete, notes } = await extractDocument(document)
  return [complete ? 'complete' : 'incomplete', ...notes.map(({ rule }) => rule)]
}

describe('packages that cannot be read to the end', () => {
  test('T-145: a part that unpacks to too much', async () => {
    const bomb = makeDocx('', { 'word/bomb.xml': ' '.repeat(25_000_000) })
    expect(await rules(bomb)).toContain('document.bomb')
  })
  test('T-145: many small parts that add up', async () => {
    const parts = Array.from({ length: 2_100 }, (_, index) => [`word/${index}.xml`, ''] as const)
    expect(await rules(makeZip(parts))).toContain('document.bomb')
  })
  test('T-160: entities are not put in', async () => {
    const laughs = `<!DOCTYPE a [<!ENTITY b "${'ha'.repeat(50)}"><!ENTITY c "&b;&b;&b;">]>`
    expect(await rules(part('word/comments.xml', `${laughs}<w:t>&c;</w:t>`))).toContain('document.entity')
  })
  test('T-145: an encrypted part', async () => {
    const sealed = makeZip([['word/document.xml', '<w:t>x</w:t>']], { flags: 1 })
    expect((await rules(sealed))[0]).toBe('incomplete')
  })
  test('T-145: an archive, an embedded document, macros', async () => {
    expect(await rules(makeZip([['a.txt', 'x']]))).toEqual(['incomplete', 'document.nested'])
    expect(await rules(part('word/embeddings/oleObject1.bin', 'x'))).toEqual(['incomplete', 'document.nested'])
    expect(await rules(part('word/vbaProject.bin', 'x'))).toEqual(['complete', 'document.macro'])
  })
  test('T-145: cut off, and old formats', async () => {
    const whole = makeDocx(run(''))
    expect((await rules(whole.subarray(0, whole.length - 30)))[0]).toBe('incomplete')
    expect(await rules(Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0', 'latin1'))).toEqual([
      'incomplete',
      'document.unknown',
    ])
  })
  test('an external template is said', async () => {
    const rels =
      '<Relationships><Relationship TargetMode="External" Type="x/attachedTemplate" Target="http://example.org/t"/></Relationships>'
    expect(await rules(part('word/_rels/settings.xml.rels', rels))).toEqual(['complete', 'document.external'])
  })
})
