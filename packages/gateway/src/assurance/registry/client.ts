import { decodeUtf8, escapeText, parseJson, SallyportError, type Json } from '@sallyport/core'
import type { z } from 'zod'
import type { Registries } from '../../config/registries-schema.ts'
import type { RegistryDeps } from './deps.ts'
import { get, type Got, type Wanted } from './get.ts'

/** A place of the configuration. */
export interface Place {
  readonly url: string
  readonly downloads: readonly string[]
  readonly token?: string | undefined
}

/** One errand to a registry: all that it asks, under one deadline. */
export interface Client {
  readonly config: Registries
  readonly trust: RegistryDeps['trust']
  readonly now: () => number
  /** An answer that is a success; other statuses are errors. */
  readonly bytes: (wanted: Wanted) => Promise<Got>
  /** The same, or undefined when there is no such thing. */
  readonly optionalBytes: (wanted: Wanted) => Promise<Got | undefined>
  readonly json: <T>(shape: z.ZodType<T>, place: Place, path: string, accept?: string) => Promise<T>
  readonly optionalJson: <T>(shape: z.ZodType<T>, place: Place, path: string) => Promise<T | undefined>
}

/**
 * Runs an errand with a deadline.
 * @throws SallyportError SP_REGISTRY_TIMEOUT, and what the errand throws
 */
export async function withClient<T>(
  deps: RegistryDeps,
  given: AbortSignal | undefined,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const { config, fetch, now, trust } = deps
  const own = new AbortController()
  const late = new SallyportError('SP_REGISTRY_TIMEOUT', `It took longer than ${config.limits.time / 1000} seconds.`)
  const timer = setTimeout(() => own.abort(late), config.limits.time)
  const signal = given === undefined ? own.signal : AbortSignal.any([own.signal, given])
  const ask = (wanted: Wanted): Promise<Got> => get(wanted, fetch, signal)
  const optionalBytes: Client['optionalBytes'] = async (wanted) => {
    const got = await ask(wanted)
    return got.status === 404 ? undefined : successful(got)
  }
  const described = (place: Place, path: string, accept = 'application/json'): Wanted => ({
    ...requestTo(place, path),
    accept,
    most: config.limits.json,
  })
  const client: Client = {
    ...{ config, trust, now, optionalBytes },
    bytes: async (wanted) => successful(await ask(wanted)),
    json: async (shape, place, path, accept) => readJson(shape, successful(await ask(described(place, path, accept)))),
    optionalJson: async (shape, place, path) => {
      const got = await optionalBytes(described(place, path))
      return got === undefined ? undefined : readJson(shape, got)
    },
  }
  try {
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
    signal.throwIfAborted()
    return await Promise.race([act(client), stopped])
  } finally {
    clearTimeout(timer)
    // ends what still runs
    own.abort(late)
  }
}

/** A request below the base of a place, or to a URL that the place named. */
export function requestTo(place: Place, path: string): Pick<Wanted, 'url' | 'hosts' | 'token'> {
  const base = new URL(place.url)
  const own = base.port === '' ? `${base.hostname}:${base.protocol === 'https:' ? 443 : 80}` : base.host
  const url = /^https?:/.test(path) ? path : `${place.url.replace(/\/+$/, '')}${path}`
  const isOwn = URL.canParse(url) && new URL(url).origin === base.origin
  return {
    url,
    hosts: [own, ...place.downloads],
    ...(place.token === undefined || !isOwn ? {} : { token: place.token }),
  }
}

function successful(got: Got): Got {
  const { status } = got
  if (status === 200) return got
  if (status === 404) throw new SallyportError('SP_REGISTRY_UNKNOWN', '', { details: { status } })
  if (status === 410 || status === 451)
    throw new SallyportError('SP_REGISTRY_MODERATED', 'It was taken down.', { details: { status } })
  if (status === 409) throw ambiguous(got)
  const retry = /^\d{1,6}$/.exec(got.header('retry-after') ?? '')?.[0]
  throw new SallyportError(
    'SP_REGISTRY_UNAVAILABLE',
    `It answers with status ${status}.${retry === undefined ? '' : ` It may be asked again in ${retry} seconds.`}`,
    { details: { status } },
  )
}

/** Names are not unique without their owner. */
function ambiguous({ bytes, status }: Got): SallyportError {
  const found = bytes.toString('utf8').match(/"ownerHandle"\s*:\s*"[a-zA-Z0-9._-]{1,64}"/g) ?? []
  const owners = [...new Set(found.slice(0, 10).map((one) => one.replace(/.*"([^"]*)"$/, '$1')))]
  const who = owners.length === 0 ? '' : ` They are ${owners.join(', ')}.`
  return new SallyportError('SP_REGISTRY_REFERENCE', `Several publishers have this name; name one of them.${who}`, {
    details: { status, owners },
  })
}

function readJson<T>(shape: z.ZodType<T>, got: Got): T {
  const type = (got.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json$/.test(type)) throw unreadable('what should be JSON is something else')
  let json: Json
  try {
    json = parseJson(decodeUtf8(got.bytes), { maxLength: got.bytes.length + 1, maxDepth: 64 })
  } catch (cause) {
    throw unreadable('its JSON is none', cause)
  }
  const read = shape.safeParse(json)
  if (read.success) return read.data
  const place = read.error.issues[0]?.path.map(String).join('.') ?? ''
  throw unreadable(`its JSON has another form at "${escapeText(place.slice(0, 100))}"`)
}

const unreadable = (what: string, cause?: unknown): SallyportError =>
  new SallyportError('SP_REGISTRY_ANSWER', `Here ${what}.`, cause === undefined ? {} : { cause })
