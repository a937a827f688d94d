import { BudgetEnd, Collector, EXTRACT_LIMITS, type Extraction, type Sink } from './extraction.ts'
import { readHtml } from './html/walk.ts'
import { readImage } from './image/image.ts'
import { readMail } from './mail/mail.ts'
import { readMarkdown } from './markdown/read.ts'
import { readOffice } from './office/office.ts'
import { scanXml } from './office/xml.ts'
import { readPdf } from './pdf/pdf.ts'
import { kindOfBytes, kindOfMediaType, kindOfText, polyglot, type DocumentKind } from './sniff.ts'

/**
 * Takes the text out of a document: what a reader sees, what is kept from his eyes, and what could not be read (HB-16, T-145).
 * Never throws and never asks the network; the work is bounded by `EXTRACT_LIMITS`. What does not fit the limits, is encrypted or
 * of no known kind comes back with `complete: false`.
 * @param mediaType as declared; the bytes decide where it is not true
 */
export async function extractDocument(input: string | Uint8Array, mediaType?: string): Promise<Extraction> {
  if (typeof input === 'string') return extractText(input, mediaType)
  const sniffed = kindOfBytes(input)
  if (sniffed === 'text' && isMail(input, mediaType)) {
    // its parts have character sets of their own
    return guarded(async (collector) => {
      readMail(Buffer.from(input.buffer, input.byteOffset, input.length), collector)
      return 'mail'
    }, input.length)
  }
  if (sniffed === 'text') {
    const { text, doubt } = decodeText(input, mediaType)
    const extraction = extractText(text, mediaType)
    if (doubt === undefined) return extraction
    const note = { rule: 'document.encoding', severity: 'medium', detail: doubt } as const
    return { ...extraction, notes: [...extraction.notes, note], complete: false }
  }
  const declared = kindOfMediaType(mediaType)
  let kind: string = sniffed
  return guarded(async (collector) => {
    if (declared !== undefined && declared !== sniffed) {
      collector.note('document.mismatch', `It is declared as ${declared}, but its bytes are ${sniffed}.`)
    }
    const second = polyglot(input, sniffed)
    if (second !== undefined) collector.note('document.polyglot', second)
    collector.spend(input.length)
    const buffer = Buffer.from(input.buffer, input.byteOffset, input.length)
    if (sniffed === 'pdf') readPdf(buffer, collector)
    else if (sniffed === 'office') kind = await readOffice(input, collector)
    else if (sniffed === 'image') kind = readImage(input, collector) ?? kind
    else if (sniffed === 'archive') collector.note('document.nested', 'It is an archive; its files were not read.')
    else collector.note('document.unknown', 'The bytes are no text and of no kind that is known.')
    return kind
  }, input.length)
}

/** The same for a text, at once. */
export function extractText(text: string, mediaType?: string): Extraction {
  const declared = kindOfMediaType(mediaType)
  const kind = declared !== undefined && TEXT_READERS.has(declared) ? declared : kindOfText(text)
  const collector = new Collector()
  try {
    checkSize(text.length)
    if (declared !== undefined && !TEXT_READERS.has(declared)) {
      collector.note('document.mismatch', `It is declared as ${declared}, but it is text.`)
    }
    TEXT_READERS.get(kind)?.(text, collector)
    return collector.finish(kind)
  } catch (thrown) {
    return gaveUp(thrown, kind, text)
  }
}

const TEXT_READERS: ReadonlyMap<DocumentKind, (text: string, sink: Sink) => void> = new Map([
  ['html', (text: string, sink: Sink) => readHtml(text, sink)],
  ['svg', (text: string, sink: Sink) => readSvg(text, sink)],
  ['markdown', (text: string, sink: Sink) => readMarkdown(text, sink)],
  ['xml', readXml],
  ['mail', (text: string, sink: Sink) => readMail(Buffer.from(text), sink)],
  ['text', (text: string, sink: Sink) => sink.show(text)],
])

function readSvg(text: string, sink: Sink): void {
  if (/<!DOCTYPE[^>[]{0,500}\[/i.test(text.slice(0, 4_096))) {
    sink.note('document.entity', 'The picture declares entities of its own; they are not put in.')
  }
  readHtml(text, sink)
}

/** Any XML: its text counts as seen, comments and long attributes do not. */
function readXml(source: string, sink: Sink): void {
  scanXml(
    source,
    {
      open(_, attributes) {
        for (const value of attributes.values()) if (/\S\s+\S/.test(value)) sink.hide(value, 'attribute')
      },
      text: (text) => sink.show(text),
      comment: (text) => sink.hide(text, 'comment'),
    },
    sink,
  )
}

const isMail = (bytes: Uint8Array, mediaType: string | undefined): boolean => {
  const declared = kindOfMediaType(mediaType)
  if (declared !== undefined) return declared === 'mail'
  return (
    kindOfText(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4_096)).toString('latin1')) === 'mail'
  )
}

async function guarded(read: (collector: Collector) => Promise<string>, size: number): Promise<Extraction> {
  const collector = new Collector()
  try {
    checkSize(size)
    return collector.finish(await read(collector))
  } catch (thrown) {
    const { rule, message } = reasonOf(thrown)
    collector.note(rule, message)
    return collector.finish('unknown')
  }
}

function checkSize(size: number): void {
  if (size > EXTRACT_LIMITS.input) throw new BudgetEnd('document.too-large', 'The document is larger than is read.')
}

/** A text that was not read to its end goes to the detectors as it stands. */
function gaveUp(thrown: unknown, kind: string, text: string): Extraction {
  const { rule, message } = reasonOf(thrown)
  const collector = new Collector()
  collector.note(rule, message)
  if (text.length <= EXTRACT_LIMITS.input) collector.hide(text, 'unread', 0, text.length)
  return collector.finish(kind)
}

/** A defect of a reader must not make a document clean: it counts as one that cannot be read. */
function reasonOf(thrown: unknown): Pick<BudgetEnd, 'rule' | 'message'> {
  if (thrown instanceof BudgetEnd) return thrown
  if (thrown instanceof RangeError) return { rule: 'document.depth', message: 'The document is nested too deeply.' }
  return { rule: 'document.malformed', message: `The document cannot be read: ${String(thrown).slice(0, 120)}` }
}

/** Text of bytes: by its mark, by what is declared, else UTF-8. `doubt`: it may read otherwise elsewhere. */
export function decodeText(
  bytes: Uint8Array,
  mediaType: string | undefined,
): { readonly text: string; readonly doubt?: string } {
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined
  const declared = /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(mediaType ?? '')?.[1]
  const decode = (label: string): string | undefined => {
    try {
      return new TextDecoder(label, { fatal: true }).decode(bytes)
    } catch {
      return undefined
    }
  }
  const text = decode(mark ?? declared ?? 'utf-8')
  if (text !== undefined) {
    const odd = /^utf-?7$/i.test(declared ?? '')
    return odd ? { text, doubt: 'The declared character set is not one that is read.' } : { text }
  }
  const loose = declared === undefined ? decode('windows-1252') : decode('utf-8')
  const doubt = 'The text is not valid in its character set.'
  return { text: loose ?? Buffer.from(bytes).toString('utf8'), doubt }
}
