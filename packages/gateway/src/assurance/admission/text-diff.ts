/** Lines beyond which the middle of two texts is not compared line by line, and lines of one answer. */
const COMPARED = 1_500
const SHOWN = 400
const LONGEST = 240

/** `-`, `+` and the two lines around, like a patch without positions; bounded. */
export function textDiff(before: string, after: string): readonly string[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const middle = between(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  const around = (from: number, to: number): string[] => a.slice(Math.max(0, from), to).map((line) => `  ${line}`)
  const all = [...around(head - 2, head), ...middle, ...around(a.length - tail, a.length - tail + 2)]
  const shown = all.slice(0, SHOWN).map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line))
  return all.length > SHOWN ? [...shown, `… ${all.length - SHOWN} more lines`] : shown
}

function between(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length > COMPARED || b.length > COMPARED)
    return [...a.slice(0, SHOWN).map((line) => `- ${line}`), ...b.slice(0, SHOWN).map((line) => `+ ${line}`)]
  const width = b.length + 1
  const common = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const out: string[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push(`  ${a[i]}`)
      i++
      j++
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) out.push(`- ${a[i++]}`)
    else out.push(`+ ${b[j++]}`)
  }
  return out
}
