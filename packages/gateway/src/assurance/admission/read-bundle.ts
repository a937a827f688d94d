import { lstat, readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { readSubject, type ReadOptions } from '../scan/files/read-subject.ts'
import type { Subject, SubjectFile } from '../scan/files/file.ts'
import type { Bundle, BundleFile } from './bundle.ts'
import { factsOf } from './capabilities.ts'

/** What Git keeps beside its hooks and settings: nothing loads it, and each of its commands changes it. */
const GIT_DATA = /^\.git\/(?!hooks\/|config$)/
const ARCHIVE = /\.(?:zip|skill|mcpb|dxt|tgz|tar|tar\.gz|gz|crate|vsix)$/i

/**
 * Reads a folder or an archive into a bundle: every byte of it, or an error that says what could not be read. The bytes that are
 * scanned, hashed and kept are these; the path is not read again.
 * @param name default: as the manifest says, else the folder's
 * @throws SallyportError SP_SKILL_BUNDLE, SP_CLI_USAGE when there is no such path
 */
export async function readBundle(path: string, options: ReadOptions, name?: string): Promise<Bundle> {
  const root = resolve(path)
  const subject = await readSubject(root, options)
  const stats = await lstat(root)
  if (stats.isSymbolicLink())
    throw new SallyportError('SP_SKILL_BUNDLE', `${path} is a link; name the folder that it leads to.`)
  const trouble = subject.notes.find((note) => note.name !== 'skipped')
  if (trouble !== undefined)
    throw new SallyportError('SP_SKILL_BUNDLE', `${trouble.path}: ${trouble.detail} (${trouble.name}).`)
  const folder = stats.isDirectory()
  if (folder) await requireNoLinks(root, '')
  const files = folder ? await ownFiles(root, subject) : members(subject)
  const facts = factsOf(subject.files)
  return {
    name: name ?? nameFrom(facts.name, root),
    ...(facts.version === '' ? {} : { version: facts.version }),
    files,
    provenance: { source: folder ? 'folder' : 'archive', url: root, notes: [] },
  }
}

/** The manifest's name where it can be one, else the folder's or file's. */
const nameFrom = (said: string, root: string): string =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(said) ? said : basename(root).replace(ARCHIVE, '')

/** A link in a skill makes it two skills: one for who follows it and one for who does not. */
async function requireNoLinks(root: string, below: string): Promise<void> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (GIT_DATA.test(path)) continue
    if (entry.isSymbolicLink()) throw new SallyportError('SP_SKILL_BUNDLE', `${path} is a link.`)
    if (entry.isDirectory()) await requireNoLinks(root, path)
  }
}

const fileFrom = ({ bytes, executableBit }: SubjectFile, path: string): BundleFile => ({
  ...{ path, bytes },
  mode: executableBit ? 0o755 : 0o644,
})

/** Files of a folder; what archives in it hold is only scanned. */
async function ownFiles(root: string, { files }: Subject): Promise<readonly BundleFile[]> {
  const own = new Map<string, BundleFile>()
  for (const file of files) {
    if (GIT_DATA.test(file.path) || own.has(file.path)) continue
    if (file.path.includes('!') && !(await isFile(join(root, file.path)))) continue
    own.set(file.path, fileFrom(file, file.path))
  }
  return [...own.values()]
}

const isFile = (path: string): Promise<boolean> =>
  lstat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )

/** Members of an archive, without the one folder that all of them may lie in; a file that is none is a skill of one file. */
function members({ files }: Subject): readonly BundleFile[] {
  const [archive, ...inner] = files
  if (archive === undefined) return []
  const head = `${archive.path}!`
  const own = inner.flatMap((file) => {
    const path = file.path.slice(head.length)
    return file.path.startsWith(head) && !path.includes('!') ? [fileFrom(file, path.replace(/^(?:\.\/)+/, ''))] : []
  })
  if (own.length === 0) {
    if (archive.kind !== 'text')
      throw new SallyportError(
        'SP_SKILL_BUNDLE',
        `${archive.path} is an archive with nothing in it, or none that is read.`,
      )
    return [fileFrom(archive, archive.path)]
  }
  const top = own[0]?.path.split('/')[0] ?? ''
  const wrapped = own.every(({ path }) => path.startsWith(`${top}/`))
  return wrapped ? own.map((file) => ({ ...file, path: file.path.slice(top.length + 1) })) : own
}
