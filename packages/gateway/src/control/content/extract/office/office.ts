import { BudgetEnd, type How, type Sink } from '../extraction.ts'
import { readImage } from '../image/image.ts'
import { readHtml } from '../html/walk.ts'
import { readOdfPart } from './odf.ts'
import { readCellFormats, readSharedStrings, readSheet } from './sheet.ts'
import { isPlainGround, readSlide } from './slides.ts'
import { readWordPart, readWordStyles } from './word.ts'
import { said, scanXml } from './xml.ts'
import { openPackage, type Package } from './zip.ts'

export type OfficeKind = 'docx' | 'xlsx' | 'pptx' | 'odf' | 'epub' | 'zip'

/**
 * Reads a package of Office Open XML, OpenDocument or EPUB. Any other archive is a note: what lies in it is for the scanner.
 * @throws BudgetEnd
 */
export async function readOffice(bytes: Uint8Array, sink: Sink): Promise<OfficeKind> {
  const parts = await openPackage(bytes, sink)
  sink.hide(parts.comment, 'metadata')
  const reader = new Reader(parts, sink)
  const kind = kindOf(parts.names)
  if (kind === 'zip') {
    sink.note('document.nested', 'It is an archive; its files were not read.')
    for (const name of parts.names) sink.hide(name, 'metadata')
    return kind
  }
  if (kind === 'docx') await readWord(reader)
  else if (kind === 'xlsx') await readWorkbook(reader)
  else if (kind === 'pptx') await readPresentation(reader)
  else if (kind === 'odf') await readOdf(reader)
  else await reader.each(/\.x?html?$/i, (text) => readHtml(text, sink))
  await readRest(reader)
  return kind
}

function kindOf(names: readonly string[]): OfficeKind {
  if (names.some((name) => name.startsWith('word/'))) return 'docx'
  if (names.some((name) => name.startsWith('xl/'))) return 'xlsx'
  if (names.some((name) => name.startsWith('ppt/'))) return 'pptx'
  if (names.includes('META-INF/container.xml')) return 'epub'
  return names.includes('content.xml') ? 'odf' : 'zip'
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const utf16 = { le: new TextDecoder('utf-16le', { fatal: true }), be: new TextDecoder('utf-16be', { fatal: true }) }

/** Parts by name, each read once. */
class Reader {
  readonly #parts: Package
  readonly sink: Sink
  readonly #done = new Set<string>()
  constructor(parts: Package, sink: Sink) {
    this.#parts = parts
    this.sink = sink
  }

  get left(): readonly string[] {
    return this.#parts.names.filter((name) => !this.#done.has(name))
  }

  async bytes(name: string): Promise<Uint8Array | undefined> {
    this.#done.add(name)
    return this.#parts.read(name)
  }

  /** Text of a part; none when it is not there. */
  async text(name: string): Promise<string> {
    const bytes = await this.bytes(name)
    if (bytes === undefined) return ''
    const decoder =
      bytes[0] === 0xff && bytes[1] === 0xfe ? utf16.le : bytes[0] === 0xfe && bytes[1] === 0xff ? utf16.be : utf8
    try {
      return decoder.decode(bytes)
    } catch {
      this.sink.note('document.encoding', 'A part of the package is not valid text.')
      return Buffer.from(bytes).toString('latin1')
    }
  }

  async each(pattern: RegExp, use: (text: string, name: string) => void): Promise<void> {
    for (const name of this.left.filter((candidate) => pattern.test(candidate))) use(await this.text(name), name)
  }
}

async function readWord(reader: Reader): Promise<void> {
  const { sink } = reader
  const styles = readWordStyles(await reader.text('word/styles.xml'), sink)
  const part = (pattern: RegExp, how?: How): Promise<void> =>
    reader.each(pattern, (text) => readWordPart(text, styles, sink, how))
  // a document part may have any name; what is not one of the others below is read as one
  await part(/^word\/document\d*\.xml$/)
  await part(/^word\/(header|footer)\d*\.xml$/, 'header')
  await part(/^word\/(comments|footnotes|endnotes)\w*\.xml$/, 'note')
  await part(/^word\/glossary\/document\.xml$/, 'metadata')
}

async function readWorkbook(reader: Reader): Promise<void> {
  const { sink } = reader
  const strings = readSharedStrings(await reader.text('xl/sharedStrings.xml'), sink)
  const formats = readCellFormats(await reader.text('xl/styles.xml'), sink)
  const targets = new Map<string, string>()
  scanXml(
    await reader.text('xl/_rels/workbook.xml.rels'),
    { open: (_, a) => void targets.set(said(a, 'Id'), said(a, 'Target')) },
    sink,
  )
  const hidden = new Set<string>()
  let inName = false
  const workbook = {
    open(name: string, attributes: ReadonlyMap<string, string>): void {
      inName = name === 'definedName'
      if (name !== 'sheet') return
      const file = (targets.get(said(attributes, 'id')) ?? '').replace(/^\/?(xl\/)?/, 'xl/')
      const isHidden = /hidden/i.test(said(attributes, 'state'))
      if (isHidden) hidden.add(file)
      if (isHidden) sink.hide(said(attributes, 'name'), 'hidden-sheet')
      else sink.show(`${said(attributes, 'name')}\n`)
    },
    text(text: string): void {
      if (inName) sink.hide(text, 'metadata')
    },
  }
  scanXml(await reader.text('xl/workbook.xml'), workbook, sink)
  const used = new Set<number>()
  await reader.each(/^xl\/(worksheets|chartsheets|macrosheets|dialogsheets)\/[^/]+\.xml$/, (text, name) => {
    const how = hidden.has(name) ? 'hidden-sheet' : undefined
    readSheet(text, { strings, formats, how, used: (index) => used.add(index) }, sink)
  })
  for (const [index, text] of strings.entries()) if (!used.has(index)) sink.hide(text, 'unreferenced')
}

async function readPresentation(reader: Reader): Promise<void> {
  const { sink } = reader
  let plain = true
  await reader.each(/^ppt\/(slideLayouts|slideMasters)\/[^/]+\.xml$/, (text) => {
    plain &&= isPlainGround(text, sink)
    readSlide(text, sink, 'header')
  })
  await reader.each(/^ppt\/slides\/[^/]+\.xml$/, (text) => {
    readSlide(text, sink, undefined, plain && isPlainGround(text, sink))
  })
  await reader.each(/^ppt\/notesSlides\/[^/]+\.xml$/, (text) => readSlide(text, sink, 'note'))
  await reader.each(/^ppt\/(notesMasters|handoutMasters)\/[^/]+\.xml$/, (text) => readSlide(text, sink, 'header'))
}

async function readOdf(reader: Reader): Promise<void> {
  const { sink } = reader
  const styles = new Map<string, How>()
  readOdfPart(await reader.text('styles.xml'), styles, sink, 'header')
  readOdfPart(await reader.text('content.xml'), styles, sink)
  const manifest = await reader.text('META-INF/manifest.xml')
  if (manifest.includes('encryption-data')) throw new BudgetEnd('document.encrypted', 'The document is encrypted.')
}

/** Parts that no reader above has taken: their text counts as hidden, what is no text is a note. */
async function readRest(reader: Reader): Promise<void> {
  const { sink } = reader
  for (const name of reader.left) {
    if (name.endsWith('/') || /\.(ttf|otf|odttf|woff2?)$/i.test(name)) continue
    if (/vbaProject|\.bas$|Basic\/|macros?\//i.test(name)) {
      sink.note('document.macro', 'The document brings macros.')
      if (name.endsWith('.bin')) continue
    }
    if (/\.(xml|rels|vml|rdf|opf|ncx)$/i.test(name)) readLoose(await reader.text(name), name, sink)
    else if (/\.(png|jpe?g|gif|webp)$/i.test(name)) readImage((await reader.bytes(name)) as Uint8Array, sink)
    else if (/\.(txt|css|js|json|mimetype|html?|md|csv)$/i.test(name) || name === 'mimetype') {
      sink.hide(await reader.text(name), 'attachment')
    } else if (/embeddings|oleObject|activeX|ObjectReplacements|\.bin$/i.test(name)) {
      if (!/printerSettings/i.test(name)) sink.note('document.nested', 'Another document is embedded; it was not read.')
    } else if (!/\.(emf|wmf|tiff?|bmp|svm|mp[34]|wav)$/i.test(name))
      sink.note('document.part', 'A part of the package was not read.')
    else sink.note('document.part', 'A picture or sound of the package was not read.')
  }
}

/** Text and long attributes of any XML part. */
function readLoose(source: string, name: string, sink: Sink): void {
  const how: How = /comments|annotation|threaded/i.test(name) ? 'note' : 'metadata'
  scanXml(
    source,
    {
      open(tag, attributes) {
        if (attributes.get('TargetMode') === 'External' && !/hyperlink$/i.test(said(attributes, 'Type'))) {
          sink.note('document.external', 'The document takes in something from the network.')
        }
        if (tag === 'Default' || tag === 'Override') return
        for (const value of attributes.values())
          if (/\S\s+\S+\s+\S/.test(value) && value.length < 100_000) sink.hide(value, how)
      },
      text: (text) => sink.hide(text, how),
      comment: (text) => sink.hide(text, 'comment'),
    },
    sink,
  )
}
