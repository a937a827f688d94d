import { escapeText, SallyportError } from '@sallyport/core'
import type { Registries } from '../../config/registries-schema.ts'
import { readMembers, type Budget } from '../scan/files/archive.ts'
import { subjectFile } from '../scan/files/decode.ts'
import { READ_LIMITS } from '../scan/files/file.ts'
import { tarComment, tarFault } from '../scan/files/tar-layout.ts'
import { zipFault } from '../scan/files/zip-layout.ts'
import type { BundleFile } from '../admission/bundle.ts'
import { collision, memberPath } from './member-paths.ts'

export interface Opened {
  readonly files: readonly BundleFile[]
  readonly notes: readonly string[]
  /** Commit that the archive says it is of. */
  readonly comment?: string
}

/** Folder at the top that is taken off: of every package and commit, or where everything lies in one, or never. */
export type Top = 'always' | 'if-alone' | 'never'

/**
 * The files of an archive (zip, tar, tar.gz), in memory and in order of their paths. What readers would disagree about, what leaves its
 * folder, what is encrypted, special, doubled or too much refuses the whole archive (SYS-9, T-145). Links are left out.
 * @throws SallyportError SP_REGISTRY_ARCHIVE with `details.reason`, SP_REGISTRY_ANSWER for what is no archive
 */
export async function openArchive(bytes: Uint8Array, limits: Registries['limits'], top: Top): Promise<Opened> {
  const subject = subjectFile('archive', bytes)
  if (subject.kind !== 'zip' && subject.kind !== 'gzip' && subject.kind !== 'tar')
    throw new SallyportError(
      'SP_REGISTRY_ANSWER',
      `What should be an archive is ${subject.kind === 'text' ? 'text' : 'something else'}.`,
    )
  // a packed tar counts as one file of its own, and then each of its members
  const budget: Budget = {
    limits: {
      ...READ_LIMITS,
      files: limits.files,
      file: limits.unpacked,
      total: 2 * limits.unpacked,
      ratio: limits.ratio,
      nesting: 1,
    },
    files: limits.files,
    bytes: 2 * limits.unpacked,
  }
  const { members, links, notes, tar } = await readMembers(subject, budget)
  const [bad] = notes
  if (bad !== undefined) throw refused(bad.name, `(${bad.name}) ${bad.detail}`)
  if (subject.kind === 'gzip' && tar === undefined) throw refused('kind', 'it holds no archive')
  const tape = tar ?? (subject.kind === 'tar' ? bytes : undefined)
  const fault = tape === undefined ? await zipFault(bytes) : tarFault(tape)
  if (fault !== undefined) throw refused('layout', fault)
  const total = members.reduce((sum, member) => sum + member.bytes.length, 0)
  if (total > limits.unpacked) throw refused('bomb', `it unpacks to more than ${limits.unpacked} bytes`)
  const all = members.map(({ name, bytes: content, executable }) => {
    const path = memberPath(name)
    if (path === undefined) throw refused('path', `a file cannot have the name "${escapeText(name.slice(0, 200))}"`)
    return { path, bytes: content, mode: executable ? 0o755 : 0o644 }
  })
  const doubled = collision(all.map(({ path }) => path))
  if (doubled !== undefined)
    throw refused('duplicate', `"${escapeText(doubled.slice(0, 200))}" is there twice, or is a file and a folder`)
  if (all.length === 0) throw refused('empty', 'there is no file in it')
  const comment = tape === undefined ? undefined : tarComment(tape)
  return {
    ...(comment === undefined ? {} : { comment }),
    files: withoutTop(all, top).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    notes: links.length === 0 ? [] : [`${links.length} links in the archive were left out.`],
  }
}

function withoutTop(files: readonly BundleFile[], top: Top): readonly BundleFile[] {
  if (top === 'never') return files
  const tops = new Set(files.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')))
  if (tops.size === 1 && !tops.has(''))
    return files.map((file) => ({ ...file, path: file.path.slice(file.path.indexOf('/') + 1) }))
  if (top === 'always') throw refused('top', 'its files are not all in one folder')
  return files
}

const refused = (reason: string, text: string): SallyportError =>
  new SallyportError('SP_REGISTRY_ARCHIVE', `${text.charAt(0).toUpperCase()}${text.slice(1)}.`, { details: { reason } })
