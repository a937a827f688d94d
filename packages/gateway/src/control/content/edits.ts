/** A piece of a text that is replaced; offsets in UTF-16 units. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The text with its edits made. Wider edits go first: what lies inside a removed piece is gone with it. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text
  const sorted = [...edits].sort((a, b) => a.start - b.start || b.end - a.end)
  let result = ''
  let at = 0
  for (const edit of sorted) {
    if (edit.end <= at) continue
    const start = Math.max(edit.start, at)
    result += text.slice(at, start) + edit.text
    at = edit.end
  }
  return result + text.slice(at)
}
