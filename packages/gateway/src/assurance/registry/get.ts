import {
  hostMatches,
  parseHostRule,
  placeText,
  readRedirect,
  readRequestUrl,
  SallyportError,
  toSallyportError,
  type StrictUrl,
} from '@sallyport/core'
import type { RegistryAnswer, RegistryFetch } from './deps.ts'

export interface Wanted {
  readonly url: string
  readonly accept: string
  /** Bytes of the answer, at most. */
  readonly most: number
  /** Where this request and its redirects may go. */
  readonly hosts: readonly string[]
  /** Goes to the place of `url` and to no other. */
  readonly token?: string
}

export interface Got {
  readonly status: number
  /** Where it really lay. */
  readonly url: StrictUrl
  readonly bytes: Buffer<ArrayBuffer>
  header(name: string): string | undefined
}

const MOST_REDIRECTS = 3
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Of an answer that is no success: there is nothing to read in it but why. */
const MOST_OF_A_REFUSAL = 65_536

/**
 * One answer of a registry, whole and within its bounds. Every hop is decided about like the first one.
 * @throws SallyportError SP_REGISTRY_REDIRECT, SP_REGISTRY_ANSWER, SP_REGISTRY_TRUNCATED, SP_REGISTRY_TOO_LARGE, SP_EGRESS_*, and
 *   whatever `signal` is aborted with
 */
export async function get(wanted: Wanted, fetch: RegistryFetch, signal: AbortSignal): Promise<Got> {
  const first = allowed(readRequestUrl(wanted.url), wanted.hosts)
  let url = first
  for (let hops = 0; ; hops++) {
    const isFirst = placeText(url) === placeText(first) && url.scheme === first.scheme
    const headers = {
      accept: wanted.accept,
      'accept-encoding': 'identity',
      'user-agent': 'sallyport',
      ...(wanted.token !== undefined && isFirst ? { authorization: `Bearer ${wanted.token}` } : {}),
    }
    const answer = await answering(
      () => fetch(url.href.replace(/#.*$/, ''), { headers, hosts: wanted.hosts, signal }),
      signal,
    )
    const location = answer.header('location')
    if (location === undefined || !REDIRECTS.has(answer.status)) return { ...(await read(answer, wanted, signal)), url }
    answer.discard()
    if (hops === MOST_REDIRECTS) throw redirect(`It redirects more than ${MOST_REDIRECTS} times.`, 'redirects')
    url = allowed(readRedirect(location, url), wanted.hosts)
  }
}

function allowed(read: ReturnType<typeof readRequestUrl>, hosts: readonly string[]): StrictUrl {
  if (!read.ok) throw redirect(`The URL is none that may be asked for (${read.fault}).`, read.fault)
  const { url } = read
  const here = url.address?.address === '127.0.0.1' || url.address?.address === '::1'
  if (url.scheme !== 'https' && !here) throw redirect('It is not of HTTPS.', 'scheme')
  if (hosts.some((one) => hostMatches(parseHostRule(one), url.host, url.port))) return url
  throw redirect('It is on another host.', 'host')
}

const redirect = (text: string, reason: string): SallyportError =>
  new SallyportError('SP_REGISTRY_REDIRECT', text, { details: { reason } })

async function answering<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    signal.throwIfAborted()
    return await act()
  } catch (thrown) {
    signal.throwIfAborted()
    throw toSallyportError(thrown, 'SP_REGISTRY_UNAVAILABLE')
  }
}

async function read(answer: RegistryAnswer, { most }: Wanted, signal: AbortSignal): Promise<Omit<Got, 'url'>> {
  const { status } = answer
  const isRefusal = status < 200 || status >= 300
  const bound = isRefusal ? Math.min(most, MOST_OF_A_REFUSAL) : most
  const header = (name: string): string | undefined => answer.header(name)
  try {
    const encoding = (header('content-encoding') ?? 'identity').trim().toLowerCase()
    if (encoding !== 'identity' && encoding !== '')
      throw new SallyportError('SP_REGISTRY_ANSWER', 'It is packed in a way that was not asked for.')
    const length = header('content-length')
    if (length !== undefined && Number(length) > bound) throw tooLarge(bound)
    const bytes = await collect(answer.body, bound)
    if (length !== undefined && Number(length) !== bytes.length)
      throw new SallyportError('SP_REGISTRY_TRUNCATED', `${bytes.length} bytes of ${Number(length)} came.`)
    return { status, bytes, header }
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError('SP_REGISTRY_TRUNCATED', '', { cause })
  } finally {
    answer.discard()
  }
}

async function collect(body: AsyncIterable<Uint8Array>, most: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > most) throw tooLarge(most)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const tooLarge = (most: number): SallyportError =>
  new SallyportError('SP_REGISTRY_TOO_LARGE', `It has more than ${most} bytes.`, { details: { most } })

/** Where something lay, as a record may have it: a query can hold anything. */
export const withoutQuery = ({ href }: StrictUrl): string => href.replace(/[?#].*$/, '')
