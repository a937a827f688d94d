import { byteKind } from './kind.ts'
import type { SubjectFile } from './file.ts'

const strict = new TextDecoder('utf-8', { fatal: true })

/** A file of the subject from its bytes. UTF-16 by its mark, else UTF-8. */
export function subjectFile(path: string, bytes: Uint8Array, executableBit = false): SubjectFile {
  const kind = byteKind(bytes)
  if (kind !== 'text') return { path, bytes, kind, text: undefined, validText: true, executableBit }
  const label =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined
  if (label !== undefined)
    return { path, bytes, kind, text: new TextDecoder(label).decode(bytes), validText: true, executableBit }
  try {
    return { path, bytes, kind, text: strict.decode(bytes), validText: true, executableBit }
  } catch {
    return {
      path,
      bytes,
      kind,
      text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'),
      validText: false,
      executableBit,
    }
  }
}
