import {
  announced,
  isJsonObject,
  parseJson,
  SallyportError,
  withoutCredentials,
  type ErrorCode,
  type Injected,
  type InjectionForm,
  type RequestHead,
} from '@sallyport/core'
import { z } from 'zod'
import { ask, type Exchange } from '../backends/http.ts'
import type { Using } from '../backends/sources.ts'
import type { InjectionOrder, Injector } from './injector.ts'

export interface HttpInjectorConfig {
  readonly url: string
  readonly token: () => string
}

/** Most that a service may say, bytes: a whole body may be in it. */
const MOST = 8 << 20

/** What a service says is to be changed in the request. Of all else it says nothing. */
const CHANGE = z.strictObject({
  headers: z.record(z.string().regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/), z.string().max(65_536)).optional(),
  /** With its `?`, or empty. */
  search: z.string().max(65_536).optional(),
  path: z.string().max(65_536).optional(),
  body: z.base64().optional(),
  /** What must not come back, base64. */
  secrets: z.array(z.base64().min(1)).min(1).max(8),
  version: z.string().min(1).max(64),
  /** ms since 1970; absent: the service does not say. */
  expiresAt: z.int().optional(),
})
type Change = z.infer<typeof CHANGE>

/** What each form may change. */
const MAY: Readonly<Partial<Record<InjectionForm['kind'], keyof Change>>> = {
  ...{ header: 'headers', basic: 'headers', cookie: 'headers', query: 'search', path: 'path', json: 'body' },
  form: 'body',
}
const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  ...(['SP_VAULT_UNKNOWN', 'SP_VAULT_DENIED', 'SP_VAULT_EXPIRED', 'SP_VAULT_REVOKED', 'SP_VAULT_INVALID'] as const),
  ...(['SP_VAULT_SCOPE', 'SP_VAULT_BODY', 'SP_VAULT_UNAVAILABLE'] as const),
])

/**
 * A service that keeps values itself and says what to change in a request (`examples/injector`): `POST URL` with a bearer token, and JSON
 * both ways. It sees no credentials of the client; what it answers is held to what the form may change.
 */
export const httpInjector = ({ url, token }: HttpInjectorConfig, exchange: Exchange): Injector => ({
  async use(order, act) {
    const { secret, form, host, request } = order
    const name = secret.slice(secret.indexOf(':') + 1)
    const head = withoutCredentials(request.head)
    const asked = {
      ...{ name, form, host, method: request.method, placeholder: request.placeholder, ...head },
      ...(request.body === undefined ? {} : { body: Buffer.from(request.body).toString('base64') }),
    }
    const change = await changeFor(url, token(), asked, name, exchange)
    const { version, expiresAt = Number.MAX_SAFE_INTEGER } = change
    const using: Using = { version, expiresAt }
    return act(changed({ ...order, request: { ...request, head } }, change, name), using)
  },
})

async function changeFor(url: string, token: string, asked: object, name: string, exchange: Exchange): Promise<Change> {
  const what = `The injector: ${name.slice(0, 64)}`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const order = { method: 'POST', headers, body: JSON.stringify(asked) } as const
  const change = CHANGE.safeParse(await ask(exchange, what, url, order, refusalIn, MOST))
  if (change.success) return change.data
  // what does not fit may quote a value
  throw new SallyportError('SP_VAULT_UNAVAILABLE', `${what} answers in a form that is not known.`)
}

function refusalIn(status: number, text: string): ErrorCode | undefined {
  if (status === 200) return undefined
  const answer = parseJson(text)
  const code = isJsonObject(answer) ? answer['code'] : undefined
  return typeof code === 'string' && CODES.has(code) ? (code as ErrorCode) : 'SP_VAULT_UNAVAILABLE'
}

/** @throws SallyportError SP_VAULT_INVALID for an answer that changes what the form does not */
function changed({ form, request }: InjectionOrder, change: Change, name: string): Injected {
  const { headers, search, path, body } = change
  const no = (): never => {
    throw new SallyportError('SP_VAULT_INVALID', `The injector answers what does not fit for ${name.slice(0, 64)}.`)
  }
  for (const each of ['headers', 'search', 'path', 'body'] as const)
    if (change[each] === undefined ? MAY[form.kind] === each : MAY[form.kind] !== each) no()
  const secrets = change.secrets.map((each) => Buffer.from(each, 'base64'))
  const { head } = request
  if (headers !== undefined && !isHeadersOf(form, headers)) no()
  if (path !== undefined && !isPathOf(head, request.placeholder, path)) no()
  if (search !== undefined && !/^\?[\x21-\x22\x24-\x7e]+$/.test(search)) no()
  const next: RequestHead = {
    headers: { ...head.headers, ...headers },
    path: path ?? head.path,
    search: search ?? head.search,
  }
  const bytes = body === undefined ? request.body : Buffer.from(body, 'base64')
  return bytes === undefined
    ? { head: next, secrets }
    : { head: announced(next, request.method, bytes), body: bytes, secrets }
}

function isHeadersOf(form: InjectionForm, headers: Readonly<Record<string, string>>): boolean {
  const own = form.kind === 'header' ? form.name.toLowerCase() : form.kind === 'cookie' ? 'cookie' : 'authorization'
  const names = Object.keys(headers)
  return names.length === 1 && names[0] === own && /^[\t\x20-\x7e\x80-\xff]+$/.test(headers[own] ?? '')
}

/** The placeholder is replaced by a part of a segment, and nothing else is. */
function isPathOf({ path }: RequestHead, placeholder: string, next: string): boolean {
  const [before = '', after = '', ...more] = path.split(placeholder)
  if (more.length > 0 || path === before || !next.startsWith(before) || !next.endsWith(after)) return false
  return /^[\w.~!$&'()*+,;=:@-]+$/.test(next.slice(before.length, next.length - after.length))
}
