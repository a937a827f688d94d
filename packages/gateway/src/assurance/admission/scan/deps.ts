import { basename } from 'node:path'
import { createInjectionDetector, toSallyportError, type InjectionDetector } from '@sallyport/core'
import { languageOfFile } from '../../scan/code/languages.ts'
import { loadScanner } from '../../scan/code/load-scanner.ts'
import { findingAt, type ScanFinding } from '../../scan/finding.ts'
import type { SubjectFile } from '../../scan/files/file.ts'
import type { ScanDeps } from '../../scan/skill/deps.ts'
import { createShellParser } from '../../../control/content/command/parser.ts'
import { extractDocument } from '../../../control/content/extract/extract.ts'
import { loadInjectionModel } from '../../../control/content/injection-model.ts'

/**
 * The detectors of the product, for a scan that runs with nothing else started.
 * @param now ms, for the bounds of parsers; of processor time, the same on a busy machine
 * @param injection default: with the rules that ship
 */
export async function createScanDeps(now: () => number, injection?: InjectionDetector): Promise<ScanDeps> {
  return {
    parse: await createShellParser({ now }),
    injection: injection ?? createInjectionDetector(loadInjectionModel()),
    extract: (bytes, mediaType) => extractDocument(bytes, mediaType),
    code: await codeFindings(now),
  }
}

/** CodeGuard over one file of a subject (HB-104). What it cannot read is a finding: it was not looked at. */
async function codeFindings(now: () => number): Promise<(file: SubjectFile) => readonly ScanFinding[]> {
  const scan = await loadScanner({ now })
  return ({ path, text = '' }) => {
    const language = languageOfFile(basename(path), () => text.slice(0, 200).split('\n', 1)[0] ?? '')
    if (language === undefined) return []
    try {
      return scan(text, language).findings.map(({ rule, severity, message, fix, start, end }) => {
        const why = 'What the program does here is up to whoever chooses its input.'
        return findingAt({ id: rule, severity, title: message, why, fix }, path, text, start, end)
      })
    } catch (thrown) {
      const { message } = toSallyportError(thrown)
      return [findingAt({ ...UNREAD, title: message }, path, text, 0, 0)]
    }
  }
}

const UNREAD = {
  id: 'code.unanalysable.unread',
  severity: 'medium',
  why: 'A program that was not read may do anything.',
  fix: 'Look at it by hand.',
} as const
