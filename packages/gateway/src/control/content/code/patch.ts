import type { TextEdit, WrittenPiece } from '../../../boundary/ports-code.ts'

/** `*** Begin Patch` as Codex has it, or the unified form. */
const BEGIN = /^\s*\*\*\* Begin Patch\s*$/m
const UNIFIED = /^--- \S[^\n]*\n\+\+\+ \S/m

export const isPatch = (text: string): boolean => BEGIN.test(text) || UNIFIED.test(text)

/** The files of a patch: new ones whole, others as replacements. What is deleted is not written. */
export const piecesOfPatch = (text: string): readonly WrittenPiece[] =>
  BEGIN.test(text) ? ofMarked(lines(text)) : ofUnified(lines(text))

const lines = (text: string): readonly string[] => text.split(/\r?\n/)

interface Hunk {
  readonly old: string[]
  readonly text: string[]
}

interface Open {
  path: string
  isNew: boolean
  readonly added: string[]
  readonly hunks: Hunk[]
}

function pieceOf({ path, isNew, added, hunks }: Open): readonly WrittenPiece[] {
  if (isNew) return [{ kind: 'file', path, text: added.join('\n') }]
  const edits: readonly TextEdit[] = hunks
    .filter(({ old, text }) => text.length > 0 && old.join('\n') !== text.join('\n'))
    .map(({ old, text }) => ({ old: old.join('\n'), text: text.join('\n') }))
  return edits.length === 0 ? [] : [{ kind: 'edits', path, edits }]
}

function ofMarked(all: readonly string[]): readonly WrittenPiece[] {
  const pieces: WrittenPiece[] = []
  let open: Open | undefined
  const close = (): void => {
    if (open !== undefined) pieces.push(...pieceOf(open))
    open = undefined
  }
  for (const line of all) {
    const head = /^\*\*\* (Add|Update|Delete) File: (.+?)\s*$/.exec(line)
    const moved = /^\*\*\* Move to: (.+?)\s*$/.exec(line)
    if (head !== null) {
      close()
      if (head[1] !== 'Delete') open = { path: head[2] ?? '', isNew: head[1] === 'Add', added: [], hunks: [] }
    } else if (moved !== null && open !== undefined) open.path = moved[1] ?? open.path
    else if (/^\*\*\* (?:Begin Patch|End Patch)\s*$/.test(line)) close()
    else if (open !== undefined) take(open, line)
  }
  close()
  return pieces
}

function ofUnified(all: readonly string[]): readonly WrittenPiece[] {
  const pieces: WrittenPiece[] = []
  let open: Open | undefined
  let isNew = false
  // lines of a hunk that are still to come: in it, `---` is a line like any other
  let left = { old: 0, text: 0 }
  for (const line of all) {
    const inside = left.old > 0 || left.text > 0
    const target = inside ? null : /^\+\+\+ ("?)(?:b\/)?([^\t]+?)\1(?:\t.*)?$/.exec(line)
    const head = inside ? null : /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line)
    if (!inside && line.startsWith('--- ')) {
      if (open !== undefined) pieces.push(...pieceOf(open))
      open = undefined
      isNew = line.startsWith('--- /dev/null')
    } else if (target !== null) {
      const path = target[2] ?? ''
      open = path === '/dev/null' ? undefined : { path, isNew, added: [], hunks: [] }
    } else if (head !== null) {
      left = { old: Number(head[1] ?? 1), text: Number(head[2] ?? 1) }
      open?.hunks.push({ old: [], text: [] })
    } else if (inside) {
      if (!line.startsWith('+')) left.old--
      if (!line.startsWith('-')) left.text--
      if (line.startsWith('\\')) left = { old: left.old + 1, text: left.text + 1 }
      else if (open !== undefined) take(open, line)
    }
  }
  if (open !== undefined) pieces.push(...pieceOf(open))
  return pieces
}

/** One line of a hunk. */
function take(open: Open, line: string): void {
  if (open.isNew) {
    if (line.startsWith('+')) open.added.push(line.slice(1))
    return
  }
  if (line.startsWith('@@') || open.hunks.length === 0) open.hunks.push({ old: [], text: [] })
  if (/^@@|^\*\*\* End of File/.test(line)) return
  const hunk = open.hunks.at(-1)
  const rest = line.slice(1)
  if (line.startsWith('+')) hunk?.text.push(rest)
  else if (line.startsWith('-')) hunk?.old.push(rest)
  else {
    hunk?.old.push(rest)
    hunk?.text.push(rest)
  }
}
