import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { SallyportError, toSallyportError } from '@sallyport/core'
import type { FileFindings } from './baseline.ts'
import { LONGEST_FILE } from './read/read-source.ts'
import type { ScanCode } from './scan-code.ts'
import { applySuppressions } from './suppression.ts'
import type { Language } from './syntax.ts'

export interface ProgramFile {
  readonly path: string
  /** Its path as it is told of. */
  readonly name: string
  readonly bytes: number
  readonly language: Language
  /** Comments in the file may accept findings; not in files of strangers. */
  readonly suppressions: boolean
}

export interface Unreadable {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** What was found in a file; undefined: nothing. */
export interface ProgramScan {
  readonly found: FileFindings | undefined
  readonly unreadable: Unreadable | undefined
  readonly suppressed: number
}

/** Scans a file that lies there. One that cannot be scanned is told of and never counts as clean. */
export function scanProgram({ path, name, bytes, language, suppressions }: ProgramFile, scan: ScanCode): ProgramScan {
  try {
    if (bytes > LONGEST_FILE * 3) throw new SallyportError('SP_SCAN_TOO_LARGE', `It has ${bytes} bytes.`)
    const content = readFileSync(path)
    if (!isUtf8(content)) throw new SallyportError('SP_SCAN_UNREADABLE', 'It is not UTF-8.')
    const text = content.toString('utf8')
    const { findings } = scan(text, language)
    const { open, suppressed } = suppressions ? applySuppressions(text, findings) : { open: findings, suppressed: [] }
    const found = open.length === 0 ? undefined : { path: name, text, findings: open }
    return { found, unreadable: undefined, suppressed: suppressed.length }
  } catch (thrown) {
    const { code, detail, entry } = toSallyportError(thrown)
    return unreadProgram({ name }, code, detail === '' ? entry.title : detail)
  }
}

export const unreadProgram = ({ name }: Pick<ProgramFile, 'name'>, code: string, message: string): ProgramScan => ({
  found: undefined,
  unreadable: { path: name, code, message },
  suppressed: 0,
})
