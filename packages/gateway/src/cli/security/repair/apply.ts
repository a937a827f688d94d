import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sha256, toSallyportError } from '@sallyport/core'
import { z } from 'zod'
import { applyWithBackup, closeBackup, listBackups, replaceFile, type Backup } from '../../init/backup.ts'
import type { ModeChange, RepairPlan } from './plan.ts'

/** What a repair came to (ND-7.1.b). */
export interface Repaired {
  /** Nothing went wrong, and everything that was planned was done. */
  readonly ok: boolean
  /** Files whose text was changed. */
  readonly configWritten: readonly string[]
  readonly changes: readonly string[]
  readonly errors: readonly string[]
  /** Where the originals are; absent: nothing was changed. */
  readonly backup?: string
}

const MODES = 'modes.json'
const modes = z.array(z.strictObject({ path: z.string(), before: z.int(), after: z.int() }))
const places = (stateDir: string): string => join(stateDir, 'repairs')

/** Keeps the originals, then changes files, then rights. What could not be changed is said and left as it was. */
export function applyRepairs(stateDir: string, plan: RepairPlan, at: Date): Repaired {
  const [changes, errors]: [string[], string[]] = [[], []]
  if (plan.files.length === 0 && plan.modes.length === 0) return { ok: true, configWritten: [], changes, errors }
  mkdirSync(places(stateDir), { recursive: true, mode: 0o700 })
  let backup: Backup | undefined
  try {
    backup = applyWithBackup(places(stateDir), plan.files, at)
    writeFileSync(join(backup.directory, MODES), JSON.stringify(plan.modes), { mode: 0o600, flag: 'wx' })
    changes.push(...plan.files.map(({ path }) => `${path}: changed`))
  } catch (thrown) {
    const { detail, message } = toSallyportError(thrown)
    errors.push(detail === '' ? message : detail)
  }
  if (backup === undefined) return { ok: false, configWritten: [], changes, errors }
  for (const change of plan.modes) {
    const why = setMode(change.path, change.before, change.after)
    if (why === undefined) changes.push(`${change.path}: mode ${octal(change.before)} → ${octal(change.after)}`)
    else errors.push(`${change.path}: ${why}`)
  }
  const configWritten = plan.files.map(({ path }) => path)
  return { ok: errors.length === 0, configWritten, changes, errors, backup: backup.directory }
}

export interface TakenBack {
  readonly path: string
  readonly result: 'restored' | 'kept'
  readonly note: string
}

/** Takes the newest repair back, byte for byte; what somebody changed since is kept. Undefined: there is none. */
export function undoRepairs(stateDir: string): readonly TakenBack[] | undefined {
  const [backup] = listBackups(places(stateDir))
  if (backup === undefined) return undefined
  // rights first: a file that is put back gets its own with it
  const rights = modesOf(backup).map(({ path, before, after }): TakenBack => {
    const why = setMode(path, after, before)
    return why === undefined
      ? { path, result: 'restored', note: `mode ${octal(before)}` }
      : { path, result: 'kept', note: why }
  })
  const files = backup.files.map(({ path, original, after, before, mode }): TakenBack => {
    const keep = (note: string): TakenBack => ({ path, result: 'kept', note })
    if (original === null || !existsSync(path)) return keep('It is not there any more.')
    const now = sha256(readFileSync(path))
    if (now === before) return { path, result: 'restored', note: '' }
    if (now !== after) return keep('It was changed since; the original is in the backup.')
    const bytes = readFileSync(join(backup.directory, original))
    if (sha256(bytes) !== before) return keep('The kept original is damaged.')
    replaceFile(path, bytes, mode)
    return { path, result: 'restored', note: '' }
  })
  closeBackup(backup)
  return [...files, ...rights]
}

function modesOf({ directory }: Backup): readonly ModeChange[] {
  const file = join(directory, MODES)
  return existsSync(file) ? modes.parse(JSON.parse(readFileSync(file, 'utf8'))) : []
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

/** By an open file, so that a link that took its place meanwhile is not followed. @returns why it was not done */
function setMode(path: string, expected: number, mode: number): string | undefined {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return 'It cannot be opened, or has become a link; its rights are as they were.'
  }
  try {
    if ((fstatSync(file).mode & 0o7777) !== expected)
      return 'Its rights were changed meanwhile, and are left as they are.'
    fchmodSync(file, mode)
    return undefined
  } catch {
    return 'Its rights cannot be changed.'
  } finally {
    closeSync(file)
  }
}
