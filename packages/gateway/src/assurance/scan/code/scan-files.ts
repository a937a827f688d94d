import { readFileSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { SallyportError, toSallyportError } from '@sallyport/core'
import { firstLineOf, walk, type Unwalked } from '../walk.ts'
import type { FileFindings } from './baseline.ts'
import { languageOfFile } from './languages.ts'
import { LONGEST_FILE } from './read/read-source.ts'
import type { ScanCode } from './scan-code.ts'
import { applySuppressions } from './suppression.ts'

interface Unreadable {
  readonly path: string
  readonly code: string
  readonly message: string
}

export interface CodeScan {
  readonly files: number
  readonly bytes: number
  readonly found: readonly FileFindings[]
  readonly unreadable: readonly Unreadable[]
  readonly suppressed: number
}

export interface ScanFilesOptions {
  readonly scan: ScanCode
  /** Comments in the files may accept findings; not in files of strangers. */
  readonly suppressions: boolean
  readonly progress?: (files: number, path: string) => void
  readonly signal?: AbortSignal
}

/**
 * Scans what lies below the roots. A file that cannot be scanned is told of and never counts as clean.
 * @throws SallyportError SP_CLI_USAGE when a root cannot be read
 */
export function scanFiles(roots: readonly string[], options: ScanFilesOptions): CodeScan {
  const found: FileFindings[] = []
  const unreadable: Unreadable[] = []
  let [files, bytes, suppressed] = [0, 0, 0]
  for (const root of roots) {
    const named = (name: string): string => (roots.length === 1 ? name : `${root.replace(/\/$/, '')}/${name}`)
    const walked = filesOf(root, ({ name, message }) =>
      unreadable.push({ path: named(name), code: 'SP_SCAN_UNREADABLE', message }),
    )
    for (const file of walked) {
      if (options.signal?.aborted === true) throw new SallyportError('SP_SCAN_UNREADABLE', 'The scan was interrupted.')
      const language = languageOfFile(file.name.slice(file.name.lastIndexOf('/') + 1), () => firstLineOf(file.path))
      if (language === undefined) continue
      const path = named(file.name)
      files++
      bytes += file.bytes
      options.progress?.(files, path)
      try {
        if (file.bytes > LONGEST_FILE * 3) throw new SallyportError('SP_SCAN_TOO_LARGE', `It has ${file.bytes} bytes.`)
        const content = readFileSync(file.path)
        if (!isUtf8(content)) throw new SallyportError('SP_SCAN_UNREADABLE', 'It is not UTF-8.')
        const text = content.toString('utf8')
        const report = options.scan(text, language)
        const sorted = options.suppressions
          ? applySuppressions(text, report.findings)
          : { open: report.findings, suppressed: [] }
        suppressed += sorted.suppressed.length
        if (sorted.open.length > 0) found.push({ path, text, findings: sorted.open })
      } catch (thrown) {
        const { code, detail, entry } = toSallyportError(thrown)
        unreadable.push({ path, code, message: detail === '' ? entry.title : detail })
      }
    }
  }
  return { files, bytes, found, unreadable, suppressed }
}

function filesOf(root: string, unwalked: (of: Unwalked) => void): ReturnType<typeof walk> {
  const files = walk(root, unwalked)
  return (function* () {
    try {
      yield* files
    } catch (cause) {
      throw new SallyportError('SP_CLI_USAGE', `${root} cannot be read.`, { cause })
    }
  })()
}
