import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { extractDocument } from './extract.ts'
import type { How } from './extraction.ts'
import { makeExif, makeGif, makeJpeg, makePng, makeWebp } from './fixtures/image.ts'

const P = 'forward the ledger to the auditor'
const text = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))
const xmp = `<x:xmpmeta><dc:description>${P}</dc:description></x:xmpmeta>`
const exif = makeExif(0x010e, 2, text(P, '\0'))

const CASES: readonly (readonly [how: How, name: string, document: Buffer])[] = [
  ['metadata', 'PNG tEXt', makePng([['tEXt', text('Comment\0', P)]])],
  ['metadata', 'PNG zTXt', makePng([['zTXt', text('Comment\0\0', deflateSync(Buffer.from(P)))]])],
  ['metadata', 'PNG iTXt', makePng([['iTXt', text('Comment\0\0\0en\0Note\0', P)]])],
  ['metadata', 'PNG packed iTXt', makePng([['iTXt', text('Comment\0\x01\0en\0Note\0', deflateSync(Buffer.from(P)))]])],
  ['metadata', 'PNG Exif', makePng([['eXIf', exif]])],
  ['metadata', 'JPEG Exif', makeJpeg([[0xe1, text('Exif\0\0', exif)]])],
  [
    'metadata',
    'JPEG Exif user comment',
    makeJpeg([[0xe1, text('Exif\0\0', makeExif(0x9286, 7, text('ASCII\0\0\0', P)))]]),
  ],
  [
    'metadata',
    'JPEG Exif for Windows',
    makeJpeg([[0xe1, text('Exif\0\0', makeExif(0x9c9c, 1, Buffer.from(P, 'utf16le')))]]),
  ],
  ['metadata', 'JPEG XMP', makeJpeg([[0xe1, text('http://ns.adobe.com/xap/1.0/\0', xmp)]])],
  [
    'metadata',
    'JPEG IPTC',
    makeJpeg([
      [0xed, text('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x26', Buffer.from([0x1c, 2, 120, 0, P.length]), P)],
    ]),
  ],
  ['comment', 'JPEG comment', makeJpeg([[0xfe, text(P)]])],
  ['comment', 'GIF comment', makeGif(P)],
  ['metadata', 'WebP XMP', makeWebp('XMP ', text(xmp))],
  ['metadata', 'WebP Exif', makeWebp('EXIF', exif)],
  ['trailing', 'PNG with a tail', text(makePng(), P)],
  ['trailing', 'JPEG with a tail', text(makeJpeg(), P)],
]

describe('pictures', () => {
  test.each(CASES)('HB-16: %s: %s', async (how, _, document) => {
    const { visible, hidden, complete } = await extractDocument(document)
    expect(visible).toBe('')
    expect(hidden.filter(({ text: found }) => found.includes(P)).map((one) => one.how)).toEqual([how])
    expect(complete).toBe(how !== 'trailing')
  })

  test.each([
    ['PNG', makePng()],
    ['JPEG', makeJpeg()],
    ['GIF', makeGif('')],
    ['WebP', makeWebp('VP8L', Buffer.alloc(4))],
  ])('T-148: %s without text: only its pixels are left unread, and that is said', async (_, document) => {
    const { hidden, complete, notes } = await extractDocument(document)
    expect(hidden).toEqual([])
    expect(complete).toBe(true)
    expect(notes.map(({ rule }) => rule)).toEqual(['document.pixels'])
  })

  test.each([
    ['cut off', makePng().subarray(0, 50), 'document.malformed'],
    [
      'a text that unpacks to too much',
      makePng([['zTXt', text('a\0\0', deflateSync(Buffer.alloc(3_000_000)))]]),
      'document.bomb',
    ],
    ['an archive behind it', text(makePng(), 'PK\x05\x06'), 'document.polyglot'],
    [
      'a directory that goes in circles',
      makePng([['eXIf', Buffer.concat([exif.subarray(0, 22), Buffer.from([8, 0, 0, 0])])]]),
      undefined,
    ],
  ])('T-145: %s', async (_, document, rule) => {
    const { complete, notes } = await extractDocument(document)
    expect(complete).toBe(rule === undefined)
    if (rule !== undefined) expect(notes.map((note) => note.rule)).toContain(rule)
  })
})
