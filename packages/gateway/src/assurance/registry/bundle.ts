/** A file of a bundle; `path` is relative, with `/`, and stays inside. */
export interface FetchedFile {
  readonly path: string
  readonly bytes: Uint8Array
  /** Permission bits: 0o755 or 0o644. */
  readonly mode: number
}

/** Where a bundle came from, and what is known about that. It informs; it admits nothing (T-146). */
export interface Provenance {
  readonly source: 'folder' | 'archive' | 'registry' | 'npm' | 'github'
  /** Where the archive really lay, after all redirects, without a query. */
  readonly url?: string
  /** Of the archive: `sha512-` and base64. */
  readonly integrity?: string
  /** `unverified`: there is one that could not be checked, and a note says why. */
  readonly signature?: 'verified' | 'absent' | 'unverified'
  readonly signedBy?: string
  /** Whole sentences, to be shown escaped: parts of them are texts of others. */
  readonly notes: readonly string[]
}

/** What was fetched, in memory. Nothing of it was written, run or judged. */
export interface FetchedBundle {
  readonly name: string
  readonly version?: string
  readonly files: readonly FetchedFile[]
  readonly provenance: Provenance
}
