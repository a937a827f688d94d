import { SallyportError } from '@sallyport/core'
import type { Draft } from './store.ts'

/** Shipped with the product and always in force: no draft changes them (threat-model §4). */
const FIXED: ReadonlySet<string> = new Set(['preset:base.cedar', 'preset:base.test.yaml'])
const OWN_PATH = /^(?!.*(?:^|\/)\.)[\w][\w./-]{0,199}\.(?:cedar|ya?ml)$/

/**
 * The files with one text changed, added (a path that is not there) or taken away (`undefined`). A changed preset becomes a copy
 * of the operator's own under its old name. @throws SallyportError SP_API_INVALID
 */
function editFile(files: Draft['files'], path: string, text: string | undefined): Draft['files'] {
  if (FIXED.has(path))
    throw new SallyportError('SP_API_INVALID', `${path} comes with Sallyport and is always in force.`)
  const known = files.find((file) => file.path === path)
  if (text === undefined) {
    if (known === undefined) throw new SallyportError('SP_API_INVALID', `The draft has no file ${path}.`)
    return files.filter((file) => file !== known)
  }
  if (known !== undefined) {
    if (known.text === text) return files
    return files.map((file) => (file === known ? { ...file, origin: 'file' as const, text } : file))
  }
  if (!OWN_PATH.test(path) || path.includes('//') || path.includes('..'))
    throw new SallyportError(
      'SP_API_INVALID',
      'A policy file has a plain relative name that ends in .cedar, .yaml or .yml.',
    )
  const language = path.endsWith('.cedar') ? ('cedar' as const) : ('yaml' as const)
  return [...files, { path, origin: 'file', language, text }]
}

/** Several edits; the last of a path counts. */
export const editFiles = (
  files: Draft['files'],
  edits: readonly { readonly path: string; readonly text?: string | undefined }[],
): Draft['files'] => edits.reduce((so, { path, text }) => editFile(so, path, text), files)

/**
 * A draft's own changes on top of the policy that is in force now. A file that both changed is a conflict: the draft's text stays,
 * and its path is named.
 */
export function rebase(
  draft: Draft['files'],
  base: Draft['files'],
  live: Draft['files'],
): { readonly files: Draft['files']; readonly conflicts: readonly string[] } {
  const textOf = (files: Draft['files'], path: string): string | undefined =>
    files.find((file) => file.path === path)?.text
  const paths = [...new Set([...live, ...draft].map(({ path }) => path))]
  const conflicts: string[] = []
  const files = paths.flatMap((path) => {
    const [mine, old, now] = [textOf(draft, path), textOf(base, path), textOf(live, path)]
    const isMine = mine !== old
    if (isMine && now !== old && now !== mine) conflicts.push(path)
    const from = isMine ? draft : live
    return from.filter((file) => file.path === path)
  })
  return { files, conflicts }
}
