/** A sentence, list item, heading, table row or line of a fence, as it is read: folded and in lower case. */
export interface Sentence {
  readonly text: string
  /** Offset in the folded text. */
  readonly start: number
  /** Within a code fence of a programming language, which other rules read. */
  readonly code: boolean
}

const SMALL = /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|approx|resp|incl|no|nr|fig|dr|mr|mrs|ms|cf|ca)\.$/
const LONGEST = 2_000
const PROGRAM =
  /(?:```+|~~~+)[^\S\n]*(?:[\w.-]*(?:js|jsx|ts|tsx|mjs|cjs|javascript|typescript|python|py|bash|sh|zsh|shell|console|powershell|ps1|ruby|rb|go|rust|rs|java|kotlin|swift|c|cpp|csharp|cs|php|perl|sql|css|scss|html|diff|graphql|proto|dockerfile|makefile|vue|svelte|lua|r|julia|scala))\b/

/** Splits a folded text. Every unit of it that is no white space is in exactly one sentence: nothing is left unread (T-145). */
export function sentencesOf(text: string): readonly Sentence[] {
  const sentences: Sentence[] = []
  let code = false
  let fenced = false
  for (const block of blocksOf(text)) {
    const fence = /^\s{0,8}(?:```|~~~)/.test(block.text)
    if (fence) {
      fenced = !fenced
      code = fenced && PROGRAM.test(block.text)
    }
    let from = 0
    const push = (to: number): void => {
      for (let at = from; at < to; at += LONGEST) {
        const piece = block.text.slice(at, Math.min(to, at + LONGEST))
        if (piece.trim() !== '') sentences.push({ text: piece, start: block.start + at, code })
      }
      from = to
    }
    for (const match of block.text.matchAll(/[.!?。！？](?=["'`)\]*_]{0,3}(?:\s|$))|[。！？]/g)) {
      const end = match.index + match[0].length
      if (match[0] === '.' && SMALL.test(block.text.slice(Math.max(0, end - 8), end))) continue
      push(end)
    }
    push(block.text.length)
  }
  return sentences
}

/** Lines that belong together: a paragraph is one block, each heading, list item, table row and line of a fence its own. */
function* blocksOf(text: string): Iterable<{ readonly text: string; readonly start: number }> {
  let start = 0
  let at = 0
  let inFence = false
  while (at < text.length) {
    const next = text.indexOf('\n', at)
    const end = next < 0 ? text.length : next + 1
    const line = text.slice(at, end)
    const fence = /^\s{0,8}(?:```|~~~)/.test(line)
    const opens =
      fence || inFence || /^\s*(?:$|#{1,6}\s|[-*+]\s|\d{1,3}[.)]\s|\||>|<!--|---|[\w-]{1,40}:(?:\s|$))/.test(line)
    if (opens && at > start) {
      yield { text: text.slice(start, at), start }
      start = at
    }
    if (fence) inFence = !inFence
    at = end
  }
  if (text.length > start) yield { text: text.slice(start), start }
}
