/** One file of a bundle: where it lies, with `/` between folders, its bytes, and its permission bits. */
export interface BundleFile {
  readonly path: string
  readonly bytes: Uint8Array
  readonly mode: number
}

/** Where a bundle came from, and what was proved about that (HB-36, E-86). A registry's own word is a note, never proof. */
export interface Provenance {
  readonly source: 'folder' | 'archive' | 'registry' | 'npm' | 'github'
  readonly url?: string
  /** What the source said the bytes are, in the form of Subresource Integrity. */
  readonly integrity?: string
  readonly signature?: 'verified' | 'absent' | 'unverified'
  readonly signedBy?: string
  readonly notes: readonly string[]
}

/** A skill as it arrives: bytes and where they are from. Nothing of it was looked at yet (HB-34). */
export interface Bundle {
  readonly name: string
  readonly version?: string
  readonly files: readonly BundleFile[]
  readonly provenance: Provenance
}
