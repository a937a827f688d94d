const ABOUT =
  /\b(?:explain\w*|teach\w*|recogni[sz]e\w*|detect\w*|spot|red flags?|watch (?:out )?for|look (?:out )?for|flag(?:s|ged)?|identif\w+|warn (?:the user|people|users|about)|beware|phish\w*|attack(?:s|er|ers)?|injections?|jailbreaks?|malicious|suspicious|risky|dangerous|unsafe|insecure|untrusted|vulnerab\w+|exploit\w*|refuse|reject|report (?:it|them|such)|never (?:follow|run|obey)|do not (?:follow|run|obey|execute)|don't (?:follow|run|obey|execute)|anti-?pattern|bad (?:example|practice)|counter-?example|what not to|clauses?|phrases? (?:such as|like)|wordings?|countermeasures?|mitigat\w+|owasp)\b/

const QUOTES: readonly (readonly [open: string, close: string])[] = [
  ['"', '"'],
  ['`', '`'],
  ['«', '»'],
  ['“', '”'],
  ['„', '“'],
  ['「', '」'],
]

/** Whether a place lies within quotation marks or back ticks of its sentence. */
function isQuotedIn(sentence: string, start: number, end: number): boolean {
  const before = sentence.slice(0, start)
  const after = sentence.slice(end)
  return QUOTES.some(([open, close]) => {
    const opened = before.lastIndexOf(open)
    if (opened < 0 || !after.includes(close)) return false
    return open === close ? (before.split(open).length - 1) % 2 === 1 : before.lastIndexOf(close) < opened
  })
}

/**
 * Whether a text speaks of attacks rather than ordering one: it says so in the sentence or the one before, and what it speaks of is quoted.
 * In a text that is about attacks as a whole (`lesson`) a quotation needs no more, and a sentence on what attackers do needs none.
 * Marks alone cost an attacker nothing, and neither do the words alone.
 */
export function isTaught(sentence: string, previous: string, start: number, end: number, lesson = false): boolean {
  if (!isQuotedIn(sentence, start, end)) return lesson && OTHERS.test(sentence)
  if (lesson) return true
  const outside = sentence.slice(0, start).replace(/["`][^"`]*$/, '') + sentence.slice(end).replace(/^[^"`]*["`]/, '')
  return ABOUT.test(outside) || ABOUT.test(previous)
}

/** Who acts in writing about attacks, or what it is called there. */
const OTHERS =
  /\b(?:(?:an?|the) (?:attackers?|victims?|adversary|intruders?|page|site|payload|script|malware|mail|text)|attackers?|students?|learners?|participants?|trainees?|injections?|exploits?|example|malicious|payload|unknown|suspicious|alerts?)\b|<script/

/** What follows is what somebody is told to look for. */
export const looksFor = (before: string): boolean =>
  /\b(?:check|scan|search|look|grep|watch|test|hunt)(?:s|ing)? for\s*(?:(?:[a-z]+ ){0,2}`[^`]*`(?:,| and| or|;)?\s*)*(?:[a-z]+ ){0,2}`?$/.test(
    before,
  )

/** A sentence that only speaks of attacks, whatever is quoted in it. */
export const speaksOfAttacks = (sentence: string): boolean => ABOUT.test(sentence)
