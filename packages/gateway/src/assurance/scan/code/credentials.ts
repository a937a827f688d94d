import { findSecrets, isNamedSecret, judgeKey } from '@sallyport/core'
import { positional } from './flow/given.ts'
import type { CallSite, NamedSite } from './flow/machine.ts'
import { alternatives, constantText, textValue, type Value } from './flow/value.ts'
import { CREDENTIAL_ARGUMENTS } from './models/credential-arguments.ts'

type Report = (at: number, end: number, detail: string) => void

export interface CredentialWatch {
  call(site: CallSite): void
  named(site: NamedSite): void
  /** Whether what the secrets detector found is none in a program: a type, a pattern, an expression. */
  isHarmless(start: number, end: number, family: string): boolean
}

/** Names whose value is a secret although it may be short and simple. */
const PASSWORD =
  /(?:^|[_.-]|[a-z](?=[A-Z]))(?:p(?:ass)?w(?:or)?d|pw|pass(?:word|wd|phrase|code)?|pwd|passwort|secret|api_?key|auth_?token|access_?token|private_?key|client_?secret|secret_?key(?:_?base)?|signing_?key|encryption_?key|master_?key|token|credentials?|creds?)\d*$/i
/** Names of things that are about a secret and are none. */
const ABOUT =
  /(?:label|name|field|hint|placeholder|url|uri|path|file|header|env|var|column|key_?id|type|regex|pattern|prefix|suffix|length|len|min|max|help|text|title|message|msg|error|desc|description|policy|rule|endpoint|param|input|form|prompt|example|doc|docs|count|ttl|expiry|expires|algorithm|alg|hash|id|ref|arn|selector|class|format|schema|scope|issuer|kind|page|route|event|action|state|status|mode|strategy|provider|manager|store|storage|reset|policy)$/i
/** Words of any language, with the sign of a question or a label behind. */
const WORDS = /^[\p{L}\p{M}]+(?:[\s_.,;:/&()'’·–-]{1,2}[\p{L}\p{M}]+)*[\s_.,;:?!…*)-]{0,3}$/u
const TEST_WORD =
  /wrong|invalid|bad|incorrect|test|example|sample|dummy|fake|changeme|placeholder|your|xxx|redacted|<|\$\{|\{\{|%[sd(]|\.\.\.|\*{3,}|none|null|todo|insert|replace|required|password|passwd|secret|token|username/i

/** The bytes of a key, written as base64 or hexadecimal digits. */
const isKeyBytes = (name: string, text: string): boolean =>
  /(?:^|[a-z_])keys?$/i.test(name) &&
  (/^[0-9a-f]{32,128}$/i.test(text) ||
    (/^[\w+/-]{24,128}={0,2}$/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text)))

/** All signs that ids are made of, in whatever order: drawn at random some of so many would stand there twice. */
const isAlphabet = (text: string): boolean => text.length >= 36 && new Set(text).size === text.length

/** The number of an object in a registry of names (`1.2.840.113549.1.9.7`). */
const OBJECT_ID = /^\d+(?:\.\d+){3,}$/

/** The form of a secret and none. */
const MASK = /^[\w-]{0,8}(?:x{4}|X{4}|\*{3}|•{3}|\.{3}|…)[\w*•.…-]{0,24}$/

/** A word of another language, one with the sign of a label behind it, the key of a message. */
const isSaying = (text: string): boolean =>
  text.length < 60 &&
  ((/[^\0-\xbf]|[?:…]$/.test(text) && WORDS.test(text)) ||
    /^[a-z][a-zA-Z]{0,15}(?:\.[a-zA-Z_]{1,15}\d{0,2}){1,5}$/.test(text))

/** Whether a literal with such a name is a secret value, and no label, name, path or placeholder. */
function isSecretLiteral(name: string, text: string): boolean {
  if (text.length < 5 || text.length > 4096 || (/\s{2}|\n/.test(text.trim()) && !/-----BEGIN/.test(text))) return false
  if (/\s/.test(text.trim()) && !text.startsWith('-----BEGIN')) return false
  if (isSaying(text) || MASK.test(text) || OBJECT_ID.test(text)) return false
  if (isNamedSecret(name, text)) return true
  if (judgeKey(name) === 'plain' && !PASSWORD.test(name)) return false
  if (!PASSWORD.test(name) || ABOUT.test(name)) return false
  if (
    /^(?:https?|file|env|vault|op|arn|aws|ssm|secretsmanager):/.test(text) ||
    /^[./~]/.test(text) ||
    text.includes(' ')
  )
    return false
  if (TEST_WORD.test(text) && !/\d/.test(text)) return false
  if (/^(?:\$|@|#|%|\{|<|\[)/.test(text) && !/[A-Za-z0-9]{6}/.test(text)) return false
  const kinds =
    Number(/[a-z]/.test(text)) +
    Number(/[A-Z]/.test(text)) +
    Number(/\d/.test(text)) +
    Number(/[^A-Za-z0-9]/.test(text))
  if (WORDS.test(text) || /^[A-Z][A-Z0-9_]+$/.test(text) || /^[a-z]+(?:[-_./][a-z0-9]+)*$/.test(text)) return false
  if (TEST_WORD.test(text) && !/\d{2}|[!@#$%^&*]/.test(text)) return false
  if (/^(?:changeme|password|example|your|test)/i.test(text) && text.length < 14) return false
  return kinds >= 2 && (/\d/.test(text) || /[^A-Za-z0-9_.\s/-]/.test(text.slice(1, -1)))
}

const IN_SETTINGS =
  /(?:^|[\s;?&])(?:password|passwd|pwd|pass|AccountKey|SharedAccessKey|accesskey|secret|token|api_?key)\s*=\s*(?<word>[^\s;'"&]{6,})|^[\w.-]+:(?<user>[^@/\s:]{6,})@(?:tcp|unix|udp|\w[\w.-]*)[(:/]|^[a-z][\w+.-]{1,20}:\/\/[^\s:@/]{0,60}:(?<pass>[^@/\s]{8,})@\w/i
const COMPARES =
  /^(?:equals|equalsIgnoreCase|eql\?|compare_digest|timingSafeEqual|secure_compare|ConstantTimeCompare|isEqual|EqualFold|strictEqual)$/
const BESIDE =
  /^(?:request|use|set|header|add|append|setHeader|addHeader|put|setProperty|Set|Add|setRequestHeader|setRequestProperty|authorization|basic_auth|with|field|setParameter|config|setEnv|Setenv|setenv|putenv|addParameter|setInitParameter|requestProperty|addRequestProperty|headers|defaultHeader|setdefault|setItem|setString)$/
const SAYS_SECRET =
  /^(?:proxy-)?authorization$|^basic$|^bearer$|^token$|api[-_]?key$|auth[-_]?token$|^x-[\w-]*(?:token|key|secret)$|passw(?:or)?d$|secret$/i
const SCHEMES = /^(?:Bearer|Basic|Token|ApiKey|Key|Bot|token)$/i

export function createCredentialWatch(source: string, report: Report): CredentialWatch {
  const told = new Set<string>()
  const look = (name: string, value: Value, at: number, end: number): void => {
    for (const one of alternatives(value)) lookAt(name, one, at, end)
  }
  const lookAt = (name: string, value: Value, at: number, end: number): void => {
    const text = constantText(value)
    if (text === undefined || value.atom !== undefined) return
    if (isSecretLiteral(name, text) || (isKeyBytes(name, text) && source.slice(0, at).endsWith('[]byte(')))
      report(at, end, name)
    else if (text.length >= 16 && isHidden(source, text, told)) report(at, end, name)
  }
  /** Settings of a connection in one text: `host=db password=…`, `user:…@tcp(db)`. */
  const lookInside = (value: Value, at: number, end: number): void => {
    if (value.atom !== undefined || value.pieces.length !== 1) return
    const text = constantText(value)
    if (text === undefined || text.length < 12 || text.length > 2048) return
    const { word, user, pass } = IN_SETTINGS.exec(text)?.groups ?? {}
    const secret = word ?? user ?? pass
    if (secret !== undefined && isSecretLiteral('password', secret)) report(at, end, 'password')
  }
  /** The last of several texts is the secret, as the ones before it say: `:authorization, :basic, "user", "…"`. */
  const lookBeside = ({ given, name, at, end }: CallSite): void => {
    if (!BESIDE.test(name)) return
    const texts = given.map(({ value }) => constantText(value))
    const last = texts.at(-1)
    if (last === undefined || texts.length < 2) return
    const said = texts.slice(0, -1).some((text) => text !== undefined && SAYS_SECRET.test(text))
    if (!said) return
    const [, scheme, rest] = /^(\w+)\s+(\S+)$/.exec(last) ?? []
    if (isSecretLiteral('password', scheme !== undefined && rest !== undefined && SCHEMES.test(scheme) ? rest : last))
      report(at, end, 'password')
  }
  /** `--password x`, `config set aws_secret_access_key x`, `-e DB_PASSWORD=x`, `docker login -p x`. */
  const lookOption = ({ given, name, at, end }: CallSite): void => {
    const texts = given.map(({ value }) => constantText(value))
    for (const [i, text] of texts.entries()) {
      if (text === undefined) continue
      const [, label = '', value = ''] = /^(?:-{1,2}|[-\w]*=)?([\w./:-]{2,60})=(.+)$/.exec(text) ?? []
      if (value !== '') look(lastWord(label), textValue(value), at, end)
      const next = texts[i + 1]
      if (next === undefined || next.startsWith('-')) continue
      const short = SHORT_OPTIONS.get(name)?.includes(text) === true
      if (short) look('password', textValue(next), at, end)
      else if (/^(?:--?)?[\w./:-]{3,80}$/.test(text)) look(lastWord(text), textValue(next), at, end)
    }
  }
  /** `pw.equals("…")`, `compare_digest(token, "…")`. */
  const lookCompared = ({ given, name, receiver, at, end }: CallSite): void => {
    if (!COMPARES.test(name)) return
    const values = [...(receiver === undefined ? [] : [receiver]), ...given.map(({ value }) => value)].slice(-2)
    const [a, b] = values
    if (a === undefined || b === undefined) return
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const label = /(\w+)(?:\(\))?$/.exec(other.path ?? '')?.[1]
      if (label !== undefined && constantText(other) === undefined) look(label, one, at, end)
    }
  }
  return {
    named: ({ name, value, expr }) => {
      lookInside(value, expr.at, expr.end)
      if (name === 'auth' && value.items?.length === 2 && value.items[1] !== undefined)
        look('password', value.items[1], expr.at, expr.end)
      if (value.items !== undefined || value.fields !== undefined) return
      look(name, value, expr.at, expr.end)
    },
    call: (site) => {
      for (const { value } of site.given) lookInside(value, site.at, site.end)
      lookBeside(site)
      lookCompared(site)
      if (site.language === 'bash') lookOption(site)
      for (const { index, name } of CREDENTIAL_ARGUMENTS.get(site.path) ??
        CREDENTIAL_ARGUMENTS.get(`*.${site.name}`) ??
        []) {
        const value = positional(site.given, index)
        if (value !== undefined) look(name, value, site.at, site.end)
      }
      for (const { name, value } of site.given) {
        if (name !== 'auth' || value.items?.length !== 2 || value.items[1] === undefined) continue
        look('password', value.items[1], site.at, site.end)
      }
    },
    isHarmless: (start, end, family) => {
      const text = source.slice(start, end)
      // of no issuer, by its shape alone
      if (family === 'token' || family === 'bare') return isAlphabet(text) || isMember(source, start, end)
      if (!family.startsWith('keyed-')) return false
      // a word of another language
      const plain = text.replace(/\\u\{?([0-9a-fA-F]{2,6})\}?/g, (all, code: string) => {
        const point = Number.parseInt(code, 16)
        return point > 0xbf && point <= 0x10ffff ? String.fromCodePoint(point) : all
      })
      if (isSaying(plain) || OBJECT_ID.test(text) || (text.length < 40 && MASK.test(text))) return true
      // an expression or a pattern that is not in quotes
      const before = source[start - 1] ?? ''
      const quoted =
        /["'`]/.test(before) ||
        /["'`]/.test(source.slice(Math.max(0, start - 40), start).match(/["'`][^"'`\n]*$/)?.[0] ?? '')
      return !quoted && /[()[\]]|^[A-Za-z_][\w.]*$/.test(text)
    },
  }
}

/** A long name that is called or given a value: `pki.getCipherForPKCS12PBE(`. */
const isMember = (source: string, start: number, end: number): boolean =>
  source.slice(start - 1, end).includes('.') &&
  /^[A-Za-z_$][\w$.]*$/.test(source.slice(start, end)) &&
  /^\s{0,8}(?:\(|=)/.test(source.slice(end, end + 12))

/** Options of one letter that take a password. */
const SHORT_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    docker: ['-p'],
    podman: ['-p'],
    helm: ['-p'],
    sshpass: ['-p'],
    mongo: ['-p'],
    mongosh: ['-p'],
    mongodump: ['-p'],
    'redis-cli': ['-a'],
    ldapsearch: ['-w'],
    ldapadd: ['-w'],
    sqlcmd: ['-P'],
    bcp: ['-P'],
    smbclient: ['-p'],
    az: ['-p'],
    cf: ['-p'],
    oc: ['-p'],
    curl: ['-p'],
    zip: ['-P'],
    unzip: ['-P'],
    openssl: ['-k', '-K'],
  }),
)
const lastWord = (label: string): string => label.replace(/^-+/, '').replace(/^.*[/:.]_?/, '')

/** Put together of parts, or decoded: a known form that the text itself does not show, told of once. */
function isHidden(source: string, text: string, told: Set<string>): boolean {
  if (source.includes(text)) return false
  return findSecrets(text, 'result', { decode: false }).some(({ start, end }) => {
    const secret = text.slice(start, end)
    if (told.has(secret) || source.includes(secret)) return false
    told.add(secret)
    return true
  })
}
