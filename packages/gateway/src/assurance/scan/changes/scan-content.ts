import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { findSecrets, toSallyportError } from '@sallyport/core'
import { linesOf, type CodeFinding } from '../code/finding.ts'
import { languageOfFile } from '../code/languages.ts'
import type { ScanCode } from '../code/scan-code.ts'
import { PARTLY } from '../code/scan-program.ts'
import { applySuppressions } from '../code/suppression.ts'
import type { FileFindings } from '../code/baseline.ts'
import { subjectFile } from '../files/decode.ts'
import { readPlainFile } from '../walk.ts'

/** Bytes of the largest file that is looked into. */
export const LARGEST = 16 << 20

const SECRET = {
  category: 'hardcoded_credentials',
  severity: 'high',
  fix: 'Take it out, revoke it, and read the new one from the vault or the environment.',
  cwe: 798,
} as const

/** What a parser steps over, an interpreter may run. */
const PART: CodeFinding = {
  ...{ rule: 'code.unanalysable.part', category: 'unanalysable', severity: 'medium' },
  ...{ start: 0, end: 0, line: 1, column: 1, message: PARTLY },
  fix: 'Look at it by hand, and write what is odd in it more plainly.',
}

/** A file of a change: its findings, and whether all of it was looked at. */
export interface ScannedContent extends FileFindings {
  readonly complete: boolean
}

/**
 * Looks for secrets in a file of any kind, and for what CodeGuard objects to where it is a program (AC-7.5.1, AC-7.5.3). What
 * cannot be read is a finding of its own, known by its bytes: a baseline can accept these bytes and no others.
 * @param isLink the bytes are where it leads
 */
export function scanContent(
  path: string,
  bytes: Uint8Array,
  scan: ScanCode,
  isLink = false,
): readonly ScannedContent[] {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  // a program is one by its name: whoever runs it does not look whether a byte in it is no text
  const name = path.slice(path.lastIndexOf('/') + 1)
  const language = isLink ? undefined : languageOfFile(name, () => firstLineIn(raw))
  const isReadable = isUtf8(raw)
  const text = subjectFile(path, bytes).text ?? raw.toString(language !== undefined && isReadable ? 'utf8' : 'latin1')
  if (language === undefined) return [{ path, text, findings: secretsOf(text), complete: true }]
  try {
    if (!isReadable) throw new Error('It is not UTF-8.')
    const { findings, complete } = scan(text, language)
    const all = complete ? findings : [...findings, PART]
    return [{ path, text, findings: applySuppressions(text, all).open, complete }]
  } catch (thrown) {
    const { message } = toSallyportError(thrown)
    const sum = createHash('sha256').update(bytes).digest('hex')
    return [{ path, text, findings: secretsOf(text), complete: false }, unread(path, sum, message)]
  }
}

const firstLineIn = (raw: Buffer): string => raw.toString('latin1', 0, 200).split('\n', 1)[0] ?? ''

export interface ContentFile {
  readonly path: string
  /** Its path as it is told of. */
  readonly name: string
  readonly bytes: number
}

/** The same of a file that lies there; nothing where nothing is found. */
export function contentOf({ path, name, bytes }: ContentFile, scan: ScanCode): readonly ScannedContent[] {
  if (bytes > LARGEST) return [unread(name, String(bytes), `it has ${bytes} bytes.`)]
  try {
    return scanContent(name, readPlainFile(path, LARGEST), scan).filter(({ findings }) => findings.length > 0)
  } catch (thrown) {
    return [unread(name, 'unreadable', toSallyportError(thrown).message)]
  }
}

/** A file that was not looked at. `content` names its bytes, so that a fingerprint holds for nothing else. */
export function unread(path: string, content: string, message: string): ScannedContent {
  const finding: CodeFinding = {
    ...{ rule: 'code.unanalysable.unread', category: 'unanalysable', severity: 'high' },
    ...{ start: 0, end: 0, line: 1, column: 1, message: `It was not scanned: ${message}` },
    fix: 'Look at it by hand and accept it in the baseline, or keep it out of the commit.',
  }
  return { path, text: content, findings: [finding], complete: false }
}

function secretsOf(text: string): readonly CodeFinding[] {
  const place = linesOf(text)
  return findSecrets(text, 'result').map(({ family, start, end }) => ({
    ...{ ...SECRET, rule: `secret.${family}`, start, end, ...place(start) },
    message: `A secret is written here: ${family}.`,
  }))
}
