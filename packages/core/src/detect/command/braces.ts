const MOST = 512

/** What bash makes of one unquoted brace expression. Nested braces and `{1..9..2}` included; at most 512 words. */
export function expandBraces(source: string): readonly string[] {
  const range = /^\{(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.(-?\d{1,9}))?\}$/.exec(source)
  if (range !== null) return expandRange(range[1] ?? '', range[2] ?? '', Number(range[3] ?? '1'))
  return expand(source, 0).slice(0, MOST)
}

function expandRange(from: string, to: string, step: number): readonly string[] {
  const letters = /[A-Za-z]/.test(from)
  const first = letters ? from.charCodeAt(0) : Number(from)
  const last = letters ? to.charCodeAt(0) : Number(to)
  const by = Math.max(1, Math.abs(step)) * (last < first ? -1 : 1)
  const count = Math.min(MOST, Math.floor((last - first) / by) + 1)
  return Array.from({ length: count }, (_, index) => {
    const value = first + index * by
    return letters ? String.fromCharCode(value) : String(value)
  })
}

function expand(text: string, depth: number): string[] {
  const open = text.indexOf('{')
  if (open < 0 || depth > 8) return [text]
  const commas: number[] = []
  let level = 0
  let close = -1
  for (let index = open; index < text.length; index++) {
    const char = text[index]
    if (char === '{') level++
    else if (char === ',' && level === 1) commas.push(index)
    else if (char === '}' && --level === 0) {
      close = index
      break
    }
  }
  if (close < 0 || commas.length === 0) return [text]
  const cuts = [open, ...commas, close]
  const options = cuts.slice(1).map((cut, index) => text.slice((cuts[index] ?? 0) + 1, cut))
  const tails = expand(text.slice(close + 1), depth + 1)
  return options
    .flatMap((option) => expand(option, depth + 1))
    .slice(0, MOST)
    .flatMap((option) => tails.map((tail) => text.slice(0, open) + option + tail))
    .slice(0, MOST)
}
