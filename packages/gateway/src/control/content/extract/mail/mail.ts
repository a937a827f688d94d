import type { How, Sink } from '../extraction.ts'
import { readHtml } from '../html/walk.ts'
import { readImage } from '../image/image.ts'
import { undoCharset, undoTransfer, undoWords } from './transfer.ts'

const MAX_DEPTH = 12
const MAX_PARTS = 500
/** What mail programs show above a message. */
const SHOWN = /^(from|to|cc|subject|date|reply-to)$/
/** Fields of transport: signatures, routes, digests. */
const TRANSPORT =
  /^(received|return-path|message-id|in-reply-to|references|dkim-signature|arc-.*|authentication-results|mime-version|content-type|content-transfer-encoding|content-id|x-ms-.*|x-google-.*|x-received|received-spf|list-.*|delivered-to)$/

/** The same of a part; what its type and disposition name is shown as the name of a file. */
const PLUMBING = /^(content-transfer-encoding|content-id|content-length|mime-version)$/

/** By lower-case name; what is no field at all is under `''`. */
type Headers = ReadonlyMap<string, string>

/**
 * Reads a message (RFC 5322, RFC 2045 to 2049). Of alternatives a reader sees the last one he can show; the others count as hidden,
 * as do fields that no program shows.
 * @throws BudgetEnd
 */
export function readMail(message: Buffer, sink: Sink): void {
  new MailReader(sink).read(message, 0, undefined)
}

class MailReader {
  readonly #sink: Sink
  #parts = 0

  constructor(sink: Sink) {
    this.#sink = sink
  }

  read(message: Buffer, depth: number, as: How | undefined): void {
    this.#sink.spend(message.length)
    if (depth > MAX_DEPTH || ++this.#parts > MAX_PARTS) {
      this.#sink.note('document.nested', 'The message has too many parts, or parts too deep in each other.')
      return
    }
    const { headers, body } = split(message)
    for (const [name, value] of headers) {
      const text = undoWords(value)
      if (SHOWN.test(name) && as === undefined) this.#sink.show(`${name}: ${text}\n`)
      else if (!TRANSPORT.test(name) && /\S\s+\S/.test(text)) this.#sink.hide(text, as ?? 'metadata')
    }
    this.#body(headers, body, depth, as)
  }

  #body(headers: Headers, body: Buffer, depth: number, as: How | undefined): void {
    const type = headers.get('content-type') ?? 'text/plain'
    const media = (/^[^;\s]{1,100}/.exec(type)?.[0] ?? 'text/plain').toLowerCase()
    if (media.startsWith('multipart/')) {
      this.#multipart(media, parameter(type, 'boundary'), body, depth, as)
      return
    }
    const bytes = undoTransfer(body, headers.get('content-transfer-encoding') ?? '')
    if (bytes === undefined) {
      this.#sink.note('document.filter', 'A part of the message is encoded in a way that is not known.')
      return
    }
    this.#sink.spend(bytes.length)
    if (media === 'message/rfc822') this.read(bytes, depth + 1, as)
    else if (media.startsWith('text/')) this.#text(media, headers, bytes, parameter(type, 'charset'), as)
    else if (media.startsWith('image/')) readImage(bytes, this.#sink)
    else if (/pgp-encrypted|pkcs7-mime/.test(media)) this.#sink.note('document.encrypted', 'The message is encrypted.')
    else if (!media.endsWith('signature')) this.#sink.note('document.nested', 'A file is attached; it was not read.')
  }

  #text(media: string, headers: Headers, bytes: Buffer, charset: string | undefined, as: How | undefined): void {
    const { text, sure } = undoCharset(bytes, charset)
    if (!sure) this.#sink.note('document.encoding', 'A part of the message is not valid in its character set.')
    const attached = /^\s*attachment/i.test(headers.get('content-disposition') ?? '')
    const how = as ?? (attached ? 'attachment' : undefined)
    if (how !== undefined) this.#sink.hide(text, how)
    else if (media === 'text/html') readHtml(text, this.#sink)
    else this.#sink.show(`${text}\n`)
  }

  #multipart(media: string, boundary: string | undefined, body: Buffer, depth: number, as: How | undefined): void {
    const { before, parts, after } = partsOf(body, boundary)
    if (parts.length === 0) this.#sink.note('document.malformed', 'A part of the message has no boundaries.')
    this.#sink.hide(before.toString('utf8'), 'unreferenced')
    this.#sink.hide(after.toString('utf8'), 'unreferenced')
    for (const [index, part] of parts.entries()) {
      const isOther = media === 'multipart/alternative' && index < parts.length - 1
      this.#part(part, depth, as ?? (isOther ? 'fallback' : undefined))
    }
  }

  #part(part: Buffer, depth: number, as: How | undefined): void {
    if (depth > MAX_DEPTH || ++this.#parts > MAX_PARTS) {
      this.#sink.note('document.nested', 'The message has too many parts, or parts too deep in each other.')
      return
    }
    this.#sink.spend(part.length)
    const { headers, body } = split(part)
    for (const [name, value] of headers) {
      const text = undoWords(name === 'content-type' ? (parameter(value, 'name') ?? '') : value)
      const words = text.replace(/^\s*(attachment|inline)\s*;/i, '')
      if (!PLUMBING.test(name) && /\S\s+\S/.test(words)) this.#sink.hide(text, 'metadata')
    }
    this.#body(headers, body, depth + 1, as)
  }
}

function split(message: Buffer): { readonly headers: Headers; readonly body: Buffer } {
  const lf = message.indexOf('\n\n')
  const crlf = message.indexOf('\r\n\r\n')
  const bare = /^\r?\n/.exec(message.subarray(0, 2).toString('latin1'))?.[0]
  // without any field: what follows the empty line is all text
  if (bare !== undefined) return { headers: new Map(), body: message.subarray(bare.length) }
  const at = crlf >= 0 && (lf < 0 || crlf < lf) ? crlf : lf
  const head = at < 0 ? message : message.subarray(0, at)
  const headers = new Map<string, string>()
  const lines = head.toString('utf8').replace(/\r?\n[ \t]+/g, ' ')
  for (const line of lines.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    headers.set(name, `${headers.get(name) ?? ''} ${line.slice(colon + 1)}`.trim())
  }
  return { headers, body: at < 0 ? Buffer.alloc(0) : message.subarray(at + (at === crlf ? 4 : 2)) }
}

function parameter(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s{0,40}${name}\\s{0,4}=\\s{0,4}(?:"([^"]{1,200})"|([^\\s;"]{1,200}))`, 'i').exec(header)
  return match?.[1] ?? match?.[2]
}

/** Parts between the boundary lines, and what stands before and after them, which nobody sees. */
function partsOf(
  body: Buffer,
  boundary: string | undefined,
): { readonly before: Buffer; readonly parts: readonly Buffer[]; readonly after: Buffer } {
  const nothing = Buffer.alloc(0)
  if (boundary === undefined) return { before: body, parts: [], after: nothing }
  const mark = `--${boundary}`
  const starts: number[] = []
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) {
    if (at === 0 || body[at - 1] === 0x0a) starts.push(at)
  }
  const parts: Buffer[] = []
  let after: Buffer = nothing
  for (const [index, start] of starts.entries()) {
    const line = body.indexOf('\n', start)
    const isLast = body.subarray(start + mark.length, start + mark.length + 2).toString('latin1') === '--'
    if (isLast) {
      after = line < 0 ? nothing : body.subarray(line + 1)
      break
    }
    if (line >= 0) parts.push(body.subarray(line + 1, starts[index + 1] ?? body.length))
  }
  return { before: starts.length === 0 ? body : body.subarray(0, starts[0]), parts, after }
}
