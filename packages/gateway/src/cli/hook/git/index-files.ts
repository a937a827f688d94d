import { spawnSync } from 'node:child_process'
import { SallyportError } from '@sallyport/core'

/** A file as the next commit will hold it. */
export interface IndexFile {
  readonly path: string
  /** Where it stood before, when it was moved. */
  readonly before?: string
  /** Object id of its content. */
  readonly object: string
  readonly kind: 'file' | 'link' | 'submodule'
}

/** Bytes that git may say at once. */
const MOST = 1 << 30

/** Runs git where the commit is made. @throws SallyportError SP_HOOK_GIT with what git says */
export function git(cwd: string, args: readonly string[], input?: string): Buffer {
  const options = { cwd, input: input ?? '', maxBuffer: MOST, timeout: 120_000 }
  const { status, stdout, stderr, error } = spawnSync('git', ['-c', 'core.quotePath=false', ...args], options)
  if (status === 0) return stdout
  throw new SallyportError('SP_HOOK_GIT', error?.message ?? stderr.toString('utf8').trim().slice(0, 400))
}

/** What is staged, or with `all` everything in the index. Deleted files have no content and are left out. */
export function indexFiles(cwd: string, all: boolean): readonly IndexFile[] {
  return all ? everything(cwd) : staged(cwd)
}

/**
 * Files of the repository that a directory lies in, relative to it; none where there is no repository. The directory may be a stranger's:
 * what its settings have git start is not started, and nothing is fetched.
 */
export function trackedBelow(directory: string): ReadonlySet<string> {
  const args = ['-c', 'core.fsmonitor=false', '-c', 'protocol.allow=never', 'ls-files', '-z']
  const { status, stdout } = spawnSync('git', args, { cwd: directory, maxBuffer: MOST, timeout: 120_000 })
  return new Set(status === 0 ? fieldsOf(stdout) : [])
}

function everything(cwd: string): readonly IndexFile[] {
  return fieldsOf(git(cwd, ['ls-files', '--stage', '-z', '--full-name', ':/'])).map((entry) => {
    const [, mode = '', object = '', path = ''] = /^(\d{6}) ([0-9a-f]+) \d\t([^]+)$/.exec(entry) ?? []
    return { path, object, kind: kindOf(mode) }
  })
}

function staged(cwd: string): readonly IndexFile[] {
  const raw = ['diff', '--cached', '--raw', '-z', '-M', '--abbrev=64', '--no-ext-diff', '--no-textconv']
  const fields = fieldsOf(git(cwd, [...raw, '--ignore-submodules=none']))
  const files: IndexFile[] = []
  for (let i = 0; i < fields.length;) {
    const [, mode = '', object = '', status = ''] =
      /^:\d{6} (\d{6}) [0-9a-f]+ ([0-9a-f]+) ([A-Z])\d*$/.exec(fields[i] ?? '') ?? []
    if (status === '') throw new SallyportError('SP_HOOK_GIT', 'Git lists its index in an unknown form.')
    const moved = status === 'R' || status === 'C'
    const [before, path] = moved ? [fields[i + 1], fields[i + 2]] : [undefined, fields[i + 1]]
    i += moved ? 3 : 2
    if (status === 'U') throw new SallyportError('SP_HOOK_GIT', `${path ?? ''} is not merged yet.`)
    if (status !== 'D')
      files.push({ path: path ?? '', object, kind: kindOf(mode), ...(before !== undefined && { before }) })
  }
  return files
}

const fieldsOf = (bytes: Buffer): readonly string[] => bytes.toString('utf8').split('\0').slice(0, -1)

const kindOf = (mode: string): IndexFile['kind'] =>
  mode === '160000' ? 'submodule' : mode === '120000' ? 'link' : 'file'

/** Sizes of objects in bytes, in their order. */
export function sizesOf(cwd: string, objects: readonly string[]): readonly number[] {
  if (objects.length === 0) return []
  const lines = git(cwd, ['cat-file', '--batch-check=%(objecttype) %(objectsize)'], `${objects.join('\n')}\n`)
  return lines
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => Number(/^blob (\d+)$/.exec(line)?.[1] ?? Number.NaN))
}

/** Contents of objects, in their order. */
export function contentsOf(cwd: string, objects: readonly string[]): readonly Buffer[] {
  if (objects.length === 0) return []
  const bytes = git(cwd, ['cat-file', '--batch'], `${objects.join('\n')}\n`)
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at)
    const size = Number(/^[0-9a-f]+ blob (\d+)$/.exec(bytes.toString('latin1', at, end))?.[1] ?? Number.NaN)
    if (Number.isNaN(size)) throw new SallyportError('SP_HOOK_GIT', 'Git has no content for a file of its index.')
    found.push(bytes.subarray(end + 1, end + 1 + size))
    at = end + 1 + size + 1
  }
  return found
}
