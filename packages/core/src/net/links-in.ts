export interface Link {
  /** The URL as it stands, without the punctuation of the sentence around it. */
  readonly text: string
  readonly scheme: string
}

/** Schemes that lead somewhere without `//`. */
const BARE = /^(?:mailto|tel|sms|smsto|file|data|javascript|urn|news|sip|sips|xmpp|https?|wss?|ftp)$/
const STOP = /[\s<>"`{}|^]/g
const SCHEME_END = /[a-z][a-z0-9+.-]{0,30}$/i

/**
 * URLs of a text in order, and the text without them. A URL ends at white space, quotes and brackets, and at a comma or
 * semicolon with another URL, host or address behind it. Linear in the text.
 */
export function linksIn(text: string): { readonly links: readonly Link[]; readonly remainder: string } {
  if (!text.includes(':')) return { links: [], remainder: text }
  const links: Link[] = []
  let remainder = ''
  let done = 0
  let stop = 0
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    if (at < done) continue
    const scheme = (SCHEME_END.exec(text.slice(Math.max(done, at - 31), at))?.[0] ?? '').toLowerCase()
    const slashes = text.startsWith('//', at + 1) || text.startsWith('\\\\', at + 1)
    if (scheme === '' || (!slashes && !BARE.test(scheme))) continue
    // `to:` before an address is a header or a group, not a scheme
    const start = at - scheme.length
    if (stop <= at) {
      STOP.lastIndex = at + 1
      stop = STOP.exec(text)?.index ?? text.length
    }
    const end = start + cut(text.slice(start, stop), scheme)
    remainder += text.slice(done, start)
    links.push({ text: text.slice(start, end), scheme })
    done = end
  }
  return { links, remainder: remainder + text.slice(done) }
}

/** Where the URL at the start of a run without spaces ends. */
function cut(run: string, scheme: string): number {
  if (scheme === 'mailto') return trimmed(run, run.length)
  const from = scheme.length + 1
  const next =
    /[,;](?:[a-z][a-z0-9+.-]{1,30}:|[^\s,;/@=&]{1,64}@[^\s,;/@]{1,253}|(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?:[,;/]|$))/i.exec(
      run.slice(from),
    )
  return trimmed(run, next === null ? run.length : from + next.index)
}

function trimmed(run: string, end: number): number {
  const [round, square] = [run.indexOf('('), run.indexOf('[')]
  let last = end
  for (; last > 0 && ".,;:!?')]".includes(run[last - 1] ?? ''); last--) {
    const closes = run[last - 1]
    if ((closes === ')' && round >= 0) || (closes === ']' && square >= 0)) break
  }
  return last
}
