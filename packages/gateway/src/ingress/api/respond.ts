import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SallyportError, toProblem, toSallyportError } from '@sallyport/core'
import type { ApiResponse } from './route.ts'

/** Nothing is cached, sniffed or framed; there is no CORS header anywhere, so no page of another origin reads answers. */
const SAFE_HEADERS = Object.freeze({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })

/** Sends a handler's answer; a stream until it ends or nobody reads it any more. */
export async function sendResponse(response: ServerResponse, answer: ApiResponse, signal: AbortSignal): Promise<void> {
  const { status, stream } = answer
  if (stream !== undefined) {
    response.writeHead(status, { ...SAFE_HEADERS, 'content-type': 'application/x-ndjson', ...answer.headers })
    response.flushHeaders()
    await pipeline(Readable.from(stream), response, { signal }).catch(() => response.destroy())
    return
  }
  const text = answer.text ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body))
  if (text === undefined) {
    response.writeHead(status, { ...SAFE_HEADERS, ...answer.headers })
    response.end()
    return
  }
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, { ...SAFE_HEADERS, ...headers, ...answer.headers })
  response.end(text)
}

/** An error as problem details (RFC 9457). What is not ours is SP_INTERNAL, and its text stays inside. */
export function problemResponse(
  thrown: unknown,
  eventId?: string,
  headers: Readonly<Record<string, string>> = {},
): ApiResponse {
  const error =
    thrown instanceof SallyportError
      ? thrown
      : new SallyportError('SP_INTERNAL', '', { cause: toSallyportError(thrown) })
  const problem = toProblem(error, eventId)
  return {
    status: problem.status,
    text: JSON.stringify(problem),
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers },
  }
}
