import type { SourceFile } from './sources.ts'

/** Who changed policy files, as far as the files prove it. */
export interface FileAuthor {
  readonly source: 'file'
  readonly actor: string
}

/** Files that differ between two reads, by path; a file that is gone counts as unproven unless its signer is known. */
function changedFiles(
  now: readonly SourceFile[],
  before: readonly SourceFile[],
): { readonly changed: readonly SourceFile[]; readonly gone: boolean } {
  const old = new Map(before.map(({ path, digest }) => [path, digest]))
  const paths = new Set(now.map(({ path }) => path))
  return {
    changed: now.filter(({ path, digest }) => old.get(path) !== digest),
    gone: before.some(({ path }) => !paths.has(path)),
  }
}

/** True when every changed file is signed, or can only have been written by the gateway's own account. */
export function provenFiles(now: readonly SourceFile[], before: readonly SourceFile[]): boolean {
  const { changed, gone } = changedFiles(now, before)
  return !gone && changed.every(({ signer, owned }) => signer !== undefined || owned)
}

/** The signer when one signed every changed file; presets come with the product; anything else is unknown (E-58). */
export function authorOf(now: readonly SourceFile[], before: readonly SourceFile[]): FileAuthor {
  const { changed, gone } = changedFiles(now, before)
  if (!gone && changed.length > 0 && changed.every(({ origin }) => origin === 'preset'))
    return { source: 'file', actor: 'sallyport' }
  const signers = new Set(changed.filter(({ origin }) => origin === 'file').map(({ signer }) => signer))
  const [only] = signers
  return { source: 'file', actor: !gone && signers.size === 1 && only !== undefined ? `signer:${only}` : 'unknown' }
}
