import { closeSync, constants, mkdirSync, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { isSame, LANDING_PLACE, SallyportError, type Change } from '@sallyport/core'
import {
  at,
  codeOf,
  itself,
  lastOf,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openParent,
  openRoot,
  using,
} from './beneath.ts'
import { openJournal, stepsOf, type Interrupted, type Journal, type Plan, type Step } from './journal.ts'
import { conflict, naming, notPutBack, unwritable } from './landing-errors.ts'
import { liveEntry } from './live-entry.ts'
import { createPace } from './pace.ts'
import { carryOut, stage, undo } from './steps.ts'

export interface LandOrder {
  /** Canonical path of the workspace, and what it was when the copy was taken. */
  readonly workspace: string
  readonly inode: string
  /** The private copy. */
  readonly copy: string
  /** A private directory for the journal. */
  readonly place: string
  /** Unique among landings. */
  readonly token: string
  readonly changes: readonly Change[]
}

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
/** How long other changes may take to land, and how often that is looked at, ms. */
const LONGEST_WAIT = 10_000
const LOOK_AGAIN = 10
const MOST_TRIES = 50
const OTHERS = 'other changes still land, or their program was killed and takes them back when it next runs'

/**
 * Writes the changes of a copy to its workspace, all or none (E-69). Everything is written beside first, then put into place by name;
 * originals are kept until all of it is done. Directories are held open and no link is followed, whatever is swapped meanwhile (T-140).
 * @throws SallyportError SP_SANDBOX_CONFLICT when the workspace is not what it was, SP_SANDBOX_LANDING when it cannot be written; then it
 * is as it was
 */
export async function land({ workspace, inode, copy, place, token, changes }: LandOrder): Promise<void> {
  if (changes.length === 0) return
  const open: number[] = []
  try {
    const root = openRoot(workspace, inode)
    open.push(root)
    const source = openRoot(copy)
    open.push(source)
    const plan: Plan = { workspace, inode, token, steps: stepsOf(changes) }
    const journal = openJournal(place, plan)
    try {
      const held = await hold(root, plan.token)
      open.push(held)
      await through({ root, source, held, plan, journal, changes })
    } finally {
      journal.close()
    }
  } catch (thrown) {
    throw thrown instanceof SallyportError ? thrown : unwritable(thrown, workspace)
  } finally {
    for (const fd of open.reverse()) closeSync(fd)
  }
}

interface Landing {
  readonly root: number
  readonly source: number
  readonly held: number
  readonly plan: Plan
  readonly journal: Journal
  readonly changes: readonly Change[]
}

async function through({ root, source, held, plan: { steps }, journal, changes }: Landing): Promise<void> {
  let begun = 0
  try {
    await requireUnchanged(root, changes)
    await stage(held, source, steps)
    for (const [index, step] of steps.entries()) {
      journal.begin()
      // a directory that could not be made is somebody else's
      begun = step.does === 'make' ? index : index + 1
      await naming(step.path, () => carryOut(root, held, index, step, source))
      begun = index + 1
    }
    journal.landed()
  } catch (thrown) {
    const stuck = await takenBack(root, held, steps.slice(0, begun))
    if (stuck.length > 0) {
      journal.keep()
      throw notPutBack(stuck, LANDING_PLACE, thrown)
    }
    release(root, held)
    throw thrown
  }
  try {
    release(root, held)
  } catch {
    // it has landed; what is left beside is removed next time
    journal.keep()
  }
}

/** Tries again while somebody moves directories about. @returns paths that could not be put back */
async function takenBack(root: number, held: number, steps: readonly Step[]): Promise<readonly string[]> {
  for (let tries = 1; ; tries++) {
    const stuck = undo(root, held, steps)
    if (stuck.length === 0 || tries === MOST_TRIES) return stuck
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
  }
}

/** Undoes what a killed process had begun, and removes what it left. @returns false when that has to be tried again */
export function recover({ plan, begun, landed }: Interrupted): boolean {
  let root: number
  try {
    root = openRoot(plan.workspace, plan.inode)
  } catch {
    return true
  }
  try {
    const held = openSync(at(root, LANDING_PLACE), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    try {
      const isOurs = readdirSync(itself(held)).includes(plan.token)
      if (isOurs && !landed && undo(root, held, plan.steps.slice(0, begun)).length > 0) return false
      if (isOurs) release(root, held)
      // its maker was killed before it could put its name in
      else rmdirSync(at(root, LANDING_PLACE))
    } finally {
      closeSync(held)
    }
  } catch {
    // nothing of that name, or another's
  } finally {
    closeSync(root)
  }
  return true
}

/** One landing at a time: the place is in the workspace, so that whoever lands there sees it. */
async function hold(root: number, token: string): Promise<number> {
  const path = at(root, LANDING_PLACE)
  const until = performance.now() + LONGEST_WAIT
  while (!made(path)) {
    if (performance.now() > until)
      throw new SallyportError('SP_SANDBOX_CONFLICT', `${LANDING_PLACE} is there: ${OTHERS}.`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN))
  }
  try {
    const held = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    closeSync(openSync(at(held, token), NEW, 0o600))
    return held
  } catch (thrown) {
    rmdirSync(path)
    throw thrown
  }
}

/** False when it is there already. */
function made(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false
    throw thrown
  }
}

function release(root: number, held: number): void {
  for (const one of readdirSync(itself(held), { withFileTypes: true })) {
    if (one.isDirectory()) rmdirSync(at(held, one.name))
    else unlinkSync(at(held, one.name))
  }
  rmdirSync(at(root, LANDING_PLACE))
}

/** @throws SallyportError SP_SANDBOX_CONFLICT naming what is not as it was */
async function requireUnchanged(root: number, changes: readonly Change[]): Promise<void> {
  const pace = createPace()
  const deleted = new Set(changes.filter(({ kind }) => kind === 'deleted').map(({ path }) => path))
  const differing: string[] = []
  for (const { path, kind, before } of changes) {
    if (kind !== 'deleted' && deleted.has(path)) continue
    const live = await liveEntry(root, path, pace)
    if (!isSame(live, before)) differing.push(path)
    else if (kind === 'deleted' && before?.kind === 'directory') {
      const inside = using(openParent(root, path), (parent) => readdirSync(at(parent, lastOf(path))))
      differing.push(...inside.map((name) => `${path}/${name}`).filter((each) => !deleted.has(each)))
    }
  }
  if (differing.length > 0) throw conflict(differing)
}
