import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Change, Entry } from '@sallyport/core'

/** One thing done to a workspace while changes land. Each can be undone from what the landing place holds. */
export type Step =
  | { readonly does: 'remove'; readonly path: string; readonly before: Entry }
  | { readonly does: 'make'; readonly path: string }
  | { readonly does: 'put'; readonly path: string; readonly before?: Entry; readonly after: Entry }
  | { readonly does: 'mode'; readonly path: string; readonly before?: Entry; readonly after: Entry }

/** What lands where; written before anything is touched. */
export interface Plan {
  readonly workspace: string
  /** Device and inode of the workspace. */
  readonly inode: string
  /** Name of a file in the landing place that says whose it is. */
  readonly token: string
  readonly steps: readonly Step[]
}

/** Directories that open come first; then removals from below, directories, what is in them, and other modes, from below. */
export function stepsOf(changes: readonly Change[]): readonly Step[] {
  const upwards = [...changes].reverse()
  const modes = upwards.filter(
    ({ kind, after }) => kind === 'mode' || (kind === 'added' && after?.kind === 'directory'),
  )
  return [
    ...modes.filter(opens).reverse().flatMap(modeStep),
    ...upwards.flatMap(({ kind, path, before }): Step[] =>
      kind === 'deleted' && before !== undefined ? [{ does: 'remove', path, before }] : [],
    ),
    ...changes.flatMap(({ kind, path, after }): Step[] =>
      kind === 'added' && after?.kind === 'directory' ? [{ does: 'make', path }] : [],
    ),
    ...changes.flatMap(({ kind, path, before, after }): Step[] =>
      after === undefined || after.kind === 'directory' || kind === 'mode'
        ? []
        : [{ does: 'put', path, after, ...(before === undefined ? {} : { before }) }],
    ),
    ...modes.filter((change) => !opens(change)).flatMap(modeStep),
  ]
}

const OWNER_WRITES = 0o200

const opens = ({ before, after }: Change): boolean =>
  before?.kind === 'directory' && after?.kind === 'directory' && (after.mode & ~before.mode & OWNER_WRITES) !== 0

const modeStep = ({ path, before, after }: Change): Step[] =>
  after === undefined ? [] : [{ does: 'mode', path, after, ...(before === undefined ? {} : { before }) }]

export interface Journal {
  /** The next step begins. */
  begin(): void
  landed(): void
  /** Something is left to undo or to remove. */
  keep(): void
  /** Removes it, when nothing is. */
  close(): void
}

const FILE = 'journal'
const BEGUN = '.'
const LANDED = '!'

/** Opens the record from which a landing can be undone after its process was killed; it lies where only this account gets to. */
export function openJournal(place: string, plan: Plan): Journal {
  const file = join(place, FILE)
  const fd = openSync(file, 'wx', 0o600)
  const write = (text: string): void => {
    const bytes = Buffer.from(text)
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done)
  }
  let isKept = false
  const close = (): void => {
    closeSync(fd)
    if (!isKept) rmSync(file)
  }
  try {
    write(`${JSON.stringify(plan)}\n`)
  } catch (thrown) {
    close()
    throw thrown
  }
  return { begin: () => write(BEGUN), landed: () => write(LANDED), keep: () => void (isKept = true), close }
}

export interface Interrupted {
  readonly plan: Plan
  /** How many steps had begun. */
  readonly begun: number
  readonly landed: boolean
}

/** A landing that did not come to its end; undefined when there is none, or it had not begun. */
export function readJournal(place: string): Interrupted | undefined {
  try {
    const [plan = '', marks] = readFileSync(join(place, FILE), 'utf8').split('\n')
    if (marks === undefined) return undefined
    const landed = marks.endsWith(LANDED)
    return { plan: JSON.parse(plan) as Plan, begun: marks.length - Number(landed), landed }
  } catch {
    return undefined
  }
}
