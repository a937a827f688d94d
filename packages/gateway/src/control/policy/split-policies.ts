/** Strings, comments and everything else between semicolons. */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|;|\s+|[^";/\s]+|[\s\S]/g

/**
 * Policies of a Cedar text with their UTF-16 offsets, each from its first token to the semicolon; undefined when something
 * is left over. Only a cut: every piece still has to parse, and when one does not, the engine's own parser says why.
 */
export function splitPolicies(text: string): readonly { readonly text: string; readonly start: number }[] | undefined {
  const parts: { text: string; start: number }[] = []
  let start = -1
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0]
    const blank = token.startsWith('//') || token.trim() === ''
    if (start < 0 && blank) continue
    if (start < 0) start = match.index
    if (token !== ';') continue
    parts.push({ text: text.slice(start, match.index + 1), start })
    start = -1
  }
  return start < 0 ? parts : undefined
}
