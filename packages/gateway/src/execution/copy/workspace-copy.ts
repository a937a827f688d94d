import { execFile } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { changesOf, landingRefusals, SallyportError, sha256, type Change, type LandingRefusal } from '@sallyport/core'
import {
  at,
  codeOf,
  inodeOf,
  lastOf,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  openParent,
  openRoot,
  using,
} from './beneath.ts'
import { readJournal } from './journal.ts'
import { land, recover } from './land.ts'
import { named } from './landing-errors.ts'
import { readTree, type Bounds } from './read-tree.ts'
import { stampOf, takeCopy, type CopyKind, type Taken } from './take-copy.ts'

/** What a command did to its copy of a workspace. */
export interface CopyDiff {
  readonly changes: readonly Change[]
  /** Those that never land. */
  readonly refused: readonly LandingRefusal[]
}

/** A private, writable copy of a workspace (E-69): nothing of what is done to it reaches the workspace by itself. */
export interface WorkspaceCopy {
  readonly kind: CopyKind
  /** What it is a copy of; canonical. */
  readonly workspace: string
  /** Where it lies. */
  readonly at: string
  /** @throws SallyportError SP_SANDBOX_LANDING when it has become too large to look at */
  diff(): Promise<CopyDiff>
  /** A changed file as text, as it was and as it is; a new one was nothing. */
  textsOf(change: Change): { readonly before: string; readonly after: string }
  /** @throws SallyportError SP_SANDBOX_CONFLICT, SP_SANDBOX_LANDING: then the workspace is as it was */
  land(diff: CopyDiff): Promise<void>
  discard(): Promise<void>
}

export interface CopyOrder {
  /** Canonical path. */
  readonly workspace: string
  /** Where the gateway keeps its own files. */
  readonly stateDir: string
  /** Unique among the copies of this machine. */
  readonly id: string
  readonly bounds: Bounds
}

/**
 * Takes a copy of a workspace into the state directory, where nobody else gets to. Copies whose makers are gone are removed on the way,
 * and what these had begun to land is taken back.
 * @throws SallyportError SP_SANDBOX_COPY
 */
export async function copyWorkspace({ workspace, stateDir, id, bounds }: CopyOrder): Promise<WorkspaceCopy> {
  const parent = await sweepCopies(stateDir)
  const place = join(parent, `${process.pid}.${id}`)
  const tree = join(place, 'tree')
  const root = openRoot(workspace)
  let taken: Taken
  const inode = inodeOf(fstatSync(root, { bigint: true }))
  try {
    mkdirSync(place, { mode: 0o700 })
    taken = await takeCopy(root, tree, bounds)
  } catch (thrown) {
    await remove(place)
    if (thrown instanceof SallyportError) throw thrown
    throw new SallyportError('SP_SANDBOX_COPY', `It cannot be copied (${codeOf(thrown) ?? 'it failed'}).`, {
      cause: thrown,
    })
  } finally {
    closeSync(root)
  }
  return {
    kind: taken.kind,
    workspace,
    at: tree,
    diff: () => diffOf(tree, taken, bounds),
    textsOf({ path, before, after }) {
      const now = after?.kind === 'file' ? textAt(tree, path, after.digest) : ''
      if (now === undefined) throw new SallyportError('SP_SANDBOX_LANDING', `${named(path)} is not what was seen.`)
      return { before: before?.kind === 'file' ? (textAt(workspace, path, before.digest) ?? '') : '', after: now }
    },
    async land({ changes, refused }) {
      const [first] = refused
      if (first !== undefined) throw new SallyportError('SP_SANDBOX_LANDING', `${named(first.path)} ${first.reason}.`)
      await land({ workspace, inode, copy: tree, place, token: id, changes })
    },
    async discard() {
      if (readJournal(place) === undefined) return remove(place)
      await remove(tree)
      renameSync(place, join(parent, `${NOBODY}.${id}`))
    },
  }
}

async function diffOf(tree: string, { before, stamps }: Taken, bounds: Bounds): Promise<CopyDiff> {
  try {
    const root = openRoot(tree)
    try {
      const after = await readTree(root, bounds, ({ path, stats }) =>
        stamps.get(path) === stampOf(stats) ? before.get(path) : undefined,
      )
      const changes = changesOf(before, after)
      return { changes, refused: landingRefusals(changes, before, after) }
    } finally {
      closeSync(root)
    }
  } catch (thrown) {
    const why =
      thrown instanceof SallyportError ? thrown.detail : `The copy cannot be read (${codeOf(thrown) ?? 'it failed'}).`
    throw new SallyportError('SP_SANDBOX_LANDING', why, { cause: thrown })
  }
}

/** Undefined when it is not there, or is not that any more. */
function textAt(directory: string, path: string, digest: string): string | undefined {
  try {
    return using(openRoot(directory), (root) =>
      using(openParent(root, path), (parent) =>
        using(openSync(at(parent, lastOf(path)), O_RDONLY | O_NOFOLLOW | O_NONBLOCK), (fd) => {
          const bytes = readFileSync(fd)
          return sha256(bytes) === digest ? bytes.toString('utf8') : undefined
        }),
      ),
    )
  } catch {
    return undefined
  }
}

/** Whose a place is that holds something to be taken back or removed later. */
const NOBODY = 0

/**
 * Removes copies whose makers are gone and takes back what these had begun to land.
 * @returns where copies lie
 */
export async function sweepCopies(stateDir: string): Promise<string> {
  const place = join(stateDir, 'copies')
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const copies = realpathSync(place)
  for (const name of readdirSync(copies)) {
    const maker = /^(\d+)\./.exec(name)?.[1]
    if (maker === undefined || existsSync(`/proc/${maker}`)) continue
    const ours = join(copies, `${process.pid}.${name.slice(maker.length + 1)}`)
    try {
      renameSync(join(copies, name), ours)
    } catch {
      continue
    }
    const interrupted = readJournal(ours)
    if (interrupted === undefined || recover(interrupted)) await remove(ours)
    else renameSync(ours, join(copies, `${NOBODY}.${name.slice(maker.length + 1)}`))
  }
  return copies
}

const run = promisify(execFile)
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** By programs that mind neither depth nor closed directories, which a command may have left. */
async function remove(path: string): Promise<void> {
  const env = { PATH: SYSTEM_PATH }
  const all = (): Promise<unknown> => run('rm', ['-rf', '--', path], { env })
  await all().catch(() => run('chmod', ['-R', 'u+rwX', '--', path], { env }).then(all, all))
}
