/** One signature line of a note: `— <name> <base64(key id ‖ signature)>`. */
export interface NoteSignature {
  readonly name: string
  /** 4 bytes, hex. */
  readonly keyId: string
  readonly signature: Uint8Array
}

/** A C2SP signed note: `text` (ends with LF) is what is signed. */
export interface SignedNote {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

const MAX_LENGTH = 64 * 1024
const MAX_SIGNATURES = 32
const LINE = /^\u2014 ([^\s+]{1,256}) ([A-Za-z0-9+/]{6,2048}={0,2})$/u
// Everything that could make two readers see two notes: control characters but LF, line and paragraph separators, bidi.
// eslint-disable-next-line no-control-regex
const FORBIDDEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u

/**
 * Strict parser for C2SP signed notes (T-164): one blank line before the signatures, LF only, every signature line well
 * formed with canonical base64, no key twice, no control or direction characters anywhere.
 * Returns undefined for everything else; nothing is repaired.
 */
export function parseNote(note: string): SignedNote | undefined {
  if (note.length > MAX_LENGTH || FORBIDDEN.test(note) || !note.endsWith('\n')) return undefined
  const split = note.lastIndexOf('\n\n')
  if (split < 1) return undefined
  const text = note.slice(0, split + 1)
  if (text.includes('\n\n')) return undefined
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) return undefined
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const match = LINE.exec(line)
    const bytes = match ? decodeBase64(match[2] ?? '') : undefined
    if (!match || !bytes || bytes.length < 5) return undefined
    signatures.push({
      name: match[1] ?? '',
      keyId: Buffer.from(bytes.subarray(0, 4)).toString('hex'),
      signature: bytes.subarray(4),
    })
  }
  const seen = new Set(signatures.map((s) => `${s.name} ${s.keyId}`))
  return seen.size === signatures.length ? { text, signatures } : undefined
}

/** The text form; `text` must end with LF and hold no blank line. */
export function formatNote(note: SignedNote): string {
  const lines = note.signatures.map((s) => {
    const bytes = Buffer.concat([Buffer.from(s.keyId, 'hex'), s.signature])
    return `\u2014 ${s.name} ${bytes.toString('base64')}\n`
  })
  return `${note.text}\n${lines.join('')}`
}

/** Canonical base64 only: what decodes but would encode differently is refused. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
