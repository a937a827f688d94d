import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import { changeLines } from '../../assurance/admission/changes.ts'
import { LOCK_NAME, readLock } from '../../assurance/admission/lock-file.ts'
import { verifyLock, type LockDrift } from '../../assurance/admission/verify-lock.ts'
import { safeJson } from '../approvals/json.ts'
import type { CliIo, CommandRun } from '../command.ts'
import { admittedSkills, ADMITTED, presentSkills } from './present.ts'
import { printLines } from './print.ts'
import { asJson, storeOf, textOption } from './room.ts'

/** `skills verify`: 0 everything is as it was locked · 1 something is not · 2 there is no lock file · 3 it could not be verified. */
export const run: CommandRun = async (io, paths, options) => {
  const file = resolve(io.cwd, textOption(options, 'lock') ?? LOCK_NAME)
  const locked = readLock(textOf(file))
  const present = await presentSkills(
    dirname(file),
    paths.map((path) => resolve(io.cwd, path)),
  )
  const own = present.map(({ source }) => source)
  // those that lie elsewhere are looked for where the file says they are
  const elsewhere =
    paths.length > 0 ? [] : locked.filter(({ source }) => !source.startsWith(ADMITTED) && !own.includes(source))
  const there = elsewhere.filter(({ source }) => exists(resolve(dirname(file), source)))
  const more =
    there.length === 0
      ? []
      : await presentSkills(
          dirname(file),
          there.map(({ source }) => source),
        )
  const installed = locked.some(({ source }) => source.startsWith(ADMITTED)) ? await admittedSkills(io) : []
  const asked = paths.length === 0 ? locked : locked.filter(({ source }) => own.includes(source))
  const all = [...present, ...more, ...installed]
  const drifts = await verifyLock(asked, all, (hash) =>
    storeOf(io, 'look')
      .kept(hash)
      .catch(() => undefined),
  )
  if (io.json) io.out(safeJson(asJson({ file, verified: all.length, drifts })))
  else print(io, drifts, all.length)
  return drifts.length === 0 ? 0 : 1
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('SP_SKILL_LOCK_MISSING', `${file} cannot be read.`, { cause })
  }
}

function exists(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EISDIR'
  }
}

const SAID: Readonly<Record<Exclude<LockDrift['kind'], 'changed'>, string>> = {
  moved: 'is somewhere else than when it was locked',
  missing: 'is in the lock file and not there',
  unlocked: 'is not in the lock file',
}

function print(io: CliIo, drifts: readonly LockDrift[], count: number): void {
  for (const drift of drifts) {
    const what = drift.kind === 'changed' ? 'is not what was locked' : SAID[drift.kind]
    io.out(escapeText(`${drift.name} (${drift.source}) ${what}.`))
    if (drift.kind === 'changed')
      printLines(
        io,
        changeLines(drift.changes).map((line) => `  ${line}`),
      )
  }
  if (drifts.length === 0) io.out(`${count} ${count === 1 ? 'skill is' : 'skills are'} as locked.`)
}
