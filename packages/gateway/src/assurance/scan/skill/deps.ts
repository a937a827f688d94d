import type { InjectionDetector, ParseShell } from '@sallyport/core'
import type { ScanFinding } from '../finding.ts'
import type { SubjectFile } from '../files/file.ts'

/** What a document reader says of a file: what is seen in it, what is kept from the eyes, and what could not be read. */
interface DocumentText {
  readonly visible: string
  readonly hidden: readonly { readonly text: string; readonly how: string; readonly start?: number }[]
  readonly notes: readonly {
    readonly rule: string
    readonly severity: ScanFinding['severity']
    readonly detail: string
  }[]
  readonly complete: boolean
}

/**
 * What a scan uses of the rest of the product. A scan starts nothing, asks nobody and runs nothing of its subject.
 * - `code`: a scanner of program text (CodeGuard), called once for every file that is one; its findings are added as they are (HB-104).
 */
export interface ScanDeps {
  readonly parse: ParseShell
  readonly injection: InjectionDetector
  readonly extract: (bytes: string | Uint8Array, mediaType?: string) => Promise<DocumentText>
  readonly code?: (file: SubjectFile) => Promise<readonly ScanFinding[]> | readonly ScanFinding[]
}
