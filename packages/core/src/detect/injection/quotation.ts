/** Units before and after a place that tell whether it is spoken of. */
const AROUND = 240

const CUES =
  /\b(?:for example|for instance|e\.g\.|such as|example|examples|attackers?|adversar\w+|malicious|prompt[ -]injections?|jailbreaks?|payloads?|detect\w*|classif\w+|blocked|flagged|mitigat\w+|vulnerab\w+|CVE-\d+|OWASP|red[ -]team\w*|phrases? like|strings? like|known as|test case|expect\(|assert\w*)\b/i

/**
 * Whether a place in a text is quoted or written about rather than said: within a code fence or quotation marks, with the words of security
 * writing near it. It takes both, for marks alone cost an attacker nothing. Lowers what is done, never what is reported.
 */
export function isQuoted(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - AROUND), start)
  const after = text.slice(end, end + AROUND)
  if (!CUES.test(before) && !CUES.test(after)) return false
  return inMarks(before, after) || inFence(text, start)
}

function inMarks(before: string, after: string): boolean {
  for (const mark of ['"', '`', "'"]) {
    const line = before.slice(before.lastIndexOf('\n') + 1)
    const opens = line.lastIndexOf(mark)
    if (opens < 0 || (line.split(mark).length - 1) % 2 === 0) continue
    const closes = after.indexOf(mark)
    if (closes >= 0 && closes < 160) return true
  }
  return false
}

/** An odd number of fences before it, counted in what is near: a fence is rarely longer. */
function inFence(text: string, start: number): boolean {
  const near = text.slice(Math.max(0, start - 2000), start)
  return (near.split('```').length - 1) % 2 === 1
}
