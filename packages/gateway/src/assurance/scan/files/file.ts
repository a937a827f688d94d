import type { ByteKind } from './kind.ts'

/** A file of a subject, read whole. Members of archives have `archive.zip!path`. */
export interface SubjectFile {
  readonly path: string
  readonly bytes: Uint8Array
  readonly kind: ByteKind
  /** Decoded text of `text` files; lone bytes that are no UTF-8 are U+FFFD and a finding of their own. */
  readonly text: string | undefined
  readonly validText: boolean
  readonly executableBit: boolean
}

/** Something about reading that is a finding: what could not be read counts as held, never as clean (T-145). */
export interface ReadingNote {
  readonly name:
    | 'too-large'
    | 'too-many'
    | 'too-deep'
    | 'bomb'
    | 'unreadable'
    | 'encrypted'
    | 'symlink'
    | 'traversal'
    | 'special'
    | 'malformed'
    | 'layout'
    | 'duplicate'
    | 'unknown-archive'
    | 'time'
    | 'skipped'
  readonly path: string
  readonly detail: string
}

export interface Subject {
  /** Name for reports. */
  readonly name: string
  readonly files: readonly SubjectFile[]
  readonly notes: readonly ReadingNote[]
}

/** Bounds of one scan. What lies beyond them is a note. */
export interface ReadLimits {
  readonly files: number
  /** Bytes of one file, and of all, unpacked. */
  readonly file: number
  readonly total: number
  readonly depth: number
  /** Archives in archives. */
  readonly nesting: number
  /** Unpacked ÷ packed of an archive beyond `ratioFrom` bytes. */
  readonly ratio: number
  readonly ratioFrom: number
}

export const READ_LIMITS: ReadLimits = {
  files: 20_000,
  file: 32_000_000,
  total: 256_000_000,
  depth: 32,
  nesting: 4,
  ratio: 200,
  ratioFrom: 1_000_000,
}
