import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { SallyportError, sha256 } from '@sallyport/core'
import { z } from 'zod'
import type { PlannedFile } from './plan.ts'

const entry = z.strictObject({
  path: z.string(),
  /** Name of the kept original beside the manifest; null = the file did not exist. */
  original: z.string().nullable(),
  mode: z.number(),
  before: z.string().nullable(),
  after: z.string(),
  own: z.boolean(),
})
const manifest = z.strictObject({ version: z.literal(1), at: z.string(), files: z.array(entry) })
export type BackupEntry = z.infer<typeof entry>
export interface Backup {
  readonly directory: string
  readonly at: string
  readonly files: readonly BackupEntry[]
}

const MANIFEST = 'manifest.json'

/**
 * Keeps the originals, then writes. The manifest is on disk before the first file changes, so that an interrupted `init`
 * can be undone. Files behind links are written where they are, not replaced by a copy.
 */
export function applyWithBackup(stateDir: string, files: readonly PlannedFile[], at: Date): Backup {
  const directory = join(stateDir, 'backups', at.toISOString().replaceAll(':', '-'))
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const entries = files.map((file, index): BackupEntry => {
    const original = file.before === undefined ? null : `${index}-${basename(file.path)}`
    if (original !== null && file.before !== undefined) writeNew(join(directory, original), file.before, 0o600)
    const mode = file.before === undefined ? file.mode : statSync(file.path).mode & 0o777
    const before = file.before === undefined ? null : sha256(file.before)
    return { path: file.path, original, mode, before, after: sha256(file.after), own: file.own }
  })
  const record = { version: 1, at: at.toISOString(), files: entries } as const
  writeNew(join(directory, MANIFEST), `${JSON.stringify(record, null, 2)}\n`, 0o600)
  for (const [index, file] of files.entries()) {
    const now = existsSync(file.path) ? readFileSync(file.path) : undefined
    if (
      (now === undefined) !== (file.before === undefined) ||
      (now !== undefined && sha256(now) !== entries[index]?.before)
    ) {
      throw new SallyportError(
        'SP_CONFIG_INVALID',
        `${file.path} changed while the plan was made; nothing more was written. Undo with \`sallyport init --undo\`.`,
      )
    }
    replaceFile(file.path, file.after, entries[index]?.mode ?? file.mode)
  }
  return { directory, at: record.at, files: entries }
}

/** All backups that have not been undone, newest first. */
export function listBackups(stateDir: string): readonly Backup[] {
  const base = join(stateDir, 'backups')
  if (!existsSync(base)) return []
  return readdirSync(base)
    .filter((name) => existsSync(join(base, name, MANIFEST)))
    .sort()
    .reverse()
    .map((name) => {
      const directory = join(base, name)
      const parsed = manifest.safeParse(JSON.parse(readFileSync(join(directory, MANIFEST), 'utf8')))
      if (!parsed.success) throw new SallyportError('SP_CONFIG_INVALID', `${directory}/${MANIFEST} is damaged.`)
      return { directory, at: parsed.data.at, files: parsed.data.files }
    })
}

/** Marks a backup as undone; the originals stay. */
export function closeBackup(backup: Backup): void {
  renameSync(join(backup.directory, MANIFEST), join(backup.directory, 'undone.json'))
}

/** Writes through links and atomically: whoever reads the file sees the old text or the new one. */
export function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const target = existsSync(path) || isLink(path) ? resolveLink(path) : path
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
  const temporary = `${target}.sallyport-${process.pid}`
  writeNew(temporary, content, mode)
  renameSync(temporary, target)
}

export function removeFile(path: string): void {
  rmSync(path, { force: true })
}

function writeNew(path: string, content: string | Uint8Array, mode: number): void {
  writeFileSync(path, content, { mode, flag: 'wx' })
  chmodSync(path, mode)
}

const isLink = (path: string): boolean => {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    throw new SallyportError('SP_CONFIG_INVALID', `${path} is a link to nowhere.`)
  }
}
