export interface DiffPart {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** Beyond this the table would be large; then whole lines are compared, and then the whole text. */
const MOST_CELLS = 4_000_000

/** Difference of two texts by words; by lines, or as one piece, where that would take too long. */
export function diffWords(before: string, after: string): readonly DiffPart[] {
  for (const pattern of [/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu, /[^\n]*\n|[^\n]+/g]) {
    const a = before.match(pattern) ?? []
    const b = after.match(pattern) ?? []
    if ((a.length + 1) * (b.length + 1) <= MOST_CELLS) return joined(diffTokens(a, b))
  }
  return joined([
    { kind: 'removed', text: before },
    { kind: 'added', text: after },
  ])
}

/** Longest common subsequence. */
function diffTokens(a: readonly string[], b: readonly string[]): readonly DiffPart[] {
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0)
    }
  }
  const parts: DiffPart[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      parts.push({ kind: 'same', text: a[i] ?? '' })
      i++
      j++
    } else if (
      j >= b.length ||
      (i < a.length && (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))
    ) {
      parts.push({ kind: 'removed', text: a[i++] ?? '' })
    } else parts.push({ kind: 'added', text: b[j++] ?? '' })
  }
  return parts
}

function joined(parts: readonly DiffPart[]): readonly DiffPart[] {
  const runs: DiffPart[] = []
  for (const part of parts) {
    const last = runs.at(-1)
    if (part.text === '') continue
    if (last?.kind === part.kind) runs[runs.length - 1] = { kind: part.kind, text: last.text + part.text }
    else runs.push(part)
  }
  return runs
}
