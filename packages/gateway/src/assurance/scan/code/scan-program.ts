import { isUtf8 } from 'node:buffer'
import { SallyportError, toSallyportError } from '@sallyport/core'
import { readPlainFile } from '../walk.ts'
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

export const PARTLY = 'A part of it could not be read as its language; the rest was scanned.'

/** Scans a file that lies there. One that cannot be scanned is told of and never counts as clean. */
export function scanProgram({ path, name, language, suppressions }: ProgramFile, scan: ScanCode): ProgramScan {
  try {
    const content = readPlainFile(path, LONGEST_FILE * 3)
    if (!isUtf8(content)) throw new SallyportError('SP_SCAN_UNREADABLE', 'It is not UTF-8.')
    const text = content.toString('utf8')
    const { findings, complete } = scan(text, language)
    const { open, suppressed } = suppressions ? applySuppressions(text, findings) : { open: findings, suppressed: [] }
    const found = open.length === 0 ? undefined : { path: name, text, findings: open }
    const unreadable = complete ? undefined : { path: name, code: 'SP_SCAN_UNREADABLE', message: PARTLY }
    return { found, unreadable, suppressed: suppressed.length }
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
