import type { Opened, Top } from './open-archive.ts'
import type { BundleFile, Provenance } from '../admission/bundle.ts'
import type { Signature } from './signature.ts'

/** What one kind of place handed out, before the archive is opened. Hashes that it announced of the archive hold already. */
export interface Handed {
  readonly name: string
  readonly version?: string
  readonly source: Provenance['source']
  readonly archive: Uint8Array
  /** Where it lay, after redirects, without a query. */
  readonly url: string
  readonly top: Top
  /** A folder of the archive that is the bundle. */
  readonly under?: string
  readonly signature: Signature
  readonly notes: readonly string[]
  /** A hash that can be relied on was announced. Otherwise the caller needs one of its own. */
  readonly isAnnounced: boolean
  /**
   * Holds the files against what was announced of them.
   * @returns notes, and the files that belong to the bundle
   * @throws SallyportError SP_REGISTRY_MISMATCH, SP_REGISTRY_INTEGRITY, SP_REGISTRY_ARCHIVE
   */
  readonly check: (opened: Opened) => { readonly files: readonly BundleFile[]; readonly notes: readonly string[] }
}
