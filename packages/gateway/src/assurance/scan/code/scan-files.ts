import { SallyportError } from '@sallyport/core'
import { inOrder, type FileScanner } from '../threads/file-scanner.ts'
import { firstLineOf, walk, type Unwalked } from '../walk.ts'
import type { FileFindings } from './baseline.ts'
import { languageOfFile } from './languages.ts'
import type { ProgramFile, Unreadable } from './scan-program.ts'

export interface CodeScan {
  readonly files: number
  readonly bytes: number
  readonly found: readonly FileFindings[]
  readonly unreadable: readonly Unreadable[]
  readonly suppressed: number
}

/** The programs below some paths. */
export interface ProgramList {
  readonly files: readonly ProgramFile[]
  readonly bytes: number
  /** Directories that could not be looked into. */
  readonly unreadable: readonly Unreadable[]
}

export interface ScanFilesOptions {
  readonly scanner: FileScanner
  readonly progress?: (files: number, path: string) => void
  readonly signal?: AbortSignal
}

/** @throws SallyportError SP_CLI_USAGE when a root cannot be read */
export function programsBelow(roots: readonly string[], suppressions: boolean): ProgramList {
  const files: ProgramFile[] = []
  const unreadable: Unreadable[] = []
  for (const root of roots) {
    const named = (name: string): string => (roots.length === 1 ? name : `${root.replace(/\/$/, '')}/${name}`)
    const unwalked = ({ name, message }: Unwalked): void => {
      unreadable.push({ path: named(name), code: 'SP_SCAN_UNREADABLE', message })
    }
    for (const { path, name, bytes } of filesOf(root, unwalked)) {
      const language = languageOfFile(name.slice(name.lastIndexOf('/') + 1), () => firstLineOf(path))
      if (language !== undefined) files.push({ path, name: named(name), bytes, language, suppressions })
    }
  }
  return { files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), unreadable }
}

/**
 * Scans programs. What is found has the order of the list, however many are scanned at once.
 * @throws SallyportError SP_SCAN_UNREADABLE when it was interrupted
 */
export async function scanFiles(list: ProgramList, { scanner, progress, signal }: ScanFilesOptions): Promise<CodeScan> {
  let begun = 0
  const scans = await inOrder(list.files, scanner.width, (file) => {
    if (signal?.aborted === true) throw new SallyportError('SP_SCAN_UNREADABLE', 'The scan was interrupted.')
    progress?.(++begun, file.name)
    return scanner.program(file)
  })
  return {
    files: list.files.length,
    bytes: list.bytes,
    found: scans.flatMap(({ found }) => found ?? []),
    unreadable: [...list.unreadable, ...scans.flatMap(({ unreadable }) => unreadable ?? [])],
    suppressed: scans.reduce((sum, { suppressed }) => sum + suppressed, 0),
  }
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
