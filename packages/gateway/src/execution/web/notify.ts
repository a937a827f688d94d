import { isJsonObject, readRequestUrl, SallyportError, type JsonObject } from '@sallyport/core'
import type { RequestsConfig } from '../../config/requests-schema.ts'
import { ask, judge, originOf, type Asking } from '../egress/ask.ts'
import { withDeadline } from './deadline.ts'
import { requireUrl, take, type WebTool } from './web-deps.ts'

/**
 * `webhook`: posts JSON to a target of the configuration. The caller learns whether it was taken, and nothing that the other side says.
 * @throws SallyportError SP_EGRESS_*, SP_VAULT_*, SP_AUTHZ_RATE, SP_MCP_*
 */
export async function notify(
  { target: name, payload }: JsonObject,
  { targets, time }: NonNullable<RequestsConfig['webhook']>,
  tool: WebTool,
  given: AbortSignal,
): Promise<JsonObject> {
  const target = typeof name === 'string' && Object.hasOwn(targets, name) ? targets[name] : undefined
  if (target === undefined || !isJsonObject(payload))
    throw new SallyportError('SP_MCP_INVALID_ARGUMENTS', 'There is no such target, or what is to be sent is no object.')
  return withDeadline(time, given, async (signal) => {
    const read = readRequestUrl(target.url)
    const url = read.ok ? read.url : await requireUrl(target.url, read, tool)
    take(tool)
    // the operator's own URL may be a secret from its path on
    const report: Asking['report'] = async (attempt) => tool.asking.report({ ...attempt, target: originOf(url) })
    const asking = { ...tool.asking, report }
    const headers = { 'user-agent': 'sallyport', 'content-type': 'application/json' }
    const admitted = await judge(url, { method: 'POST', headers, body: JSON.stringify(payload) }, asking)
    const { body = Buffer.alloc(0) } = admitted
    // what is signed is what is sent
    const signed = target.secret === undefined ? {} : await signature(target.secret, body.toString('utf8'), tool)
    const question = { method: 'POST', path: url.path + url.query, headers: { ...headers, ...signed }, signal }
    const answer = await ask(admitted, url, question, asking)
    answer.destroy()
    const { statusCode: status } = answer
    const taken = status >= 200 && status < 300
    const text = taken ? `${name as string} took it (${status}).` : `${name as string} did not take it (${status}).`
    return { content: [{ type: 'text', text }], structuredContent: { status, taken }, isError: !taken }
  })
}

/** Over time and a number that is used once as well, so that a receiver can tell a message that is sent again by somebody else. */
async function signature(
  secret: string,
  body: string,
  { deps, lender }: WebTool,
): Promise<Readonly<Record<string, string>>> {
  const [timestamp, nonce] = [String(deps.now()), deps.nonce()]
  const text = `sallyport/webhook-tool/1\n${timestamp}\n${nonce}\n${body}`
  return {
    'x-sallyport-timestamp': timestamp,
    'x-sallyport-nonce': nonce,
    'x-sallyport-signature': await deps.sign(secret, lender.holder, text),
  }
}
