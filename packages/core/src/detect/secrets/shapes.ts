import { hasDigit, isWord, runEnd } from './characters.ts'
import type { Match } from './issued.ts'
import { isPlaceholder } from './placeholder.ts'
import { makeupOf, type Makeup } from './randomness.ts'
import { decodeAscii, isUuid } from './verdict.ts'

/**
 * Runs of 20 and more letters, digits, `_` and `-` that no prefix of the table begins: forms whose mark is inside, and the
 * shape that nearly all issuers use, a word or two and a random body. Identifiers have that shape too, so it depends on the
 * body's length and on what stands around.
 * @param eager The text is nothing else, as a decoded one is
 */
export function shapeAt(text: string, start: number, end: number, eager: boolean): Match | undefined {
  // Nothing issued is without a digit, unless it is long.
  if (end - start < 28 && !hasDigit(text, start, end)) return undefined
  // In the middle of base64.
  if (text.charCodeAt(start - 1) === 43) return undefined
  return marked(text, start, end) ?? prefixed(text, start, end, eager)
}

/** Forms with their mark inside or at the end. Tried on the run alone. */
const MARKED: readonly (readonly [id: string, mark: string, pattern: RegExp])[] = [
  ['azure-key', 'JQQJ9', /^[A-Za-z0-9]{40,120}$/],
  ['azure-devops', 'AZDO', /^[A-Za-z0-9]{70,120}$/],
  ['azure-key', 'AzFu', /^[A-Za-z0-9_-]{44,70}$/],
  ['azure-key', 'AzSe', /^[A-Za-z0-9_-]{44,70}$/],
  ['mailchimp', '-us', /^[0-9a-f]{32}-us\d{1,2}$/],
  ['mailgun', '-', /^[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}$/],
  ['onepassword-secret', 'A3-', /^A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}$/],
]
const DISCORD = /[MNO][A-Za-z0-9_-]{22,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{25,110}/y
const BOT_ID = /(?:^|[^0-9A-Za-z_])(?:bot)?(\d{6,12}):$/

function marked(text: string, start: number, end: number): Match | undefined {
  if (text.charCodeAt(end) === 46) {
    DISCORD.lastIndex = start
    const match = DISCORD.exec(text)
    if (match !== null && makeupOf(match[0], 0, match[0].length).oddness > 0.35) {
      return { family: 'discord', start, end: start + match[0].length }
    }
  }
  if (text.charCodeAt(start - 1) === 58 && end - start >= 30 && end - start <= 50) {
    const id = BOT_ID.exec(text.slice(Math.max(0, start - 18), start))?.[1]
    if (id !== undefined && makeupOf(text, start, end).oddness > 0.35) {
      return { family: 'telegram', start: start - id.length - 1, end }
    }
  }
  if (end - start > 140) return undefined
  const run = text.slice(start, end)
  for (const [family, mark, pattern] of MARKED) {
    if (run.includes(mark) && pattern.test(run)) return { family, start, end }
  }
  return undefined
}

/** What issuers put before identifiers: no secret, however random the rest. */
const IDENTIFIERS: ReadonlySet<string> = new Set(
  (
    'ext external msg run call chatcmpl cmpl thread asst file batch resp toolu srvtoolu ch cus sub in pi evt prod price req ' +
    'acct card txn ii si seti pm src tok ba po re cs dp fee link plan py tr we img image vid video doc docs usr ' +
    'user org team proj project ws wrk workspace item job task build bld deploy deployment dpl commit sha sha1 ' +
    'sha256 sha384 sha512 md5 etag trace span session sess rs fc ctx snap vol subnet vpc ami sg eni rtb igw i ' +
    'eipalloc acl vpce tgw arn conv gen embd ft ftjob vs container cntr mcp mcpr rsi request log dash chart page ' +
    'cursor hash asset chunk main vendor bundle css index style styles app polyfills runtime id uid uuid guid ref ' +
    'node inst instance cluster env pod svc db table row col key kid fp fingerprint cert ca pub pk public ' +
    'publishable nonce salt iv mac sig signature checksum digest integrity blob tree rev version v cid pid tid ' +
    'oid aid did rid channel chan dev device dm post comment issue pr event order inv invoice pay payout refund ' +
    'customer account contact lead company deal ticket conn connection flow wf workflow exec execution step ' +
    'action trigger hook wh webhook endpoint ep route rule policy pol role perm group grp member invite domain ' +
    'dns zone cdn edge fn func function lambda layer data dataset model mdl emb vec idx search query tab tbl view ' +
    'form field fld rec record viw auto pool queue topic stream shard part media upload cache tmp temp svg icon ' +
    'font react ember ng vue gtm ua g fb pixel'
  ).split(' '),
)

/** Whether a prefix is one of those, or a version. */
function isIdentifier(prefix: string): boolean {
  const first = prefix.slice(0, prefix.search(/[_-]/)).toLowerCase()
  return IDENTIFIERS.has(first) || /^v\d+$/.test(first)
}

/** Words in a prefix that say what follows. */
const SAYS_SECRET =
  /(?:^|[_-])(?:sk|pat|key|apikey|api|token|tok|secret|sec|live|prod|test|priv|private|auth|access|admin|oauth|personal|service|svc|rk|cred|password|pw|st|at|rt|sat|jwt|bearer)[_-]/i

const AROUND =
  /secret|token|passw|credential|api[ _-]?key|\bkey\b|\bkeys\b|bearer|authoriz|\bauth\b|\bpat\b|\blog ?in\b|\bAPI\b|[_-](?:key|pat)\b/i

/** Longest run that is looked at: longer ones are data. */
const LONGEST = 400
/** A short first part with a stop: `SG.`, `ya29.`, `dt0c01.PUBLIC.`. */
const HEAD = /(?:^|[\s"'`=:(>,|])([A-Za-z][A-Za-z0-9]{1,15}\.(?:[A-Za-z0-9_-]{2,40}\.)?)$/

function prefixed(text: string, runStart: number, runEndAt: number, eager: boolean): Match | undefined {
  if (runEndAt - runStart > LONGEST) return undefined
  let start = runStart
  let body: number
  const before = start > 0 ? text.charCodeAt(start - 1) : 32
  if (before === 46) {
    const head = HEAD.exec(text.slice(Math.max(0, start - 64), start))?.[1]
    if (head === undefined) return undefined
    body = start
    start -= head.length
  } else {
    // Part of a path, an encoded text, a fragment.
    if (before === 47 || before === 43 || before === 37 || before === 35) return undefined
    body = bodyStart(text, start, runEndAt)
  }
  const prefix = text.slice(start, body)
  if (
    body > start ? isIdentifier(prefix) : !eager && before !== 32 && before !== 34 && before !== 39 && before !== 96
  ) {
    return undefined
  }
  const end = tokenEnd(text, body, runEndAt)
  if (end === undefined || end - body < 16) return undefined
  const makeup = makeupOf(text, body, end)
  const length = end - body
  if (makeup.distinct < 8 || (makeup.digits === 0 && (makeup.oddness < 0.55 || length < 28))) return undefined
  if (isUuid(text.slice(body, end)) && !SAYS_SECRET.test(prefix)) return undefined
  const talkedAbout = (): boolean => eager || isTalkedAbout(text, start, end)
  const found = (family: string): Match | undefined =>
    isPlaceholder(text.slice(start, end)) ? undefined : { family, start, end }
  if (body === start)
    return isPlain(makeup, length) && (eager ? !isEncoded(text, start, end) : isPassedOn(text, start, end))
      ? found('bare')
      : undefined
  const secretWord = SAYS_SECRET.test(prefix)
  if (makeup.hex || makeup.upper === 0 || makeup.lower === 0) {
    // Hash-like: both the length of a key and a word that says so.
    if (makeup.oddness < (makeup.hex ? 0.25 : 0.4) || length < (secretWord ? 24 : 30)) return undefined
    return secretWord || talkedAbout() ? found('token') : undefined
  }
  if (makeup.oddness < 0.42) return undefined
  if (before !== 46 && (length >= 30 || (secretWord && length >= 16))) return found('token')
  return talkedAbout() ? found('token') : undefined
}

/** What was hidden is hidden once more: it speaks when it is decoded. */
const isEncoded = (text: string, start: number, end: number): boolean =>
  decodeAscii(text.slice(start, end)) !== undefined

/** No prefix at all: three kinds of characters, and long. */
const isPlain = (makeup: Makeup, length: number): boolean =>
  length >= 20 && makeup.upper > 0 && makeup.lower > 0 && makeup.digits > 0 && makeup.oddness >= 0.5 && makeup.other < 4

/** Where the token ends whose run ends at `end`; undefined where the run is part of a name or a path. */
function tokenEnd(text: string, body: number, end: number): number | undefined {
  const after = text.charCodeAt(end)
  if (after === 46 && isWord(text.charCodeAt(end + 1))) {
    const stop = runEnd(text, end, 'dotted')
    // An ending, a host name, a member.
    if (stop - end <= 6 || makeupOf(text, end + 1, stop).oddness < 0.15) return undefined
    return stop
  }
  if (after === 43 || after === 47) {
    if (end - body < 12 || makeupOf(text, body, end).oddness < 0.4) return undefined
    const stop = runEnd(text, end, 'base64')
    return makeupOf(text, end, stop).oddness < 0.4 ? undefined : stop
  }
  return end
}

/** Where the words of the prefix end: `sk_live_`, `tgp_v1_`, `pat-na1-`. Equal to `start` when there is none. */
function bodyStart(text: string, start: number, end: number): number {
  let at = start
  let segment = start
  for (let i = start; i < end && i - start < 40; i++) {
    const code = text.charCodeAt(i)
    if (code !== 95 && code !== 45) continue
    if (i === segment) {
      at = i + 1
      segment = i + 1
      continue
    }
    if (i - segment > 12 || !isWordy(text, segment, i)) break
    at = i + 1
    segment = i + 1
  }
  return at
}

function isWordy(text: string, start: number, end: number): boolean {
  const m = makeupOf(text, start, end)
  if (m.lower > 0 && m.upper > 1 && end - start > 4) return false
  if (m.digits > 2) return false
  return end - start <= 5 ? m.upper === 0 || m.lower === 0 : m.oddness < 0.4
}

function isTalkedAbout(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 64), start)
  return AROUND.test(before) || AROUND.test(text.slice(end, end + 40)) || isPassedOn(text, start, end)
}

const HANDED = /\b(?:use|used|using|try|tried|paste|pasted|rotate|revoke|leaked|remove|with)(?::| is| was)?\s["'`]?$/i
const FOR_WHAT =
  /^["'`]?,?\s(?:to|when|for|as|in)\s[^\n]{0,40}(?:\bAPI\b|auth|log ?in|publish|deploy|call|request|connect|push|upload)/i
const REMOVED = /(?:remove|rotate|revoke|leaked|secret|credential|password)\w{0,3}:?\s["'`]?$/i

/** `used … to call the API`, `TODO remove: …`. */
function isPassedOn(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 24), start)
  return REMOVED.test(before) || (HANDED.test(before) && FOR_WHAT.test(text.slice(end, end + 64)))
}
