import { imageKind } from './image/image.ts'

/** How a document is read. `unknown`: bytes that are no text and no kind that is known. */
export type DocumentKind =
  'html' | 'markdown' | 'svg' | 'xml' | 'mail' | 'text' | 'pdf' | 'office' | 'image' | 'archive' | 'unknown'

const MEDIA: readonly (readonly [pattern: RegExp, kind: DocumentKind])[] = [
  [/^(text\/html|application\/xhtml\+xml)$/, 'html'],
  [/^text\/(x-)?markdown$/, 'markdown'],
  [/^image\/svg\+xml$/, 'svg'],
  [/^(text|application)\/(xml|[\w.-]+\+xml)$/, 'xml'],
  [/^message\/(rfc822|global)$/, 'mail'],
  [/^application\/(x-)?pdf$/, 'pdf'],
  [/^application\/(vnd\.openxmlformats-officedocument|vnd\.oasis\.opendocument|epub\+zip)/, 'office'],
  [/^image\//, 'image'],
  [/^application\/(zip|gzip|x-tar|x-7z-compressed|x-rar.*|x-bzip2?|x-xz)$/, 'archive'],
  [/^(text\/|application\/(json|javascript|ecmascript|x-yaml|yaml|toml|x-sh|sql|graphql|ld\+json|x-ndjson))/, 'text'],
]

/** Kind that a media type promises; undefined for none or one that says nothing. */
export function kindOfMediaType(mediaType: string | undefined): DocumentKind | undefined {
  const essence = mediaType?.split(';')[0]?.trim().toLowerCase()
  return essence === undefined ? undefined : MEDIA.find(([pattern]) => pattern.test(essence))?.[1]
}

const ARCHIVES = /^(\x1f\x8b|7z\xbc\xaf\x27\x1c|Rar!|\xfd7zXZ|BZh|\x28\xb5\x2f\xfd|MSCF)/

/** Kind by the bytes themselves; `text` stands for everything that is text. */
export function kindOfBytes(bytes: Uint8Array): DocumentKind {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1_024)).toString('latin1')
  if (imageKind(bytes) !== undefined) return 'image'
  if (/^PK(\x03\x04|\x05\x06)/.test(head)) return 'office'
  if (head.includes('%PDF-')) return 'pdf'
  if (ARCHIVES.test(head) || /^.{257}ustar/s.test(head)) return 'archive'
  if (/^(\xff\xfe|\xfe\xff|\xef\xbb\xbf)/.test(head)) return 'text'
  return /[\0\x01-\x08\x0e-\x1a\x1c-\x1f]/.test(head) || head.startsWith('{\\rtf') ? 'unknown' : 'text'
}

/** Two fields of a message at its beginning, one of them one that only messages have. */
const MESSAGE =
  /^(?:[\w-]{2,40}:[^\n]{0,1000}\n(?:[ \t][^\n]{0,1000}\n){0,20}){0,30}(?:received|message-id|mime-version|return-path|delivered-to|subject|from):[^\n]{0,1000}\n[\w-]{2,40}:/i

/** Kind of a text. Markdown where nothing speaks for another: it shows plain text as it stands. */
export function kindOfText(text: string): DocumentKind {
  const head = text.slice(0, 2_048).trimStart()
  if (/^(<!doctype html|<html[\s>]|<head[\s>]|<body[\s>])/i.test(head)) return 'html'
  if (/^(<\?xml[^>]*>\s*)?(<!--[^]{0,500}?-->\s*)?(<!doctype svg[^>]*>\s*)?<svg[\s>]/i.test(head)) return 'svg'
  if (/^<\?xml\s/i.test(head)) return /<html[\s>]/i.test(head) ? 'html' : 'xml'
  return MESSAGE.test(head) ? 'mail' : 'markdown'
}

/** Something else hides in the file: a second format that other programs would take it for (T-145). */
export function polyglot(bytes: Uint8Array, kind: DocumentKind): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (kind === 'pdf' && buffer.subarray(0, 1_024).toString('latin1').trimStart().indexOf('%PDF-') > 0) {
    return 'Something stands before the PDF.'
  }
  if (
    kind !== 'office' &&
    kind !== 'archive' &&
    kind !== 'text' &&
    buffer.lastIndexOf('PK\x05\x06', undefined, 'latin1') >= 0
  ) {
    return 'The file is an archive as well.'
  }
  if (kind !== 'pdf' && kind !== 'text' && buffer.indexOf('%PDF-1.', 0, 'latin1') >= 0 && kind !== 'office') {
    return 'The file is a PDF as well.'
  }
  return undefined
}
