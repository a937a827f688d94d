/** What is at a path of a workspace. `other`: neither file, directory nor link, or nothing that can be read. */
export type Entry =
  | {
      readonly kind: 'file'
      readonly mode: number
      readonly size: number
      /** SHA-256. */
      readonly digest: string
      /** It has a zero byte near its beginning. */
      readonly isBinary: boolean
    }
  | { readonly kind: 'directory'; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'other' }

/** A workspace by paths relative to it. Modes are without set-id bits, but for files that got them in a copy. */
export type Tree = ReadonlyMap<string, Entry>

/** `link`: a new link, or one that points elsewhere. */
export type ChangeKind = 'added' | 'changed' | 'deleted' | 'mode' | 'link'

export interface Change {
  readonly path: string
  readonly kind: ChangeKind
  /** Bytes of what is there afterwards. */
  readonly size: number
  readonly isBinary: boolean
  readonly before?: Entry
  readonly after?: Entry
}

/** What became of a workspace (E-69), by path. A path that turned from or into a directory is deleted and added. */
export function changesOf(before: Tree, after: Tree): readonly Change[] {
  const changes: Change[] = []
  for (const [path, old] of before) {
    const now = after.get(path)
    if (now === undefined || turned(old, now)) changes.push(change(path, 'deleted', old, undefined))
  }
  for (const [path, now] of after) {
    const found = before.get(path)
    const old = found !== undefined && turned(found, now) ? undefined : found
    const kind = kindOf(old, now)
    if (kind !== undefined) changes.push(change(path, kind, old, now))
  }
  return changes.sort(byPath)
}

/** Whether two things are the same: kind, mode and content, or target. */
export const isSame = (a: Entry | undefined, b: Entry | undefined): boolean =>
  a === undefined || b === undefined ? a === b : kindOf(a, b) === undefined && a.kind === b.kind

function kindOf(old: Entry | undefined, now: Entry): ChangeKind | undefined {
  if (now.kind === 'link') return old?.kind === 'link' && old.target === now.target ? undefined : 'link'
  if (old === undefined) return 'added'
  if (now.kind === 'other') return old.kind === 'other' ? undefined : 'changed'
  if (now.kind === 'file' && (old.kind !== 'file' || old.digest !== now.digest)) return 'changed'
  return 'mode' in old && old.mode === now.mode ? undefined : 'mode'
}

const turned = (old: Entry, now: Entry): boolean => (old.kind === 'directory') !== (now.kind === 'directory')

function change(path: string, kind: ChangeKind, before: Entry | undefined, after: Entry | undefined): Change {
  return {
    path,
    kind,
    size: after?.kind === 'file' ? after.size : 0,
    isBinary: after?.kind === 'file' && after.isBinary,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

/** By path, what goes before what comes. */
const byPath = (a: Change, b: Change): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : Number(a.kind !== 'deleted') - Number(b.kind !== 'deleted')
