import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { isSame, SallyportError, type Entry } from '@sallyport/core'
import {
  at,
  codeOf,
  itself,
  lastOf,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  openParent,
  openPlace,
  using,
} from './beneath.ts'
import type { Step } from './journal.ts'
import { conflict, named, naming } from './landing-errors.ts'
import { entryOf } from './live-entry.ts'
import { createPace, type Pace } from './pace.ts'
import { fileEntry, MODE, SET_ID } from './read-tree.ts'

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
const isRoot = process.getuid?.() === 0

const fresh = (index: number): string => `new-${index}`
const kept = (index: number): string => `old-${index}`

/** Writes all new content beside, before anything is touched: a full disk is noticed here. */
export async function stage(held: number, source: number, steps: readonly Step[]): Promise<void> {
  const pace = createPace()
  for (const [index, step] of steps.entries()) {
    if (step.does === 'put') await naming(step.path, () => stageOne(held, index, step.path, step.after, source, pace))
  }
}

async function stageOne(
  held: number,
  index: number,
  path: string,
  after: Entry,
  source: number,
  pace: Pace,
): Promise<void> {
  const target = at(held, fresh(index))
  const parent = openParent(source, path)
  try {
    const from = at(parent, lastOf(path))
    if (after.kind === 'link') {
      symlinkSync(after.target, target)
      const { uid, gid } = lstatSync(from)
      if (isRoot) lchownSync(target, uid, gid)
      return
    }
    const [fd, made] = [openSync(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), openSync(target, NEW, 0o600)]
    try {
      const stats = fstatSync(fd, { bigint: true })
      const entry = await fileEntry(fd, stats, pace, (piece) => {
        for (let done = 0; done < piece.length;) done += writeSync(made, piece, done)
      })
      if (!isSame(entry, after))
        throw new SallyportError('SP_SANDBOX_LANDING', `${named(path)} is not what was decided.`)
      if (isRoot) fchownSync(made, Number(stats.uid), Number(stats.gid))
      fchmodSync(made, Number(stats.mode) & MODE)
    } finally {
      closeSync(fd)
      closeSync(made)
    }
  } finally {
    closeSync(parent)
  }
}

/** Does one step; `source` is the copy. What it replaces or removes is first held, then looked at. */
export async function carryOut(root: number, held: number, index: number, step: Step, source: number): Promise<void> {
  const parent = openParent(root, step.path)
  try {
    const name = lastOf(step.path)
    const live = at(parent, name)
    switch (step.does) {
      case 'make':
        return mkdirSync(live, { mode: 0o700 })
      case 'mode':
        return setMode(parent, name, step, source)
      case 'remove':
        renameSync(live, at(held, kept(index)))
        return await requireSame(held, kept(index), step.path, step.before)
      case 'put':
        if (step.before === undefined) return linkOrRename(at(held, fresh(index)), live)
        linkOrRename(live, at(held, kept(index)))
        await requireSame(held, kept(index), step.path, step.before)
        renameSync(at(held, fresh(index)), live)
    }
  } finally {
    closeSync(parent)
  }
}

/** A second name replaces nothing. Where files can have only one, or not this account's, they move. */
function linkOrRename(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (thrown) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(codeOf(thrown) ?? '')) throw thrown
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) throw conflict([to])
    renameSync(from, to)
  }
}

function setMode(parent: number, name: string, { path, before, after }: Step & { does: 'mode' }, source: number): void {
  using(openPlace(parent, name), (fd) => {
    const [live, { uid, gid }] = [fstatSync(fd), using(openParent(source, path), (from) => lstatSync(at(from, name)))]
    const isThat = before === undefined || ('mode' in before && before.mode === (live.mode & MODE))
    // root would change a stranger's file that was put there meanwhile
    const isOwned = before === undefined || !isRoot || live.uid === uid
    if (!isThat || !isOwned || !('mode' in after)) throw conflict([path])
    if (before === undefined && isRoot) chownSync(itself(fd), uid, gid)
    chmodSync(itself(fd), after.mode | (after.kind === 'directory' ? fstatSync(fd).mode & SET_ID : 0))
  })
}

/** Takes back, last first; may be done again. @returns paths that could not be put back */
export function undo(root: number, held: number, steps: readonly Step[]): readonly string[] {
  const stuck: string[] = []
  for (const [index, step] of [...steps.entries()].reverse()) {
    try {
      using(openParent(root, step.path), (parent) => undoOne(parent, held, index, step))
    } catch {
      stuck.push(step.path)
    }
  }
  return stuck
}

function undoOne(parent: number, held: number, index: number, step: Step): void {
  const live = at(parent, lastOf(step.path))
  const [made, old] = [at(held, fresh(index)), at(held, kept(index))]
  switch (step.does) {
    case 'make':
      if (isThere(live)) rmdirSync(live)
      return
    case 'mode': {
      const { before } = step
      const mode = before !== undefined && 'mode' in before ? before.mode : 0o700
      return using(openPlace(parent, lastOf(step.path)), (fd) =>
        chmodSync(itself(fd), mode | (fstatSync(fd).mode & SET_ID)),
      )
    }
    case 'remove':
    case 'put':
      if (isThere(old)) return renameSync(old, live)
      if (step.does === 'remove' || step.before !== undefined) return
      if (!isThere(made)) return renameSync(live, made)
      if (lstatSync(live, { throwIfNoEntry: false })?.ino === lstatSync(made).ino) unlinkSync(live)
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** What was just taken out of the way is what was there when the copy was taken, and a directory is empty. */
async function requireSame(held: number, name: string, path: string, before: Entry): Promise<void> {
  const found = await entryOf(held, name, createPace())
  if (!isSame(found, before)) throw conflict([path])
  if (before.kind === 'directory' && readdirSync(at(held, name)).length > 0) throw conflict([path])
}
