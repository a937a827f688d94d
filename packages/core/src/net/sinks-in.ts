import { bareHost, urlsIn } from '../action/destinations.ts'
import { readAddressList, type AddressIssue } from './address-list.ts'
import { mailboxOf } from './mail-providers.ts'
import { linksIn, type Link } from './links-in.ts'
import { sinkIdentity, type SinkIdentity } from './sink.ts'
import { readHost, readUrl, type UrlFault } from './url.ts'

/** Where a leaf sends something. `id` is what to compare and to remember; equal ids reach one account. */
export interface Sink {
  readonly kind: 'file' | 'handle' | 'host' | 'mail' | 'phone' | 'url'
  readonly id: string
  /** Registrable domain or mail domain; empty where there is none. */
  readonly domain: string
  /** As it stands in the leaf. */
  readonly text: string
  /** `nested`: inside another URL. `other`: some parser would take it. */
  readonly via: 'nested' | 'other' | 'plain'
  readonly identity?: SinkIdentity
}

export interface SinkHints {
  /** Role of the argument; `content` looks for links in running text and leaves no rest. */
  readonly role?: 'audience' | 'content' | 'param' | 'secret' | 'selector' | 'sink'
}

export interface LeafSinks {
  readonly sinks: readonly Sink[]
  /** What is no destination: `Bob`. In a sink leaf that is a sink nobody can name, never nothing (T-102). */
  readonly rest: string
  /** `mail.two-ats`, `url.userinfo`, `leaf.line-break` …; reasons not to take the leaf as read. */
  readonly issues: readonly string[]
}

/** UTF-16 units read of a leaf; what is beyond is rest. */
const MAX_LEAF = 65_536

/**
 * All sinks that one string names: address lists, URLs with the URLs in them, `mailto:` with its `cc` and `bcc`, bare hosts,
 * `git@host:path`, phone numbers and handles. What only some parsers would take is a sink as well. Linear in the string.
 */
export function sinksIn(value: string, hints: SinkHints = {}): LeafSinks {
  const found = new Collection()
  const text = value.slice(0, MAX_LEAF)
  if (text.length < value.length) found.issue('leaf.too-long', value.slice(MAX_LEAF, MAX_LEAF + 100))
  const running = hints.role === 'content'
  if (!running && /[\r\n]/.test(text.trim())) found.issue('leaf.line-break')
  const { links, remainder } = linksIn(text)
  for (const link of links) readLink(link, found, 'plain', 0)
  if (running) for (const address of readAddressList(remainder).others) found.mail(address, address, 'plain')
  else readRemainder(remainder, found)
  return found.result(running)
}

class Collection {
  private readonly sinks = new Map<string, Sink>()
  private readonly left: string[] = []
  private readonly issues = new Set<string>()

  add(sink: Sink): void {
    const key = `${sink.kind} ${sink.id}`
    if (!this.sinks.has(key)) this.sinks.set(key, sink)
  }
  mail(address: string, text: string, via: Sink['via']): void {
    const at = address.lastIndexOf('@')
    const host = readHost(address.slice(at + 1))
    const domain = typeof host === 'string' ? address.slice(at + 1).toLowerCase() : host.host
    if (typeof host === 'string') this.issue(`mail.${host}`)
    this.add({ kind: 'mail', id: mailboxOf(address.slice(0, at), domain), domain, text, via })
  }
  rest(text: string): void {
    if (text.trim() !== '') this.left.push(text.trim())
  }
  issue(name: string, left = ''): void {
    this.issues.add(name)
    this.rest(left)
  }
  result(running: boolean): LeafSinks {
    const rest = running ? '' : this.left.join(' ')
    return { sinks: [...this.sinks.values()], rest, issues: [...this.issues].sort() }
  }
}

const MAX_DEPTH = 3

function readLink({ text, scheme }: Link, found: Collection, via: Sink['via'], depth: number): void {
  if (scheme === 'mailto') return readMailto(text, found, via)
  if (scheme === 'tel' || scheme === 'sms' || scheme === 'smsto') {
    const number = text.slice(scheme.length + 1).replace(/[?;].*$/s, '')
    for (const one of number.split(',')) found.add({ kind: 'phone', id: digits(one), domain: '', text, via })
    return
  }
  nested(text, found, depth)
  if (scheme === 'file') return found.add({ kind: 'file', id: text, domain: '', text, via })
  const reading = readUrl(text)
  if (reading.kind === 'url') {
    const identity = sinkIdentity(reading.url)
    found.add({ kind: 'url', id: identity.id, domain: identity.domain, text, via, identity })
    return
  }
  const { fault } = reading.refused
  found.issue(`url.${fault satisfies UrlFault}`)
  // what parsers disagree about leads to every host that one of them finds
  const { hosts } = urlsIn(text)
  for (const host of hosts) found.add({ kind: 'host', id: host, domain: host, text, via: 'other' })
  if (hosts.length === 0) found.rest(text)
}

/** URLs in the path, query and fragment of a URL: redirectors, previewers, `?next=`. */
function nested(text: string, found: Collection, depth: number): void {
  const from = text.indexOf('://') + 3
  const tail = text.slice(from)
  const { links } = linksIn(decoded(tail))
  if (depth >= MAX_DEPTH) return links.length > 0 ? found.issue('url.nested', text) : undefined
  for (const link of links) readLink(link, found, 'nested', depth + 1)
  const address = /[?&][^=&#]{1,64}=([^&#]*)/g
  for (const [, value = ''] of tail.matchAll(address)) {
    const plain = decoded(value)
    if (/^\/\/[^/]/.test(plain)) readLink({ text: `https:${plain}`, scheme: 'https' }, found, 'nested', depth + 1)
  }
}

function decoded(text: string): string {
  let plain = text
  for (let round = 0; round < 2 && plain.includes('%'); round++) {
    plain = plain.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run)
      } catch {
        return run
      }
    })
  }
  return plain
}

const RECIPIENT_FIELDS = new Set([
  'to',
  'cc',
  'bcc',
  'from',
  'sender',
  'reply-to',
  'resent-to',
  'resent-cc',
  'resent-bcc',
])

/** RFC 6068: addresses in the path and in the `to`, `cc`, `bcc` fields of the query. */
function readMailto(text: string, found: Collection, via: Sink['via']): void {
  const [path, query] = splitOnce(text.slice('mailto:'.length).replace(/^\/\//, ''), '?')
  readList(decoded(path), found, via)
  for (const field of query.split(/&(?:amp;)?/i)) {
    const [name, value] = splitOnce(field, '=')
    const key = decoded(name).trim().toLowerCase()
    const content = decoded(value)
    if (RECIPIENT_FIELDS.has(key)) readList(content, found, via)
    else if (key === 'attach' || key === 'attachment') found.add({ kind: 'file', id: content, domain: '', text, via })
    if (/[\r\n]/.test(`${key}${key === 'body' ? '' : content}`)) {
      found.issue('leaf.line-break')
      readList(content.replace(/^.*?[\r\n]+/s, ''), found, 'other')
    }
  }
}

function splitOnce(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

function readList(text: string, found: Collection, via: Sink['via']): void {
  const { mailboxes, others, rest, issues } = readAddressList(text)
  for (const { address } of mailboxes) found.mail(address, address, via)
  for (const address of others) found.mail(address, address, 'other')
  for (const piece of rest) found.rest(piece)
  for (const issue of issues) found.issue(`mail.${issue satisfies AddressIssue}`)
}

/** What is left when the URLs are gone: addresses, hosts, handles, numbers, words. */
function readRemainder(text: string, found: Collection): void {
  if (text.trim() === '') return
  const git = /^\s*([\w.-]{1,64})@([\w.-]{1,253}|\[[0-9a-f:.]+\]):(?!\d+$)(\S+)\s*$/i.exec(text)
  if (git !== null) return readGit(git[2] ?? '', git[3] ?? '', text.trim(), found)
  // `@ana @bob` are handles: nothing stands before the sign
  if (!/[^\s,;]@/.test(text)) return readWords(text, found)
  const { mailboxes, others, rest, issues } = readAddressList(text)
  for (const { address } of mailboxes) found.mail(address, address, 'plain')
  for (const address of others) found.mail(address, address, 'other')
  for (const issue of issues) found.issue(`mail.${issue}`)
  for (const piece of rest) readWords(piece, found)
}

/** `git@github.com:owner/repo.git` is `ssh://github.com/owner/repo`. */
function readGit(host: string, path: string, text: string, found: Collection): void {
  const reading = readUrl(`ssh://${host}/${path.replace(/^\/+/, '').replace(/\.git$/, '')}`)
  if (reading.kind === 'refused') return found.issue(`url.${reading.refused.fault}`, text)
  const identity = sinkIdentity(reading.url)
  found.add({ kind: 'url', id: identity.id, domain: identity.domain, text, via: 'plain', identity })
}

const PHONE = /^\+?[\d][\d\s().-]{6,22}$/
const HANDLE = /^[@#][\p{L}\p{N}][\p{L}\p{N}._-]{0,79}$/u
const digits = (text: string): string => text.replace(/[^\d+]/g, '')

function readWords(text: string, found: Collection): void {
  for (const part of text.split(/[,;\r\n]+/)) {
    const whole = part.trim()
    if (PHONE.test(whole) && digits(whole).length >= 8) {
      found.add({ kind: 'phone', id: digits(whole), domain: '', text: whole, via: 'plain' })
      continue
    }
    for (const word of whole.split(/\s+/)) readWord(word, found)
  }
}

function readWord(word: string, found: Collection): void {
  if (word === '') return
  const host = bareHost(word)
  if (HANDLE.test(word)) found.add({ kind: 'handle', id: word.toLowerCase(), domain: '', text: word, via: 'plain' })
  else if (host === '') found.rest(word)
  else {
    const reading = readUrl(`https://${word.replace(/^[/\\]+/, '')}`)
    const identity = reading.kind === 'url' ? sinkIdentity(reading.url) : undefined
    const sink = {
      kind: 'host',
      id: identity?.id.slice('https://'.length).replace(/\/$/, '') ?? host,
      text: word,
    } as const
    found.add({
      ...sink,
      domain: identity?.domain ?? host,
      via: 'plain',
      ...(identity === undefined ? {} : { identity }),
    })
  }
}
