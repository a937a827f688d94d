import type { Place } from './places.ts'

/** Why a mention does not name: the sentence rules it out, asks about it, or quotes somebody. */
export type Doubt = 'denied' | 'asked' | 'quoted'

/** Longest way to the beginning or end of a sentence. */
const REACH = 2_000
/** How far behind a value a denial still means it: languages that put the verb last. */
const NEAR = 60

const word = (words: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'u')
const words = (list: string): RegExp => new RegExp(word(list).source, 'gu')

/** Words that turn a mention round, by language. One that only looks like it costs a question. */
const DENYING = [
  // English
  "not|no|never|none|nothing|nobody|neither|nor|don't|dont|doesn't|didn't|won't|wouldn't|shouldn't|mustn't|can't|cannot|isn't|aren't|no longer|avoid|except|excluding|exclude|without|unless|instead of|rather than|other than|apart from|(?:anyone|anybody|everyone|everybody|all|nobody|no one) but|stop|refrain|refuse|reject|decline|block|blocked|blocking|ban|banned|spam|spammer|phish|phishing|scam|scammer|fraud|fraudster|fraudulent|suspicious|suspect|malicious|fake|forged|unsafe|untrusted|untrustworthy|impersonat\\p{L}*|pretend\\p{L}*|compromised|hacked|stolen|wrong|invalid|ignore|disregard|beware|hacker|attacker|whether|wonder|wondering|unsure|doubt|forget",
  // German, Dutch, Scandinavian
  'nicht|nichts|niemals|nie|niemand|niemandem|kein\\p{L}*|ohne|statt|anstatt|außer|ausser|keinesfalls|vermeide\\p{L}*|blockier\\p{L}*|sperr\\p{L}*|betrüger\\p{L}*|verdächtig\\p{L}*|ob|niet|niets|nooit|geen|niemand|behalve|zonder|vermijd|inte|aldrig|ingen|utan|ikke|aldri|uden|uten',
  // Romance
  "ne|n'\\p{L}+|pas|jamais|rien|sauf|sans|aucun\\p{L}*|excepté|hormis|évit\\p{L}*|au lieu de|plutôt que|arrêt\\p{L}*|nunca|jamás|nada|nadie|tampoco|salvo|excepto|sin|evit\\p{L}*|en vez de|ningun\\p{L}*|ningún|non|niente|nessun\\p{L}*|tranne|eccetto|senza|invece di|não|nao|jamais|ninguém|nenhum\\p{L}*|exceto|sem|em vez de|niciodată|fără|nu (?:trimite|scrie|plăti)\\p{L}*",
  // Slavic, Greek, Turkish, Finnish, Hungarian
  'не|нет|ни|нельзя|никогда|никому|ничего|кроме|без|вместо|избегай\\p{L}*|nie|nigdy|nikomu|żadn\\p{L}*|oprócz|zamiast|bez|ne\\p{L}*ejte|ne\\p{L}*lej|nikdy|kromě|μην|μη|δεν|ποτέ|εκτός|χωρίς|asla|hiçbir|değil|sakın|hariç|\\p{L}+m[ae]y[ıi]n(?:[ıi]z)?|(?:gönder|yolla|ilet|paylaş|ekle|yaz|öde|aktar|sil)m[ae]|älä|ei|ilman|paitsi|nem|soha|kivéve',
  // others with spaces between words
  'jangan|tidak|bukan|kecuali|tanpa|không|đừng|chớ|trừ|मत|नहीं|सिवाय|बिना|لا|لن|لم|عدا|إلا|بدون|ليس|אל|לא|מלבד|בלי',
].join('|')
const DENIAL = word(DENYING)
/** Languages that do not set words apart. */
const DENIAL_WITHIN =
  /不|别|別|勿|莫|没有|沒有|禁止|绝|絕|除了|以外|拒绝|避免|ない|ません|ずに|避け|지\s?마|마세요|말고|말아|않|금지|제외|절대|อย่า|ไม่|ห้าม|ยกเว้น/u
/** Those that only look like it: taken out first. */
const HARMLESS = words(
  "(?:do not|don't|dont|never|not) (?:forget|hesitate|fail|worry|miss)|can(?:'t|not) (?:forget|miss)|not only|whether or not|if not already|without (?:fail|delay|asking|waiting|hesitation)|not (?:exceed|lower|less|higher|more|fewer|earlier)|no (?:problem|rush|worries|hurry|need|doubt|later than|more than|less than|matter)|not later than|nothing else|vergiss (?:bitte )?nicht|vergessen sie (?:bitte )?nicht|nicht (?:vergessen|zögern)|nicht nur|n'oubli\\p{L}+ (?:surtout )?pas(?: de| d')?|n'hésit\\p{L}+ pas|pas seulement|sans (?:faute|délai)|no (?:te |se )?olvid\\p{L}+|no (?:dejes|deje) de|no solo|sin falta|sin demora|non (?:dimenticar\\p{L}*|scordar\\p{L}*)|non solo|senza (?:indugio|fallo)|não (?:se )?esque\\p{L}+|sem falta|niet (?:te )?vergeten|vergeet (?:a\\.?u\\.?b\\.? )?niet|niet alleen|nie zapomnij\\p{L}*|не забуд\\p{L}+|не только|glem ikke|glöm inte|älä unohda|unutma(?:y[ıi]n)?|jangan lupa|đừng quên|لا تنس\\p{L}*|मत भूलना|भूलना मत|ne felejts\\p{L}*",
)
const HARMLESS_WITHIN =
  /不要忘[了记]?|别忘[了记]?|別忘[了記]?|不僅|不仅|忘れないで|忘れずに|잊지\s?(?:마세요|말고|마)|อย่าลืม/gu
/** A condition says when, not whom; only a whole one, with its comma. */
const CONDITION = /(?<![\p{L}\p{N}])(?:if|in case|wenn|falls|si|als|если|jeśli)\s[^,;:]{1,120},/gu
const HARMLESS_START = /^(?:oh |ah |hm+ )?(?:no|nein|non|não|нет|nie)[,.!] /u
/** What a later clause or the next sentence says of somebody named before. */
const REFERENCE = word(
  'him|her|them|they|he|she|there|ihm|ihr|ihnen|ihn|dort|dorthin|dahin|diese\\p{L}*|lui|leur|elle|là|y|cette|cet|él|ella|ellos|le|les|lo|la|allí|ahí|esa|ese|esta|este|gli|lei|loro|quest\\p{L}*|ele|ela|lhe|nele|essa|esse|hem|haar|daar|die|deze|dat|ему|ей|им|туда|него|нее|неё|этот|этому|jej|jemu|tam|tego|ona|buna|oraya',
)
/** Things are referred to by what is not to be done with them. */
const REFERENCE_AFTER = word(
  "(?:not|never|don't|dont|avoid|stop|nothing)(?: [\\p{L}']+){1,4} (?:it|this|that|these|those)",
)
const REFERENCE_WITHIN = /那|他|她|它|这|這|此|そこ|それ|この|その|彼|그|거기|이\s/u

/** A question is none when it asks the agent to do something. */
const REQUEST = word(
  "(?:can|could|would|will|may|might|can't|won't|couldn't|should) (?:you|i|we|u)|please|pls|plz|do you mind|would you mind|is it possible|would it be possible|any chance|bitte|kannst du|könntest du|können sie|könnten sie|würdest du|würden sie|s'il (?:te|vous) pla[iî]t|peux-tu|pourrais-tu|pouvez-vous|pourriez-vous|tu peux|puedes|podr[ií]as|puede|podr[ií]a|por favor|puoi|potresti|può|potrebbe|per favore|pode|poderia|kun je|kunt u|zou je|alsjeblieft|możesz|mógłbyś|proszę|можешь|можете|мог(?:ла|ли)? бы|пожалуйста",
)
const REQUEST_WITHIN = /请|請|能否|可以.{0,40}吗|ください|くれますか|もらえますか|いただけますか|주세요|주시겠/u

const CLAUSE = /[,:()–—]\s| and | but | und | aber | et | mais | y | pero | e | ma | mas | и | но |，|、/u

/** What the sentence around a place makes of the value there. `text` is in lower case. */
export function doubtAt(text: string, place: Place): Doubt | undefined {
  const { start, end } = sentenceAround(text, place)
  // too long to tell what it says of the value
  if (start > 0 && place.start - start >= REACH) return 'denied'
  const before = text.slice(start, place.start)
  const after = text.slice(place.end, end)
  const [near = '', ...later] = after.split(CLAUSE)
  const [following = ''] = nextSentence(text, end).split(CLAUSE)
  if (
    denies(before.replace(CONDITION, ' ')) ||
    denies(near.slice(0, NEAR)) ||
    later.some(refersBack) ||
    refersBack(following)
  )
    return 'denied'
  if (isQuoted(text, place)) return 'quoted'
  if (/[?؟]/u.test(after) && !REQUEST.test(before) && !REQUEST_WITHIN.test(before + after)) return 'asked'
  return undefined
}

export function sentenceOf(text: string, place: Place): string {
  const { start, end } = sentenceAround(text, place)
  return text.slice(start, end).trim()
}

function denies(part: string): boolean {
  const rest = part.replace(HARMLESS_START, '').replace(HARMLESS, ' ').replace(HARMLESS_WITHIN, ' ')
  return DENIAL.test(rest) || DENIAL_WITHIN.test(rest)
}

const refersBack = (part: string): boolean =>
  part !== '' && (REFERENCE.test(part) || REFERENCE_AFTER.test(part) || REFERENCE_WITHIN.test(part)) && denies(part)

function nextSentence(text: string, from: number): string {
  const start = from + (/^\s*/.exec(text.slice(from, from + 8))?.[0].length ?? 0)
  return text.slice(start, forwards(text, start)).slice(0, 200)
}

function sentenceAround(text: string, place: Place): Place {
  let start = place.start
  const floor = Math.max(0, start - REACH)
  while (start > floor && !isBoundary(text, start - 1)) start--
  return { start, end: forwards(text, place.end) }
}

function forwards(text: string, from: number): number {
  let end = from
  const ceiling = Math.min(text.length, end + REACH)
  while (end < ceiling && !isBoundary(text, end)) end++
  return Math.min(text.length, end + 1)
}

const ABBREVIATED =
  /(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|sr|jr|sra|vs|etc|inc|ltd|co|corp|no|nr|dept|approx|ca|bzw|ggf|usw|evtl|str|hr|fr|\p{L}|(?:\p{L}\.)+\p{L})$/u

/** The mark at `at` ends a sentence: it is followed by space, and not the dot of an abbreviation. NUL parts paragraphs. */
function isBoundary(text: string, at: number): boolean {
  const mark = text[at] ?? ''
  if (mark === '。' || mark === '\u0000') return true
  if (!'.!?;؟।'.includes(mark)) return false
  const after = text[at + 1]
  if (after !== undefined && !/\s/.test(after)) return false
  return mark !== '.' || !ABBREVIATED.test(text.slice(Math.max(0, at - 12), at))
}

/** The value is part of something longer that stands in quotation marks. */
function isQuoted(text: string, { start, end }: Place): boolean {
  const before = text.slice(Math.max(0, start - 400), start)
  const after = text.slice(end, end + 400)
  for (const mark of [`'`, '"', '„', '“']) {
    const opened = before.lastIndexOf(mark)
    if (opened < 0) continue
    const isOpening = /^$|[\s(:,[]/.test(before[opened - 1] ?? '') && /\S/.test(before[opened + 1] ?? text[start] ?? '')
    if (!isOpening) continue
    const closed = after.search(mark === "'" ? /'(?=$|[\s.,;:!?)\]])/ : mark === '"' ? /"/ : /['"“”]/)
    if (closed < 0) continue
    const inside = `${before.slice(opened + 1)} ${after.slice(0, closed)}`
    if (inside.split(/\s+/).filter((each) => /\p{L}/u.test(each)).length >= 2) return true
  }
  return false
}
