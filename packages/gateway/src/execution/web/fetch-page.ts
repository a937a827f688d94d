import { readRedirect, readRequestUrl, SallyportError, type JsonObject, type StrictUrl } from '@sallyport/core'
import type { RequestsConfig } from '../../config/requests-schema.ts'
import { ask, judge, type Answer } from '../egress/ask.ts'
import { withDeadline } from './deadline.ts'
import { readBody, UNPACKED } from './read-body.ts'
import { requireUrl, take, type WebTool } from './web-deps.ts'
import { webResult, type Hop } from './web-result.ts'

/** HB-70. */
const MOST_REDIRECTS = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** The same for every page: a caller has no header, and no server is told where a link was found. */
const HEADERS = {
  accept: 'text/html, application/xhtml+xml, text/*;q=0.9, application/json;q=0.9, */*;q=0.1',
  'accept-encoding': UNPACKED,
  'user-agent': 'sallyport',
}

/**
 * `web_fetch`: reads a page. Every hop is decided about like the first one, and none of them gets a credential.
 * @throws SallyportError SP_EGRESS_*, SP_AUTHZ_RATE, SP_MCP_UPSTREAM_TIMEOUT
 */
export async function fetchPage(
  { url: text }: JsonObject,
  limits: NonNullable<RequestsConfig['web_fetch']>,
  tool: WebTool,
  given: AbortSignal,
): Promise<JsonObject> {
  if (typeof text !== 'string') throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', 'The URL is missing.')
  return withDeadline(limits.time, given, async (signal) => {
    const hops: Hop[] = []
    let url = await requireUrl(text, readRequestUrl(text), tool)
    for (;;) {
      const answer = await get(url, tool, signal)
      const { statusCode: status, headers } = answer
      const hop = { url, status }
      hops.push(hop)
      const { location } = headers
      if (location === undefined || !REDIRECTS.has(status)) {
        const body = await readBody(answer, limits.bytes, signal)
        return webResult(hop, hops, headers, body, limits.characters, tool.deps.read)
      }
      answer.destroy()
      if (hops.length > MOST_REDIRECTS) {
        const details = { reason: 'redirects' }
        throw new SallyportError('SP_EGRESS_REFUSED', `It redirects more than ${MOST_REDIRECTS} times.`, { details })
      }
      url = await requireUrl(location, readRedirect(location, url), tool)
    }
  })
}

async function get(url: StrictUrl, tool: WebTool, signal: AbortSignal): Promise<Answer> {
  take(tool)
  const admitted = await judge(url, { method: 'GET', headers: HEADERS }, tool.asking)
  return ask(admitted, url, { method: 'GET', headers: HEADERS, path: url.path + url.query, signal }, tool.asking)
}
