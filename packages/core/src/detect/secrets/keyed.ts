import type { Match } from './issued.ts'
import { keyKind, type KeyKind } from './key-kinds.ts'
import { isPlaceholder } from './placeholder.ts'
import { makeupOf } from './randomness.ts'
import { isBasicCredential, isPassword, isRandom, isUuid } from './verdict.ts'

const LONGEST_NAME = 80
const LONGEST_VALUE = 8192

/** `_PROD`, `-2`: what may follow the word that counts. */
const SUFFIX =
  /(?:[_-]?(?:old|new|prod|production|dev|development|test|staging|stage|live|base|base64|b64|hex|value|val|primary|secondary|raw|plain|current|previous|backup|main|default|v?\d{1,4})(?![a-z])){0,2}/iy
/** `: string`, `: str | None`: a type between name and value. */
const TYPE = String.raw`(?:\s{0,2}\??:\s{0,2}(?:readonly )?(?:string|String|str|bytes|any|&(?:'static )?str|Optional\[str\]|final)(?:\s\|\s\w{1,12})?(?=\s{0,3}=)\s{0,3})?(?:\{[^}\n]{0,40}\}\s{0,3}(?==))?`
/** Quotes, brackets and stars that close the name. */
const CLOSE = String.raw`(?:\\{0,8}["'\x60\]]|\*\*|&quot;){0,2}\s{0,40}`
const WRAP = String.raw`(?:ConvertTo-SecureString\s(?:-String\s)?)?(?:(?:new )?[A-Za-z_.:]{1,40}\((?=["'\x60]))?(?:[rbufRBUF@]{1,2}(?=["']))?`
const OPEN = String.raw`(?<quote>\\{0,8}["'\x60]|&quot;)?`
/** name, sign, value. */
const SIGN = new RegExp(
  `${CLOSE}${TYPE}(?:=>|:=|={1,3}|::?|\\|(?=\\s)|->|→|(?<=["']\\s{0,2})>)\\s{0,40}(?:\\*\\*\\s?)?${WRAP}${OPEN}`,
  'dy',
)
/** `name="X" value="…"`, `name: X⏎ value: …`, `"name":"X","value":"…"`. */
const NAMED = new RegExp(
  `\\\\?["'\\x60]?,?(?:\\s{1,4}[\\w-]{1,20}="[^"<>\\n]{0,60}"){0,4}(?:\\s{0,3}\\{[^{}=]{0,200})?\\s{0,40}(?:-\\s)?\\\\?["']?(?:[Vv]al(?:ue)?|default|content|stringValue)\\\\?["']?\\s{0,4}[=:]\\s{0,8}${OPEN}`,
  'dy',
)
/** `<password>…`, `<key>X</key><string>…`. */
const ELEMENT = />\s{0,8}(?:<!\[CDATA\[)?(?<quote>(?!))?|<\/(?:key|name|Name)>\s{0,40}<(?:string|value|Value|val)>/dy
/** `the password for X is …`, `KEY is set to …`, `the token you asked me to remember is "…"`. */
const PROSE = new RegExp(
  `["'\\x60)]?(?:\\s(?:for|of|on|in|to|at|from)\\s[^\\s:=]{1,60}|\\s[a-z']{1,15}){0,8}?(?:\\s(?:is|was|are|equals|becomes|has been|remains|reads|es|est|ist|lautet|è|é)(?:\\s(?:now|set to|currently|still|just|changed to|:)){0,2}|\\s(?:to|as|with|using|like|=)|\\sis:|:)\\s{1,4}${OPEN}`,
  'dy',
)
/** `--password x`, `ENV PASSWORD x`, `login bob password x`. */
const SPACED = new RegExp(`\\s{1,4}(?:\\d\\s)?${OPEN}(?![-=|&<>])`, 'dy')
/** `PASSWORD 'x'`, `IDENTIFIED BY 'x'`, `the token X`. */
const BESIDE = new RegExp(`\\s{1,3}${OPEN}`, 'dy')
/** `setToken("…")`. */
const LISTED = new RegExp(`(?:\\\\{0,8}["'\\x60])\\s{0,4},\\s{0,40}${OPEN}`, 'dy')
const CALLED = new RegExp(`\\(\\s{0,4}${WRAP}(?<quote>\\\\{0,2}["'\\x60])`, 'dy')
const COMMAND_BEFORE = /(?:^|[\n\s])(?:ENV|ARG|setx|set|login \S{1,60}|community|enable)\s{1,8}$/
const FIRST_IN_LINE = /(?:^|\n)[ \t]{0,8}$/

/**
 * Whether a member of an object, a field or a header of this name and value is a secret (beyond doubt, as in a text).
 */
export function isNamedSecret(name: string, value: string): boolean {
  const kind = keyKind(name)
  return (
    kind !== 'none' && value.length >= 4 && isSecret(value, true, { name, kind, form: 'sign', from: 0, lenient: false })
  )
}

/** The secret that the name ending before `end` gives a value to. */
export function keyedAt(text: string, end: number, lenient: boolean): Match | undefined {
  const from = nameStart(text, end)
  const name = text.slice(from, end)
  const kind = keyKind(name)
  if (kind === 'none') return undefined
  SUFFIX.lastIndex = end
  const after = SUFFIX.exec(text)?.[0].length ?? 0
  const at = end + after
  const next = text.charCodeAt(at)
  // In the middle of a longer name.
  if ((next >= 65 && next <= 90) || (next >= 97 && next <= 122) || next === 95) return undefined
  for (const [form, pattern] of formsAt(text, from, name, next)) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) continue
    const found = valueAt(text, at + match[0].length, match.groups?.['quote'], { name, kind, form, from, lenient })
    if (found !== undefined) return found
  }
  return undefined
}

type Form = 'sign' | 'list' | 'beside' | 'prose' | 'spaced'
interface Key {
  readonly name: string
  readonly kind: KeyKind
  readonly form: Form
  /** Where the name begins. */
  readonly from: number
  readonly lenient: boolean
}

function formsAt(text: string, from: number, name: string, next: number): readonly (readonly [Form, RegExp])[] {
  if (next === 62 || next === 60) return ELEMENTS
  if (next === 40) return CALLS
  if (next !== 32 && next !== 9) return SIGNS
  if (name.startsWith('-') || text.charCodeAt(from - 1) === 47) return FLAGS
  const before = text.slice(Math.max(0, from - 80), from)
  return COMMAND_BEFORE.test(before) || (PASSWORD_WORD.test(name) && FIRST_IN_LINE.test(before)) ? FLAGS : PROSES
}
const PASSWORD_WORD = /^(?:password|requirepass|masterauth|rpcpassword|passphrase)$/
const ELEMENTS = [['sign', ELEMENT]] as const
const CALLS = [['sign', CALLED]] as const
const SIGNS = [
  ['sign', SIGN],
  ['sign', NAMED],
  ['list', LISTED],
  ['prose', PROSE],
] as const
const FLAGS = [
  ['sign', SIGN],
  ['spaced', SPACED],
] as const
const PROSES = [
  ['sign', SIGN],
  ['prose', PROSE],
  ['beside', BESIDE],
] as const

function nameStart(text: string, end: number): number {
  let start = end
  const least = Math.max(0, end - LONGEST_NAME)
  while (start > least && NAME_CHARACTER.test(text[start - 1] ?? '')) start--
  return start
}
const NAME_CHARACTER = /[\w.-]/

function valueAt(text: string, at: number, quote: string | undefined, key: Key): Match | undefined {
  const end = quote === undefined ? bareEnd(text, at, key) : quotedEnd(text, at, quote)
  if (end - at < 4) return undefined
  const value = text.slice(at, end)
  return isSecret(value, quote !== undefined, key) ? { family: `keyed-${key.kind}`, start: at, end } : undefined
}

function quotedEnd(text: string, at: number, quote: string): number {
  const mark = quote === '&quot;' ? quote : quote.slice(-1)
  const found = text.indexOf(mark, at)
  const line = text.indexOf('\n', at)
  const close = found < 0 || found - at > LONGEST_VALUE || (line >= 0 && line < found) ? -1 : found
  if (close < 0) return bareEnd(text, at, undefined)
  let end = close
  // The escapes of the closing quote are not part of the value.
  while (end > at && text.charCodeAt(end - 1) === 92) end--
  return end
}

const BARE = /[^\s"'`<>|]{1,2048}/y
const NEXT_SETTING = /;[\w .-]{1,40}=|&[\w.-]{1,40}=|,[\w.-]{1,40}[=:]|\\{1,4}[nrt"]|[;,]$|&quot;|&amp;/
const ENV_LINE = /(?:^|\n)\s{0,8}(?:export\s|set\s|ENV\s|-\s)?\s{0,4}[\w.-]{0,80}$/

function bareEnd(text: string, at: number, key: Key | undefined): number {
  BARE.lastIndex = at
  const run = BARE.exec(text)?.[0] ?? ''
  const cut = NEXT_SETTING.exec(run)?.index ?? run.length
  let end = at + cut
  const envLine =
    key !== undefined && key.form === 'sign' && ENV_LINE.test(text.slice(Math.max(0, key.from - 100), key.from))
  if (!envLine) while (end > at && /[.,:;!?)\]}]/.test(text[end - 1] ?? '')) end--
  return end
}

/** Names whose value is an identifier although the last word says key or token. */
const URL_VALUE = /^[a-z][a-z0-9+.-]{1,30}:\/\//i

function isSecret(value: string, quoted: boolean, { kind, form, name, lenient }: Key): boolean {
  if (lenient && form !== 'prose' && (kind === 'password' || kind === 'token' || /cookie$/i.test(name))) {
    return value.length >= 4 && !/^[$<{%]/.test(value)
  }
  if (URL_VALUE.test(value) || isPlaceholder(value)) return false
  if (form === 'list') {
    return (isRandom(value, 16) && !isUuid(value)) || (kind === 'password' && hasThreeKinds(value) && isChosen(value))
  }
  if (form === 'beside') return isBeside(value, quoted, kind)
  if (kind === 'password') {
    if (form === 'prose') return isChosen(value)
    return isPassword(value, quoted) || isRandom(value, 12)
  }
  if (/\s/.test(value) || (!quoted && /[([{]/.test(value))) return false
  if (kind === 'signature') return /^(?:x-(?:amz|goog)-signature|sig)$/i.test(name) && isRandom(value, 30)
  if (kind === 'auth') return isBasicCredential(value) || isRandom(value, 16)
  if (kind === 'weak' && form === 'prose')
    return isRandom(value, 20) && !isUuid(value) && !makeupOf(value, 0, value.length).hex
  if (kind === 'weak') return isWeakly(value)
  if (kind === 'named') return isRandom(value, 20) && !isUuid(value) && !value.includes('/')
  if (isRandom(value, form === 'sign' ? 12 : 14)) return true
  if (form === 'sign' && isUuid(value)) return true
  return quoted && value.length >= 10 && /\d/.test(value) && hasSigns(value) && isPassword(value, true)
}

const hasSigns = (value: string): boolean => /[^\w.\-/:,+= ]/.test(value)

/** Right behind the word, in SQL or in a sentence: nothing but its look says that it is a value. */
function isBeside(value: string, quoted: boolean, kind: KeyKind): boolean {
  if (kind === 'password' && quoted) return isPassword(value, true) && isChosen(value)
  if (kind === 'signature' || kind === 'auth' || isUuid(value) || !isRandom(value, 20)) return false
  const m = makeupOf(value, 0, value.length)
  return (
    !m.hex && !/[/.@]/.test(value) && m.upper > 0 && (m.lower > 0 || m.digits > 2) && m.other < 4 && m.oddness >= 0.4
  )
}

function hasThreeKinds(value: string): boolean {
  const m = makeupOf(value, 0, value.length)
  return m.upper > 0 && m.lower > 0 && m.digits > 0
}

/** In a sentence: three kinds of characters, as no word has. */
function isChosen(value: string): boolean {
  const m = makeupOf(value, 0, value.length)
  return value.length >= 8 && m.digits > 0 && m.upper + m.lower > 0 && isPassword(value, true) && m.distinct >= 6
}

/** A name that says little: only what looks issued. */
function isWeakly(value: string): boolean {
  if (!isRandom(value, 20) || isUuid(value)) return false
  const m = makeupOf(value, 0, value.length)
  if (m.hex) return false
  return m.upper > 0 && m.lower > 0 && m.digits > 0 && m.oddness >= 0.4 && m.other <= 4 && !value.includes('/')
}
