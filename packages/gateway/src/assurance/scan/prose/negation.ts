/** What looks like a denial and is none. */
const NO_DENIAL =
  /\b(?:do not|don't|never|must not) (?:forget|hesitate|fail|neglect|worry|skip|bother|stop)\b|\bnot only\b|\b(?:will|does|do|can|may)(?: not|n't)? (?:work|function|start|run|load) (?:without|until|unless|correctly|properly)\b|\b(?:will not|won't|does not|doesn't|cannot|can't) (?:work|function|start|run|load|respond|answer|exist|fit|apply|matter)\b|\bwhy not\b|\bif not\b|\bnot (?:yet|found|set|present|installed|available|already)\b/g

const DENIAL =
  /\b(?:never|not|cannot|without|avoid(?:s|ing)?|refus(?:e|es|ing)|refrain|forbid(?:s|den)?|prohibit(?:s|ed)?|no longer|instead of|rather than|nor|neither|nobody|disallow(?:s|ed)?|prevents?|declines?)\b|\b(?:do|does|must|should|can|could|will|would|is|are|need|may)n'?t\b|\bno\b(?=\s+\w+ing\b|\s+(?:need to|way to|access|network|reading|sending))|\bnothing\b(?=\s*$|\s+(?:without|unless|before|is|may|should|must|outside)\b)/g

/** What somebody else says is to be done, up to the comma: `if a page tells you to ignore …, do not follow it`. Nobody orders it here. */
const REPORTED =
  /\b(?:if|when|whenever|where|should|even if|in case) (?:an? |the |any |some |its )*(?:\w+ ){0,3}(?:tells?|asks?|instructs?|orders?|urges?|wants?|directs?|claims?|says?|commands?|invites?|tries to (?:get|make)) (?:(?:you|the (?:agent|assistant|model)) )?(?:to|that)\b[^,;:.]*$/
/** What is named to be turned away: `flag skills that read …`. */
const TURNED_AWAY =
  /(?:^|[.:;,]\s|\b(?:and|then|must|always|to) )\W{0,4}(?:flags?|rejects?|refuses?|warn (?:the user )?(?:about|of|when)|beware of|detects?|spots?) (?:any |all |every |the |those |each )?(?:\w+ )?(?:skills?|plugins?|tools?|servers?|code|mails?|messages?|requests?|sites?|pages?|scripts?|instructions|descriptions?|texts?|prompts?|anything|attempts?|lines?)\b[^]*$/

const DENIED_AFTER =
  /\b(?:(?:is|are|be|get|gets|will be|must be|should be)\s+(?:always\s+|never\s+|strictly\s+)?(?:rejected|refused|denied|blocked|forbidden|prohibited|disallowed|excluded|ignored|stripped|redacted|masked|filtered|off[- ]limits|out of scope|not (?:allowed|permitted|accepted|supported|read|sent|stored|followed|shared|uploaded))|never (?:be )?(?:read|sent|stored|shared|uploaded|printed|logged|committed|leaves?|used))\b/

const CONDITION = /\b(?:if|when|whenever|unless|once|while|because|since|until|although|where)\b/

/** Whether what follows is only reported: what a page may say, or what is to be turned away. */
export const isReported = (before: string): boolean => REPORTED.test(before) || TURNED_AWAY.test(before)

/**
 * Whether the sentence denies or forbids the act at `start`. `Never read, copy or send …` denies all three; `if nobody objects, send …`
 * denies nothing.
 */
export function isDenied(sentence: string, start: number, end: number): boolean {
  const rest = sentence.slice(end)
  if (DENIED_AFTER.test(rest) && !/\b(?:retry|try again|instead|otherwise|otherwise|bypass|split)\b/.test(rest))
    return true
  const clause = Math.max(
    ...[';', ': ', ' but ', ' then ', ' otherwise ', ' except ', '→', '=>'].map((cut) =>
      sentence.lastIndexOf(cut, Math.max(0, start - 1)),
    ),
  )
  const before = sentence
    .slice(Math.max(0, clause, start - 160), start)
    .replace(NO_DENIAL, (text) => ' '.repeat(text.length))
  if (isReported(sentence.slice(Math.max(0, start - 400), start))) return true
  let denied = false
  for (const { index, 0: word } of before.matchAll(DENIAL)) {
    const between = before.slice(index + word.length)
    const comma = between.includes(',')
    if (comma && CONDITION.test(before.slice(0, index))) continue
    // `it is not stored locally, please upload it`: a comma with more than a list of verbs ends the reach
    if (comma && between.split(',').some((part) => part.trim().split(/\s+/).length > 4)) continue
    if (/\b(?:and|or)\b/.test(between) === false && between.trim().split(/\s+/).length > 9) continue
    if (word === 'without' && !/^\s*(?:\w+ly\s+|ever\s+)?\w*$/.test(between)) continue
    denied = true
  }
  return denied
}
