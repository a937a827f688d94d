/** Whether a text fits one of the patterns, in which `*` stands for any characters. Takes no longer than both lengths multiplied. */
export const globMatches = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => fits(pattern, text))

function fits(pattern: string, text: string): boolean {
  let [at, star, from] = [0, -1, 0]
  for (let index = 0; index < text.length;) {
    if (pattern[at] === '*') {
      star = at++
      from = index
    } else if (at < pattern.length && pattern[at] === text[index]) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++from
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
