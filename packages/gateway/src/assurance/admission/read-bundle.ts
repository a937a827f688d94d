import { lstat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { isGitData } from '../scan/files/git-data.ts'
import { readSubject, type ReadOptions } from '../scan/files/read-subject.ts'
import { readMembers } from '../scan/files/archive.ts'
import { READ_LIMITS, type SubjectFile } from '../scan/files/file.ts'
import type { Bundle, BundleFile } from './bundle.ts'
import { declaredIn } from './capabilities.ts'
import { readFolder } from './folders.ts'

const ARCHIVE = /\.(?:zip|skill|mcpb|dxt|tgz|tar|tar\.gz|gz|crate|vsix)$/i

/** Most bytes and files that are read of a folder: more than is ever taken in. */
const READ_AT_MOST = { bytes: 64_000_000, files: 20_000 }

/**
 * Reads a folder or an archive into a bundle: every byte of it, or an error that says what could not be read. The bytes that are
 * scanned, hashed and kept are these; the path is not read again.
 * @param name default: as the manifest says, else the folder's
 * @throws SallyportError SP_SKILL_BUNDLE, SP_CLI_USAGE when there is no such path
 */
export async function readBundle(path: string, options: ReadOptions, name?: string): Promise<Bundle> {
  const root = resolve(path)
  const stats = await lstat(root).catch(() => undefined)
  if (stats?.isSymbolicLink() === true)
    throw new SallyportError('SP_SKILL_BUNDLE', `${path} is a link; name the folder that it leads to.`)
  const folder = stats?.isDirectory() === true
  const files = folder ? await ownFiles(root) : await members(root, options)
  const { name: said, version } = declaredIn(files)
  return {
    name: name ?? nameFrom(said, root),
    ...(version === '' ? {} : { version }),
    files,
    provenance: { source: folder ? 'folder' : 'archive', url: root, notes: [] },
  }
}

/** Files of a folder. A link makes it two skills: one for who follows it and one for who does not. */
async function ownFiles(root: string): Promise<readonly BundleFile[]> {
  const content = await readFolder(root, READ_AT_MOST, isGitData)
  if (content?.fault === undefined && content !== undefined) return content.files
  throw new SallyportError('SP_SKILL_BUNDLE', content?.fault ?? `${root} is gone.`)
}

/** The manifest's name where it can be one, else the folder's or file's. */
const nameFrom = (said: string, root: string): string =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(said) ? said : basename(root).replace(ARCHIVE, '')

const isArchive = ({ kind }: SubjectFile): boolean => kind === 'zip' || kind === 'gzip' || kind === 'tar'

/** Members of an archive, without the one folder that all of them may lie in; a file that is none is a skill of one file. */
async function members(root: string, options: ReadOptions): Promise<readonly BundleFile[]> {
  const { files, notes } = await readSubject(root, options)
  const trouble = notes.find((note) => note.name !== 'skipped')
  if (trouble !== undefined)
    throw new SallyportError('SP_SKILL_BUNDLE', `${trouble.path}: ${trouble.detail} (${trouble.name}).`)
  const [archive] = files
  if (archive === undefined) return []
  // each by the name that it has there: of what was unpacked for the scan, parts of documents are no files, and `!` is no part of a name
  const limits = options.limits ?? READ_LIMITS
  const { members: found } = isArchive(archive)
    ? await readMembers(archive, { limits, files: limits.files, bytes: limits.total })
    : { members: [] }
  const own = found.map(({ name, bytes, executable }) => ({
    path: name.replaceAll('\\', '/').replace(/^(?:\.\/)+/, ''),
    ...{ bytes, mode: executable ? 0o755 : 0o644 },
  }))
  if (own.length === 0) {
    if (archive.kind !== 'text')
      throw new SallyportError(
        'SP_SKILL_BUNDLE',
        `${archive.path} is an archive with nothing in it, or none that is read.`,
      )
    return [{ path: archive.path, bytes: archive.bytes, mode: archive.executableBit ? 0o755 : 0o644 }]
  }
  const top = own[0]?.path.split('/')[0] ?? ''
  const wrapped = own.every(({ path }) => path.startsWith(`${top}/`))
  return wrapped ? own.map((file) => ({ ...file, path: file.path.slice(top.length + 1) })) : own
}
