import type { Json, JsonObject, Scrubber, StrictUrl } from '@sallyport/core'
import type { ReadWebDocument } from '../../boundary/ports-web.ts'
import type { Body } from './read-body.ts'

export interface Hop {
  readonly url: StrictUrl
  readonly status: number
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** What of an answer's head is of use to a caller. Cookies never are. */
const TOLD = ['location', 'etag', 'last-modified', 'link', 'retry-after', 'allow', 'x-request-id']
/** Characters of what is told besides the text. */
const MOST_TOLD = 300
const MOST_HEADER = 4_096

/**
 * An answer as the result of a tool: its text for a model, and all that is known of it for a program.
 * @param last what answered, at the end of `hops`
 * @param scrubber takes a credential out of it, in whatever form it came back
 */
export async function webResult(
  last: Hop,
  hops: readonly Hop[],
  headers: Headers,
  { bytes, cut }: Body,
  most: number,
  read: ReadWebDocument,
  scrubber?: Scrubber,
): Promise<JsonObject> {
  const href = withoutFragment(last.url)
  const mediaType = one(headers['content-type'])
  const clean = scrubber === undefined ? bytes : Buffer.concat([scrubber.push(bytes), scrubber.end()])
  const page = await read(clean, mediaType, href)
  // whole, then cut: half of a value would not be found
  const cleaned = (told: string): string => (scrubber === undefined ? told : scrubText(told, scrubber))
  const whole = cleaned(page.text)
  const text = whole.slice(0, most)
  const told = TOLD.flatMap((name) => {
    const value = one(headers[name])
    return value === undefined ? [] : [[name, cleaned(value).slice(0, MOST_HEADER)] as const]
  })
  const about: JsonObject = {
    url: href,
    status: last.status,
    contentType: cleaned(mediaType ?? '').slice(0, MOST_TOLD),
    kind: page.kind,
    title: cleaned(page.title).slice(0, MOST_TOLD),
    bytes: bytes.length,
    cut: cut || text.length < whole.length,
    hidden: page.hidden,
    headers: Object.fromEntries(told),
    hops: hops.map(({ url, status }) => ({ host: url.host, url: withoutFragment(url), status })),
    ...(page.json === undefined || text.length < whole.length ? { text } : { json: page.json }),
  }
  const result: JsonObject = {
    content: [{ type: 'text', text }],
    structuredContent: about,
    isError: last.status >= 400,
  }
  return scrubber === undefined ? result : (scrubbed(result, scrubber) as JsonObject)
}

const one = (value: string | readonly string[] | undefined): string | undefined =>
  value === undefined ? undefined : String(value)

const withoutFragment = ({ href }: StrictUrl): string => href.replace(/#.*$/s, '')

/** Once more, now that everything is text: what was packed, in another character set or written with entities is seen only now (T-126). */
function scrubbed(value: Json, scrubber: Scrubber): Json {
  if (typeof value === 'string') return scrubText(value, scrubber)
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => scrubbed(item, scrubber))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [scrubText(name, scrubber), scrubbed(member as Json, scrubber)]),
  )
}

const scrubText = (text: string, scrubber: Scrubber): string =>
  Buffer.concat([scrubber.push(Buffer.from(text)), scrubber.end()]).toString('utf8')
