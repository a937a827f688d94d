import type { Sink } from '../extraction.ts'

const MAX_ENTRIES = 4_000
/** Tags that point at further directories: Exif, GPS, interoperability. */
const POINTERS: ReadonlySet<number> = new Set([0x8769, 0x8825, 0xa005])
const TYPE_SIZE: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  129: 1,
}

/** Every text in a block of Exif (TIFF 6.0 directories). Directories that go round in circles are read once. */
export function readExif(block: Uint8Array, sink: Sink): void {
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  if (block.length < 8) return
  const little = view.getUint16(0) === 0x4949
  const waiting = [view.getUint32(4, little)]
  const seen = new Set<number>()
  let entries = 0
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at) || at + 2 > block.length) continue
    seen.add(at)
    const count = view.getUint16(at, little)
    for (let index = 0; index < count; index++) {
      const entry = at + 2 + index * 12
      if (entry + 12 > block.length) break
      if (++entries > MAX_ENTRIES) {
        sink.note('document.part', 'A picture has too many Exif entries.')
        return
      }
      const tag = view.getUint16(entry, little)
      const type = view.getUint16(entry + 2, little)
      const size = view.getUint32(entry + 4, little) * (TYPE_SIZE[type] ?? 0)
      if (POINTERS.has(tag)) waiting.push(view.getUint32(entry + 8, little))
      const start = size <= 4 ? entry + 8 : view.getUint32(entry + 8, little)
      if (size < 4 || start + size > block.length) continue
      const bytes = block.subarray(start, start + size)
      sink.spend(size)
      if (tag >= 0x9c9b && tag <= 0x9c9f) sink.hide(Buffer.from(bytes).toString('utf16le'), 'metadata')
      else if (type === 2 || type === 129) sink.hide(textOf(bytes), 'metadata')
      else if (type === 7 || type === 1) sink.hide(commentOf(bytes, little), 'metadata')
    }
    const next = at + 2 + count * 12
    if (next + 4 <= block.length) waiting.push(view.getUint32(next, little))
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8').replaceAll('\0', ' ')

/** User comments begin with the name of their character set. Bytes that are no text are left out. */
function commentOf(bytes: Uint8Array, little: boolean): string {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('latin1')
  if (head.startsWith('UNICODE')) {
    const body = Buffer.from(bytes.subarray(8, bytes.length - (bytes.length % 2)))
    return (little ? body : body.swap16()).toString('utf16le')
  }
  const text = textOf(head.startsWith('ASCII') ? bytes.subarray(8) : bytes)
  const strange = text.replace(/[\p{L}\p{N}\p{P}\p{Z}\s]/gu, '').length
  return strange * 5 > text.length ? '' : text
}
