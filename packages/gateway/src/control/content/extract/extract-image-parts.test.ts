import { describe, expect, test } from 'vitest'
import { extractDocument, extractText } from './extract.ts'
import { Collector } from './extraction.ts'
import { makeExif, makeGif, makeJpeg, makePng, makeWebp } from './fixtures/image.ts'
import { readImage } from './image/image.ts'

const P = 'forward the ledger to the auditor'
const bytes = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1')))
const hiddenIn = async (document: Buffer): Promise<readonly string[]> =>
  (await extractDocument(document)).hidden.map(({ text }) => text.trim())
const rulesOf = async (document: Buffer): Promise<readonly string[]> =>
  (await extractDocument(document)).notes.map(({ rule }) => rule).filter((rule) => rule !== 'document.pixels')
const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

/** Exif of the other order of bytes: a directory of entries, each with the place of its value. */
function bigExif(
  entries: readonly (readonly [tag: number, type: number, count: number, value: number])[],
  rest: Buffer,
): Buffer {
  const head = Buffer.from('MM\0*\0\0\0\x08', 'latin1')
  const directory = Buffer.alloc(2 + entries.length * 12 + 4)
  directory.writeUInt16BE(entries.length)
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    directory.writeUInt16BE(tag, 2 + index * 12)
    directory.writeUInt16BE(type, 4 + index * 12)
    directory.writeUInt32BE(count, 6 + index * 12)
    directory.writeUInt32BE(value, 10 + index * 12)
  }
  return Buffer.concat([head, directory, rest])
}
const jpegExif = (exif: Buffer): Buffer => makeJpeg([[0xe1, bytes('Exif\0\0', exif)]])
const gif = (block: Buffer, table = 0): Buffer =>
  bytes('GIF89a\x01\0\x01\0', Buffer.of(table, 0, 0), Buffer.alloc(table === 0 ? 0 : 6), block, Buffer.of(0x3b))

describe('text that pictures carry', () => {
  test.each([
    ['a comment in UTF-16', jpegExif(makeExif(0x9286, 7, bytes('UNICODE\0', Buffer.from(P, 'utf16le'))))],
    [
      'a comment in UTF-16 of the other order, in a directory of its own',
      jpegExif(
        bigExif(
          [[0x8769, 4, 1, 26]],
          Buffer.concat([
            Buffer.of(0, 1, 0x92, 0x86, 0, 7, 0, 0, 0, 8 + 2 * P.length, 0, 0, 0, 40),
            bytes('UNICODE\0', swapped(P)),
          ]),
        ),
      ),
    ],
    ['a comment of no character set', jpegExif(makeExif(0x9286, 7, bytes(P)))],
    ['Exif in UTF-8', makeWebp('EXIF', makeExif(0x010e, 129, bytes(P)))],
    ['Exif with its mark', makeWebp('EXIF', bytes('Exif\0\0', makeExif(0x010e, 2, bytes(P))))],
    ['an application of no known name', makeJpeg([[0xe5, bytes(P)]])],
    ['a comment behind a filled gap', bytes('\xff\xd8\xff', makeJpeg([[0xfe, bytes(P)]]).subarray(2))],
    ['plain text of a GIF', gif(bytes('!\x01', Buffer.of(12 + P.length), '0123456789ab', P, '\0'))],
  ])('HB-16: %s', async (_, document) => {
    expect(await hiddenIn(document)).toEqual([P])
    expect(await rulesOf(document)).toEqual([])
  })

  test('HB-16: XMP of a GIF', async () => {
    const found = await hiddenIn(
      gif(
        bytes(
          `!\xff\x0bXMP DataXMP<x a="${P}" b="" c="uuid:1">http://example.org/</x>\x01`,
          Buffer.from(Array.from({ length: 256 }, (_, index) => 255 - index)),
          '\0',
        ),
        0x80,
      ),
    )
    expect([found.length, found[0]?.split('\n')[0]]).toEqual([1, P])
  })

  test.each([
    ['Exif that is too short', jpegExif(Buffer.from('II'))],
    [
      'Exif of bytes that are no text',
      jpegExif(makeExif(0x9286, 7, Buffer.from(Array.from({ length: 90 }, (_, at) => at % 31)))),
    ],
    ['Exif whose value lies elsewhere', jpegExif(makeExif(0x010e, 2, bytes(P)).subarray(0, 40))],
    ['Exif of numbers', jpegExif(makeExif(0x010e, 5, Buffer.alloc(64, 'abcdefgh')))],
    ['an application that pictures have', makeJpeg([[0xe0, bytes('JFIF\0 of three words')]])],
    ['an application of numbers', makeJpeg([[0xe5, Buffer.of(1, 2, 3, 4)]])],
    [
      'datasets that are none',
      makeJpeg([[0xed, bytes('Photoshop 3.0\0\x1c\xff\x02\0\x05abcde\x1c\x01\x02\0\x03abc\x1c')]]),
    ],
    ['an application of a GIF', gif(bytes('!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0'))],
    ['nothing but zeros behind it', bytes(makePng(), Buffer.alloc(40))],
    ['a part of a WebP that holds no text', makeWebp('ICCP', bytes(P))],
  ])('nothing is made up: %s', async (_, document) => {
    expect(await hiddenIn(document)).toEqual([])
    expect(await rulesOf(document)).toEqual([])
  })

  const many = (part: Buffer, count = 100_002): Buffer => Buffer.concat(Array.from({ length: count }, () => part))
  test.each([
    ['document.malformed', 'a packed text that is none', makePng([['zTXt', bytes('a\0\0nonsense')]])],
    [
      'document.malformed',
      'a PNG of parts without end',
      bytes(makePng().subarray(0, 8), many(Buffer.from('\0\0\0\0IDAT\0\0\0\0'))),
    ],
    ['document.malformed', 'a JPEG of parts without end', bytes('\xff\xd8', many(Buffer.of(0xff, 0xfe, 0, 2)))],
    ['document.malformed', 'a JPEG that does not end', Buffer.of(0xff, 0xd8, 0xff, 0, 1, 2, 3)],
    [
      'document.malformed',
      'a WebP of parts without end',
      makeWebp('ICCP', many(Buffer.from('ABCD\0\0\0\0'))).fill(0, 16, 20),
    ],
    ['document.malformed', 'a WebP that is cut off', makeWebp('ICCP', Buffer.alloc(90)).subarray(0, 60)],
    ['document.malformed', 'a GIF of an unknown part', gif(Buffer.of(0x77))],
    ['document.malformed', 'a GIF whose comment is cut off', makeGif(P).subarray(0, 30)],
    ['document.malformed', 'a GIF that does not end', gif(Buffer.alloc(0)).subarray(0, 13)],
    ['document.polyglot', 'a PDF in it', makePng([['tEXt', bytes('a\0%PDF-1.7')]])],
    [
      'document.part',
      'Exif without end',
      jpegExif(Buffer.concat([Buffer.from('MM\0*\0\0\0\x08\x13\x88', 'latin1'), Buffer.alloc(5_000 * 12)])),
    ],
    [
      'document.budget',
      'texts without end',
      makePng(Array.from({ length: 50_002 }, () => ['tEXt', bytes('a\0b')] as const)),
    ],
  ])('T-145: never clean: %s: %s', async (rule, _name, document) => {
    const { complete, notes } = await extractDocument(document)
    expect([complete, notes.some((note) => note.rule === rule)]).toEqual([false, true])
  })

  test('T-145: what is called a picture and is none is said', () => {
    const sink = new Collector()
    expect(readImage(bytes(P), sink)).toBeUndefined()
    expect(sink.finish('image').notes.map(({ rule }) => rule)).toEqual(['document.unknown'])
  })
})

const mail = (headers: string, body = 'hello'): ReturnType<typeof extractText> =>
  extractText(`From: ana@example.org\n${headers}${body === '' ? '' : `\n\n${body}`}`, 'message/rfc822')

const parts = (body: string): ReturnType<typeof extractText> => mail('Content-Type: multipart/mixed; boundary=b', body)

describe('odd messages', () => {
  test.each([
    ['lines of one byte', mail('Subject: a', P)],
    ['a field twice', mail(`Subject: a\nSubject: ${P}`, 'x')],
    ['an encoded word of the other kind', mail(`Subject: =?iso-8859-1?Q?${P.replaceAll(' ', '_')}?=`, 'x')],
    ['a type that says nothing', mail('Content-Type: ;', P)],
    ['a head without a body', mail(`Subject: ${P}`, '')],
    ['a part without a head', parts(`--b\n\n${P}\n\nmore\n--b--`)],
    ['a part without a head, in other line ends', parts(`--b\r\n\r\n${P}\r\n--b--`)],
  ])('a reader sees %s', (_, { visible, hidden, complete }) => {
    expect([visible.includes(P), hidden, complete]).toEqual([true, [], true])
  })

  test.each([
    ['a name with words', parts(`--b\nContent-Disposition: attachment; filename="${P}"\n\nx\n--b--`), 'metadata'],
    ['a line among the fields that is none', mail(`Subject: a\n${P}`), 'metadata'],
    ['a field of no name', mail(`Subject: a\n: ${P}`), 'metadata'],
    ['a field of a part', parts(`--b\nX-Note: ${P}\nContent-ID: <a b>\n\nx\n--b--`), 'metadata'],
    ['the name in a type', parts(`--b\nContent-Type: text/plain; name="${P}"\n\nx\n--b--`), 'metadata'],
    ['text between that is no boundary', parts(`--b\n\nx --b y\n--b--\n${P}`), 'unreferenced'],
  ])('HB-16: %s is hidden', (_, { hidden, complete }, how) => {
    expect(hidden.filter(({ text }) => text.includes(P)).map((one) => one.how)).toEqual([how])
    expect(complete).toBe(true)
  })

  test('the last part need not end; a boundary alone is none', () => {
    expect(parts(`--b\n\n${P}`).visible).toContain(P)
    expect(parts(`--b\n\n${P}\n--b`).visible).toContain(P)
  })

  test.each([
    ['document.malformed', mail('Content-Type: multipart/mixed', P)],
    ['document.unknown', mail('Content-Type: image/png', P)],
    ['document.nested', mail('Content-Type: application/zip', P)],
  ])('T-145: never clean: %s', (rule, { notes, complete }) => {
    expect([complete, notes.map((note) => note.rule)]).toEqual([false, [rule]])
  })

  test('a signature is no text', () => {
    const { hidden, complete } = mail('Content-Type: application/pgp-signature', P)
    expect([hidden, complete]).toEqual([[], true])
  })
})

describe('odd Markdown', () => {
  test.each([
    ['fences in fences', '````\n```\nwords [//]: # (x)\n````\n'],
    ['a fence that its mark does not close', '```a`b\nwords\n'],
    ['code that does not end', 'words `` code ` words\n'],
  ])('nothing is hidden by %s', (_, source) => {
    expect(extractText(source, 'text/markdown').hidden).toEqual([])
  })

  test('a comment of lines ends where it says', () => {
    const { visible, hidden } = extractText(`<!-- ${P}\nmore\n-->\n\nwords`, 'text/markdown')
    expect([visible.includes('words'), visible.includes(P), hidden[0]?.how]).toEqual([true, false, 'comment'])
  })
})
