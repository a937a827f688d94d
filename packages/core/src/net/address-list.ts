/** One mailbox of a header field (RFC 5322 §3.4, with RFC 6532 for other scripts). */
export interface Mailbox {
  /** `local@domain`: domain lower case, local part as written, quotes only where it needs them. */
  readonly address: string
  readonly local: string
  readonly domain: string
  /** Text before `<`, unquoted. */
  readonly name: string
}

export type AddressIssue =
  /** An address stands in a display name or comment, where people read it and mail does not go. */
  | 'address-in-name'
  /** `=?utf-8?b?…?=`: programs decode it, people see another text. */
  | 'encoded-name'
  /** CR or LF: the start of another header for whoever pastes it into one. */
  | 'line-break'
  /** No list by the grammar; what looks like an address in it was taken anyway. */
  | 'not-a-list'
  /** `a%b@c`, `b!a@c`, `@relay:a@c`: some servers send it on to another host. */
  | 'relay'
  /** More than one `@` outside of quotes. */
  | 'two-ats'

export interface AddressList {
  readonly mailboxes: readonly Mailbox[]
  /** Further addresses that some parser would take. */
  readonly others: readonly string[]
  /** What is no address, e.g. `Bob`. */
  readonly rest: readonly string[]
  readonly issues: readonly AddressIssue[]
}

interface Entry {
  text: string
  angle: string | undefined
  after: string
  comments: string
  quoted: boolean
}

const WORD = /[^\s<>"',;:()[\]\\@]{1,256}@[^\s<>"',;:()[\]\\@]{1,255}/g
const MAX_ENTRIES = 2048

/**
 * Every mailbox of an address list: names with commas, comments, groups, quoted local parts, `;` between entries as some
 * mail programs write. Nothing is dropped: what is no mailbox is `rest`, and what only some parsers would take is in
 * `others`. One pass, linear in the text.
 */
export function readAddressList(text: string): AddressList {
  const issues = new Set<AddressIssue>()
  if (/[\r\n]/.test(text)) issues.add('line-break')
  const { entries, closed } = entriesOf(text)
  if (!closed) issues.add('not-a-list')
  const mailboxes: Mailbox[] = []
  const others = new Set<string>()
  const rest: string[] = []
  for (const entry of entries) readEntry(entry, { mailboxes, others, rest, issues })
  if (!closed) for (const word of words(text)) others.add(word)
  for (const { address } of mailboxes) others.delete(address)
  return { mailboxes, others: [...others], rest, issues: [...issues].sort() }
}

interface Out {
  readonly mailboxes: Mailbox[]
  readonly others: Set<string>
  readonly rest: string[]
  readonly issues: Set<AddressIssue>
}

function readEntry({ text, angle, after, comments, quoted }: Entry, out: Out): void {
  const shown = angle === undefined ? '' : text
  for (const word of words(`${shown} ${comments}`)) {
    out.issues.add('address-in-name')
    out.others.add(word)
  }
  if (/=\?[^?\s]{1,40}\?[bq]\?/i.test(`${text} ${angle ?? ''}`)) out.issues.add('encoded-name')
  const spec = (angle ?? text).trim()
  if (angle !== undefined && after.trim() !== '') leftover(after.trim(), out)
  if (spec === '') {
    if (shown.trim() !== '') out.rest.push(shown.trim())
    return
  }
  const mailbox = readMailbox(spec, shown.trim(), out.issues)
  if (mailbox === undefined) {
    leftover(spec, out)
    if (shown.trim() !== '') out.rest.push(shown.trim())
    return
  }
  if (quoted && mailbox.local.includes('@')) out.issues.add('two-ats')
  out.mailboxes.push(mailbox)
}

/** Not by the grammar: the addresses in it are taken, the words beside them are left over. */
function leftover(text: string, out: Out): void {
  const found = words(text)
  if (found.length > 0) out.issues.add('not-a-list')
  if ((text.match(/@/g)?.length ?? 0) > found.length) out.issues.add('two-ats')
  for (const word of found) out.others.add(word)
  for (const piece of text.split(/\s+/)) {
    if (piece === '') continue
    const at = piece.lastIndexOf('@')
    if (words(piece).length === 0) out.rest.push(piece)
    // `a@b@c`: mail goes to c for whoever cuts at the last one
    else if (piece.indexOf('@') < at) out.others.add(`"${piece.slice(0, at)}"@${piece.slice(at + 1).toLowerCase()}`)
  }
}

const words = (text: string): readonly string[] =>
  text.includes('@') ? Array.from(text.matchAll(WORD), ([word]) => lowerDomain(word.replace(/\.+$/, ''))) : []

const lowerDomain = (address: string): string => {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${address.slice(at + 1).toLowerCase()}`
}

const ATOM = /^[^\s<>"(),:;@[\]\\]+$/
const DOMAIN = /^(?:\[[^\][\s]{1,64}\]|[^\s<>"(),:;@[\]\\]{1,253})$/

function readMailbox(spec: string, name: string, issues: Set<AddressIssue>): Mailbox | undefined {
  let text = spec
  const route = /^(?:@[^:@]{1,255}:)+/.exec(text)?.[0]
  if (route !== undefined) {
    issues.add('relay')
    text = text.slice(route.length)
  }
  const at = text.lastIndexOf('@')
  if (at <= 0) return undefined
  const local = unquoted(
    text
      .slice(0, at)
      .trim()
      .replace(/\s*\.\s*/g, '.'),
  )
  const domain = text
    .slice(at + 1)
    .trim()
    .replace(/\s*\.\s*/g, '.')
    .replace(/\.$/, '')
    .toLowerCase()
  if (local === undefined || !DOMAIN.test(domain)) return undefined
  if (/[%!]/.test(local)) issues.add('relay')
  const written = ATOM.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`
  return { address: `${written}@${domain}`, local, domain, name }
}

function unquoted(local: string): string | undefined {
  if (!local.startsWith('"')) return ATOM.test(local) ? local : undefined
  const inner = /^"((?:[^"\\]|\\.)*)"$/s.exec(local)?.[1]
  return inner?.replace(/\\(.)/gs, '$1')
}

/** Cut at top-level commas, semicolons and line breaks; `name:` opens a group. */
function entriesOf(text: string): { readonly entries: readonly Entry[]; readonly closed: boolean } {
  const entries: Entry[] = []
  let entry = blank()
  let [depth, inQuote, inAngle, inBracket] = [0, false, false, false]
  const put = (chars: string): void => {
    if (depth > 0) entry.comments += chars
    else if (inAngle) entry.angle = (entry.angle ?? '') + chars
    else if (entry.angle === undefined) entry.text += chars
    else entry.after += chars
  }
  const end = (): void => {
    if (entries.length < MAX_ENTRIES) entries.push(entry)
    entry = blank()
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if (char === '\\' && (inQuote || depth > 0)) put(text.slice(at, ++at + 1))
    else if (inQuote) {
      put(char)
      if (char === '"') inQuote = false
    } else if (char === '(') {
      depth++
      if (depth > 1) put(char)
    } else if (depth > 0) {
      if (char !== ')' || depth > 1) put(char)
      if (char === ')') depth--
      if (depth === 0) entry.comments += ' '
    } else if (char === '"') {
      inQuote = true
      entry.quoted = true
      put(char)
    } else if (inBracket || char === '[') {
      inBracket = char !== ']'
      put(char)
    } else if (char === '<' && !inAngle && entry.angle === undefined) {
      inAngle = true
      entry.angle = ''
    } else if (char === '>' && inAngle) inAngle = false
    else if (inAngle) put(char)
    else if (char === ',' || char === ';' || char === '\n' || char === '\r') end()
    else if (char === ':' && !entry.text.includes('@') && entry.angle === undefined) entry = blank()
    else put(char)
  }
  const closed = depth === 0 && !inQuote && !inAngle && !inBracket && entries.length < MAX_ENTRIES
  end()
  return { entries: entries.filter((one) => `${one.text}${one.angle ?? ''}${one.comments}`.trim() !== ''), closed }
}

const blank = (): Entry => ({ text: '', angle: undefined, after: '', comments: '', quoted: false })
