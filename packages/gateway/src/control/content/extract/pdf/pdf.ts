import { xmpText } from '../image/image.ts'
import type { How, Sink } from '../extraction.ts'
import { PdfFile, type PdfObject } from './file.ts'
import type { PdfFont } from './font.ts'
import { interpret, type Drawing } from './interpret.ts'
import { isDict, isList, isRef, isString, nameOf, numberOf, type PdfDict, type PdfValue } from './lexer.ts'
import { IDENTITY, multiply, type Box } from './matrix.ts'
import { matrixOf } from './operands.ts'
import { DrawnPage } from './page.ts'
import { pdfText } from './text.ts'

const MAX_PAGES = 5_000

/**
 * Reads a PDF: text of its pages as they are drawn, and every text beside them.
 * @throws BudgetEnd, also `document.encrypted`
 */
export function readPdf(bytes: Buffer, sink: Sink): void {
  const file = new PdfFile(bytes, sink)
  if (file.all.length === 0) sink.note('document.malformed', 'The document holds no objects.')
  const seen = new Set<PdfObject>()
  const read = (object: PdfObject): void => void seen.add(object)
  const shared = { file, sink, fonts: new Map<PdfDict, PdfFont>(), isOff: layersOff(file), read }
  const pages = pagesOf(file)
  if (pages.length === 0) sink.note('document.malformed', 'The document has no pages.')
  for (const page of pages) readPage(page, shared)
  readStrings(file, sink)
  readStreams(file, sink, seen, shared)
}

type Shared = Omit<Drawing, 'page'>

/** Pages in order, by the tree; each once. Inherited members are put in. */
function pagesOf(file: PdfFile): readonly PdfDict[] {
  const pages: PdfDict[] = []
  const seen = new Set<PdfDict>()
  const waiting: (readonly [node: PdfDict, inherited: PdfDict])[] = [[file.dict(file.root.get('Pages')), new Map()]]
  for (let next = waiting.pop(); next !== undefined && pages.length < MAX_PAGES; next = waiting.pop()) {
    const [node, inherited] = next
    if (seen.has(node)) continue
    seen.add(node)
    const members = new Map(inherited)
    for (const key of ['Resources', 'MediaBox', 'CropBox']) {
      const value = node.get(key)
      if (value !== undefined) members.set(key, value)
    }
    const kids = file.resolve(node.get('Kids'))
    if (isList(kids)) for (const kid of kids.toReversed()) waiting.push([file.dict(kid), members])
    else if (node.has('Contents') || node.has('Annots')) pages.push(new Map([...members, ...node]))
  }
  return pages
}

/** Groups that are not shown by default (§8.11.4.3). */
function layersOff(file: PdfFile): Drawing['isOff'] {
  const properties = file.dict(file.root.get('OCProperties'))
  const usual = file.dict(properties.get('D'))
  const refs = (key: string): ReadonlySet<number> => {
    const list = file.resolve(usual.get(key))
    return new Set((isList(list) ? list : []).filter(isRef).map(({ ref }) => ref))
  }
  const [off, on] = [refs('OFF'), refs('ON')]
  const allOff = nameOf(file.resolve(usual.get('BaseState'))) === 'OFF'
  const isOff = (group: PdfValue | undefined, depth = 0): boolean => {
    if (isRef(group) && (off.has(group.ref) || (allOff && !on.has(group.ref) && isGroup(file.dict(group))))) return true
    const members = file.resolve(file.dict(group).get('OCGs'))
    if (depth > 4 || members === undefined || members === null) return false
    const inner = file.dict(group).get('OCGs')
    return isList(members)
      ? members.length > 0 && members.every((one) => isOff(one, depth + 1))
      : isOff(inner, depth + 1)
  }
  return (group) => isOff(group)
}

const isGroup = (dict: PdfDict): boolean => nameOf(dict.get('Type')) === 'OCG'

function readPage(page: PdfDict, shared: Shared): void {
  const { file, sink } = shared
  const drawn = new DrawnPage(boxFrom(file, page.get('CropBox') ?? page.get('MediaBox')))
  const drawing: Drawing = { ...shared, page: drawn }
  const contents = file.resolve(page.get('Contents'))
  const parts = isList(contents) ? contents : [page.get('Contents')]
  const streams: string[] = []
  for (const part of parts) {
    const object = file.object(part)
    const data = object === undefined ? undefined : file.data(object)
    if (object === undefined || data === undefined) continue
    shared.read(object)
    streams.push(data.toString('latin1'))
  }
  interpret(streams.join('\n'), file.dict(page.get('Resources')), drawing)
  drawn.finish(sink)
  const annotations = file.resolve(page.get('Annots'))
  for (const one of isList(annotations) ? annotations.slice(0, 20_000) : []) readAppearance(file.dict(one), shared)
}

/** What an annotation looks like on the page: seen, unless it is switched off (§12.5.5). */
function readAppearance(annotation: PdfDict, shared: Shared): void {
  const { file, sink } = shared
  const appearance = file.dict(annotation.get('AP')).get('N')
  const state = nameOf(file.resolve(annotation.get('AS')))
  const object = file.object(appearance) ?? file.object(file.dict(appearance).get(state))
  const chosen = object?.raw === undefined ? file.object(file.dict(appearance).get(state)) : object
  const data = chosen === undefined ? undefined : file.data(chosen)
  if (chosen === undefined || data === undefined || !isDict(chosen.value)) return
  shared.read(chosen)
  const page = new DrawnPage(undefined)
  const matrix = file.resolve(chosen.value.get('Matrix'))
  const start = { matrix: isList(matrix) ? multiply(matrixOf(matrix), IDENTITY) : IDENTITY }
  interpret(data.toString('latin1'), file.dict(chosen.value.get('Resources')), { ...shared, page }, start)
  const off = (numberOf(file.resolve(annotation.get('F'))) & 0b100010) !== 0 || shared.isOff(annotation.get('OC'))
  page.finish(sink, off ? 'annotation' : undefined)
}

function boxFrom(file: PdfFile, value: PdfValue | undefined): Box | undefined {
  const list = file.resolve(value)
  if (!isList(list) || list.length !== 4) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = list.map((one) => numberOf(file.resolve(one)))
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]
}

/** Members whose text no page shows, and what it is. Others count as metadata. */
const STRING_KINDS: ReadonlyMap<string, How> = new Map<string, How>([
  ...(['Contents', 'RC', 'Subj', 'T', 'CA', 'AC', 'RT'] as const).map((key) => [key, 'annotation'] as const),
  ...(['V', 'DV', 'TU', 'TM', 'Opt', 'RV'] as const).map((key) => [key, 'form-field'] as const),
  ...(['Alt', 'ActualText', 'E'] as const).map((key) => [key, 'alt'] as const),
  ['JS', 'script'],
])
/** Digests, ids, colours and names of fonts. */
const NO_TEXT =
  /^(ID|O|U|OE|UE|Perms|ByteRange|Cert|CharSet|Panose|Lookup|Registry|Ordering|DA|DS|CheckSum|CreationDate|ModDate|M|Lang|URI|Dest|D|NM|PTEX\..*)$/
const ACTIONS = /^(JavaScript|Launch|SubmitForm|ImportData|GoToR|GoToE|Rendition|RichMediaExecute)$/

/** Strings of all objects: information, annotations, fields, bookmarks, alternative texts. */
function readStrings(file: PdfFile, sink: Sink): void {
  for (const value of [...file.all.map((object) => object.value), ...file.trailers]) walk(value, '', sink)
}

/** As deep as the lexer lets a value be. */
function walk(value: PdfValue, key: string, sink: Sink): void {
  sink.spend(1)
  if (isString(value)) {
    if (NO_TEXT.test(key)) return
    const text = pdfText(value.bytes)
    if (isText(text)) sink.hide(text, STRING_KINDS.get(key) ?? 'metadata')
  } else if (isList(value)) {
    // an index of colours is one string in a list
    if (nameOf(value[0]) === 'Indexed' || nameOf(value[0]) === 'I') return
    for (const item of value) walk(item, key, sink)
  } else if (isDict(value)) {
    const action = nameOf(value.get('S'))
    if (ACTIONS.test(action)) sink.note('document.active', `The document asks its viewer to act: ${action}.`)
    if (nameOf(value.get('Type')) === 'Sig') return
    for (const [name, item] of value) walk(item, name, sink)
  }
}

const isText = (text: string): boolean => {
  const letters = text.replace(/[^\p{L}\p{N}\s]/gu, '').length
  return letters * 2 > text.length && text.trim().length > 1
}

/** Streams that no page has drawn: metadata, scripts, attached files, and content that was left lying about. */
function readStreams(file: PdfFile, sink: Sink, seen: ReadonlySet<PdfObject>, shared: Shared): void {
  const scripts = new Set<PdfObject>()
  const fields = new Set<PdfObject>()
  for (const { value } of file.all) {
    if (!isDict(value)) continue
    const script = file.object(value.get('JS'))
    if (script !== undefined) scripts.add(script)
    for (const key of ['RC', 'RV', 'V']) {
      const text = file.object(value.get(key))
      if (text?.raw !== undefined) fields.add(text)
    }
  }
  for (const object of file.all) {
    const { value, raw } = object
    if (raw === undefined || !isDict(value) || seen.has(object)) continue
    const type = nameOf(value.get('Type'))
    const subtype = nameOf(value.get('Subtype'))
    if (/^(XRef|ObjStm|Font)$/.test(type) || subtype === 'Image' || isFontFile(value)) continue
    const text = file.data(object)?.toString('latin1')
    if (text === undefined) continue
    if (type === 'Metadata') sink.hide(xmpText(Buffer.from(text, 'latin1').toString('utf8')), 'metadata')
    else if (scripts.has(object)) sink.hide(pdfText(text), 'script')
    else if (fields.has(object)) sink.hide(pdfText(text), 'form-field')
    else if (type === 'EmbeddedFile') readAttachment(Buffer.from(text, 'latin1'), sink)
    else if (/(?:\)|>|\])\s*T[jJ]\b/.test(text)) readLeftover(text, value, shared)
    else if (/^\s*<\?xml|<xdp/.test(text))
      sink.hide(xmpText(Buffer.from(text, 'latin1').toString('utf8')), 'form-field')
  }
}

const isFontFile = (dict: PdfDict): boolean =>
  dict.has('Length1') || /^(Type1C|CIDFontType0C|OpenType)$/.test(nameOf(dict.get('Subtype')))

function readAttachment(data: Buffer, sink: Sink): void {
  try {
    sink.hide(new TextDecoder('utf-8', { fatal: true }).decode(data), 'attachment')
  } catch {
    sink.note('document.nested', 'A file is attached; it was not read.')
  }
}

function readLeftover(content: string, dict: PdfDict, shared: Shared): void {
  const page = new DrawnPage(undefined)
  interpret(content, shared.file.dict(dict.get('Resources')), { ...shared, page })
  page.finish(shared.sink, 'unreferenced')
}
