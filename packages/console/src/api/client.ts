/** What the gateway answers when it does not do what was asked (RFC 9457), or what stands for no answer at all. */
export class Problem extends Error {
  override readonly name = 'Problem'
  /** HTTP status; 0 when the gateway was not reached. */
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly next: string
  readonly eventId: string | undefined

  constructor(status: number, parts: { title: string; code: string; detail: string; next: string; eventId?: string }) {
    super(parts.title)
    this.status = status
    this.code = parts.code
    this.detail = parts.detail
    this.next = parts.next
    this.eventId = parts.eventId
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>

/** GET of a path of the gateway, e.g. `/api/v1/me`. @throws Problem */
export const get = <T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> =>
  send<T>('GET', path + search(query), undefined, signal)

/** POST of a JSON body. @throws Problem */
export const post = <T>(path: string, body: unknown = {}): Promise<T> => send<T>('POST', path, body)

/** PUT of a JSON body. @throws Problem */
export const put = <T>(path: string, body: unknown): Promise<T> => send<T>('PUT', path, body)

/** DELETE; `body` carries a proof where the gateway asks for one. @throws Problem */
export const del = <T>(path: string, body?: unknown): Promise<T> => send<T>('DELETE', path, body)

function search(query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  if (pairs.length === 0) return ''
  return `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`
}

async function send<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, {
    method,
    cache: 'no-store',
    credentials: 'same-origin',
    redirect: 'error',
    ...(signal === undefined ? {} : { signal }),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  }).catch((thrown: unknown) => {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    throw new Problem(0, UNREACHED)
  })
  const text = await response.text()
  const answer = parse(text)
  if (response.ok) return answer as T
  throw problemFrom(response.status, answer)
}

const UNREACHED = {
  title: 'The gateway was not reached.',
  code: 'SP_CONSOLE_UNREACHED',
  detail: 'Nothing was done.',
  next: 'Check that the gateway runs: sallyport status',
}

function problemFrom(status: number, answer: unknown): Problem {
  const parts = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
  const word = (name: string): string => {
    const value = parts[name]
    return typeof value === 'string' ? value : ''
  }
  const eventId = word('eventId')
  return new Problem(status, {
    title: word('title') || `The gateway answered ${status}.`,
    code: word('code') || `HTTP_${status}`,
    detail: word('detail'),
    next: word('next'),
    ...(eventId === '' ? {} : { eventId }),
  })
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
