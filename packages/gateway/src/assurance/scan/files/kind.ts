/** What the first bytes of a file say it is. */
export type ByteKind =
  | 'text'
  | 'zip'
  | 'gzip'
  | 'tar'
  | 'archive'
  | 'elf'
  | 'macho'
  | 'pe'
  | 'wasm'
  | 'pyc'
  | 'class'
  | 'pdf'
  | 'image'
  | 'media'
  | 'font'
  | 'sqlite'
  | 'ole'
  | 'lua'
  | 'lnk'
  | 'binary'

const MAGIC: readonly (readonly [pattern: RegExp, kind: ByteKind])[] = [
  [/^PK(?:\x03\x04|\x05\x06|\x07\x08)/, 'zip'],
  [/^\x1f\x8b/, 'gzip'],
  [/^.{257}ustar/s, 'tar'],
  [/^(?:7z\xbc\xaf\x27\x1c|Rar!|\xfd7zXZ|BZh|\x28\xb5\x2f\xfd|MSCF|xar!|\x04\x22\x4d\x18|!<arch>)/, 'archive'],
  [/^\x7fELF/, 'elf'],
  [/^(?:\xcf\xfa\xed\xfe|\xce\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]|\xca\xfe\xba\xbe\x00\x00\x00[\x01-\x0f])/, 'macho'],
  [/^\xca\xfe\xba\xbe/, 'class'],
  [/^MZ/, 'pe'],
  [/^\x00asm/, 'wasm'],
  [/^\x1bLua/, 'lua'],
  [/^L\x00\x00\x00\x01\x14\x02\x00/, 'lnk'],
  [/^.{2}\r\n/s, 'pyc'],
  [/^%PDF-/, 'pdf'],
  [/^(?:\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\x00\x00|RIFF....WEBP|II\*\x00|MM\x00\*|\x00\x00\x01\x00)/s, 'image'],
  [/^(?:RIFF|ID3|OggS|fLaC|\x1aE\xdf\xa3|....ftyp|\xff[\xfb\xf3\xf2])/s, 'media'],
  [/^(?:wOF[F2]|\x00\x01\x00\x00|OTTO|ttcf)/, 'font'],
  [/^SQLite format 3/, 'sqlite'],
  [/^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/, 'ole'],
]

/** Kind by content; a name is only a claim. */
export function byteKind(bytes: Uint8Array): ByteKind {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4_096)).toString('latin1')
  for (const [pattern, kind] of MAGIC) {
    if (!pattern.test(head)) continue
    // `\r\n` as bytes 3 and 4 is common in text, and so is `MZ` at its beginning
    if ((kind === 'pyc' || kind === 'pe' || kind === 'image') && !/[\x00-\x08\x0e-\x1f]/.test(head)) continue
    return kind
  }
  if (isOldTar(head)) return 'tar'
  if (/^(?:\xff\xfe|\xfe\xff|\xef\xbb\xbf)/.test(head)) return 'text'
  const sample = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return sample.includes(0) ? 'binary' : 'text'
}

/** The first form of tar has no mark: readers know it by the sum of its header, where those of the sum itself count as spaces. */
function isOldTar(head: string): boolean {
  const said = /^[0-7 ]{6,7}[\0 ]/.exec(head.slice(148, 156))?.[0]
  if (said === undefined || head.length < 512) return false
  let sum = 8 * 0x20
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += head.charCodeAt(at)
  return sum === Number.parseInt(said, 8)
}

const EXPECTED: readonly (readonly [ending: RegExp, kinds: readonly ByteKind[]])[] = [
  [/\.(?:png|jpe?g|gif|webp|bmp|ico|tiff?)$/i, ['image']],
  [
    /\.(?:svg|md|txt|json|ya?ml|toml|js|mjs|cjs|ts|py|sh|bash|rb|pl|php|go|java|css|html?|xml|csv|ini|cfg|rst|ps1|bat)$/i,
    ['text'],
  ],
  [/\.pdf$/i, ['pdf']],
  [/\.(?:zip|docx|xlsx|pptx|jar|whl|apk|odt|ods|odp|epub|vsix|xpi|skill|mcpb|dxt)$/i, ['zip']],
  [/\.(?:gz|tgz)$/i, ['gzip']],
  [/\.tar$/i, ['tar']],
  [/\.(?:mp3|mp4|wav|ogg|webm|mov|m4a|flac)$/i, ['media']],
  [/\.(?:woff2?|ttf|otf)$/i, ['font']],
]

/** What the name claims and the content is not; undefined when they agree or the name claims nothing. */
export function liesAbout(path: string, kind: ByteKind): string | undefined {
  const claim = EXPECTED.find(([ending]) => ending.test(path))
  if (claim === undefined || claim[1].includes(kind)) return undefined
  return `named as ${claim[1].join(' or ')}, content is ${kind}`
}

export const EXECUTABLE: ReadonlySet<ByteKind> = new Set(['elf', 'macho', 'pe', 'wasm', 'pyc', 'class', 'lua', 'lnk'])
