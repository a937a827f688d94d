import {
  isJsonObject,
  readRequestHeaders,
  readRequestUrl,
  SallyportError,
  type JsonObject,
  type StrictUrl,
} from '@sallyport/core'
import type { ModelBill } from '../../boundary/ports-budget.ts'
import type { Borrowed } from '../../boundary/ports-credential.ts'
import type { RequestsConfig } from '../../config/requests-schema.ts'
import { ask, authorityOf, judge, type Answer, type Wanted } from '../egress/ask.ts'
import { wholeMessage } from '../egress/body.ts'
import { createSpending } from '../egress/spending.ts'
import { withDeadline } from './deadline.ts'
import { readBody, UNPACKED } from './read-body.ts'
import { requireUrl, take, type WebTool } from './web-deps.ts'
import { webResult } from './web-result.ts'

type Limits = NonNullable<RequestsConfig['http']>

interface Request extends Wanted {
  readonly url: StrictUrl
}

/**
 * `http`: one request, and its answer as it is: a redirect is told and not followed. A credential for this server and this request is
 * put in, and taken out of the answer.
 * @throws SallyportError SP_EGRESS_*, SP_VAULT_*, SP_AUTHZ_RATE, SP_BUDGET_SPENT, SP_MCP_*
 */
export async function callApi(
  args: JsonObject,
  limits: Limits,
  tool: WebTool,
  given: AbortSignal,
): Promise<JsonObject> {
  return withDeadline(limits.time, given, async (signal) => {
    const asked = await readRequest(args, limits, tool)
    const { url } = asked
    take(tool)
    const admitted = await judge(url, asked, tool.asking)
    const bill = await setAside(asked, admitted.body, tool)
    const borrowed = await borrow(asked, admitted.body, tool).catch(async (thrown: unknown) => {
      await bill?.close()
      throw thrown
    })
    try {
      const ends = borrowed === undefined ? signal : AbortSignal.any([signal, revoked(borrowed.signal)])
      const { headers, path, search } = borrowed?.head ?? { headers: asked.headers, path: url.path, search: url.query }
      const sent = { 'user-agent': 'sallyport', ...headers, 'accept-encoding': UNPACKED }
      const question = { method: asked.method, path: path + search, headers: sent, signal: ends }
      const changed = borrowed?.body === undefined ? {} : { body: Buffer.from(borrowed.body) }
      bill?.began()
      const answer = await ask({ ...admitted, ...changed }, url, question, tool.asking)
      const body = await readBody(answer, limits.bytes, ends, asked.method)
      if (bill !== undefined) tell(bill, answer, body.bytes)
      // half of a value that was cut through is not found in what is left
      if (body.cut && borrowed !== undefined)
        throw new SallyportError(
          'SP_EGRESS_ANSWER',
          `It is larger than ${limits.bytes} bytes, and a credential went with it.`,
        )
      const hop = { url, status: answer.statusCode }
      return await webResult(hop, [hop], answer.headers, body, limits.characters, tool.deps.read, borrowed?.scrubber)
    } finally {
      await bill?.close()
      borrowed?.done()
    }
  })
}

async function readRequest(args: JsonObject, { methods }: Limits, tool: WebTool): Promise<Request> {
  const { url: text, method = methods[0], headers = {}, body } = args
  if (typeof text !== 'string') throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', 'The URL is missing.')
  if (!methods.some((one) => one === method))
    throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', `The method is one of ${methods.join(', ')}.`)
  const given = isJsonObject(headers) ? Object.entries(headers) : []
  if (given.some(([, value]) => typeof value !== 'string') || (body !== undefined && typeof body !== 'string'))
    throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', 'Headers and body are texts.')
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', `${method} has no body.`)
  return {
    url: await requireUrl(text, readRequestUrl(text), tool),
    method: method as string,
    headers: readRequestHeaders(Object.fromEntries(given) as Record<string, string>),
    ...(body === undefined ? {} : { body }),
  }
}

/** What a request to a model may cost. @throws SallyportError SP_BUDGET_SPENT, SP_EGRESS_REFUSED */
async function setAside(
  { url: { host, port, path, scheme }, method, headers }: Request,
  sent: Buffer | undefined,
  { lender, asking }: WebTool,
): Promise<ModelBill | undefined> {
  const shown = { target: `${scheme}://${host}:${port}${path}`.slice(0, 300), method }
  const request = { host, port, method, path, message: wholeMessage({ ...headers }, sent), response: undefined }
  const { bill, failure } = await createSpending(lender, asking.report)(shown, request)
  if (failure === undefined) return bill
  if ('refused' in failure) throw new SallyportError('SP_EGRESS_REFUSED', `(${failure.refused})`)
  const when = failure.limited === undefined ? '' : ` There is more of it in ${failure.limited} seconds.`
  throw new SallyportError('SP_BUDGET_SPENT', `(${failure.reason ?? 'budget_spent'})${when}`)
}

/** What was read is not packed any more. */
const tell = (bill: ModelBill, { statusCode: status, headers }: Answer, bytes: Uint8Array): void =>
  bill.answered({ status, type: headers['content-type'] ?? '', encoding: 'identity' })?.(bytes)

/** The request with the credential that is for it; undefined when none is. */
async function borrow(
  { url, method, headers }: Request,
  sent: Buffer | undefined,
  { lender }: WebTool,
): Promise<Borrowed | undefined> {
  const { port, holder, instance, source } = lender
  const use = { agent: holder, host: url.host, port: url.port, method, path: url.path }
  const name = url.scheme === 'https' ? port.fitting(use) : undefined
  if (name === undefined) return undefined
  const own = { host: authorityOf(url), 'accept-encoding': UNPACKED }
  const body = async (most: number): Promise<Uint8Array> => {
    if (sent !== undefined && sent.length > most)
      throw new SallyportError('SP_VAULT_BODY', `Its body may have ${most} bytes at most.`)
    return Promise.resolve(sent ?? new Uint8Array())
  }
  const head = { headers: { ...headers, ...own }, path: url.path, search: url.query }
  return port.borrow({ name, instance, source, use, head, body })
}

/** The same signal with a reason that a caller can be told. */
function revoked(signal: AbortSignal): AbortSignal {
  const own = new AbortController()
  const end = (): void => own.abort(new SallyportError('SP_VAULT_REVOKED', 'The credential was revoked on the way.'))
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return own.signal
}
