import type { ServerResponse } from 'node:http'

/** Why nothing went through. */
export type Failure =
  | { readonly refused: string; readonly detail?: string }
  | { readonly unreachable: true }
  /** Seconds after which it may be asked again; undefined: nobody knows. */
  | { readonly limited: number | undefined; readonly reason?: string }

/** Never says what a name resolved to. */
function answerOf(failure: Failure) {
  const [status, words, reason] =
    'refused' in failure
      ? ([403, 'Forbidden', failure.refused] as const)
      : 'limited' in failure
        ? ([429, 'Too Many Requests', failure.reason ?? 'rate_limited'] as const)
        : ([502, 'Bad Gateway', 'unreachable'] as const)
  const detail = 'refused' in failure && failure.detail !== undefined ? { detail: failure.detail } : {}
  const body = `${JSON.stringify({ error: 'not let through by Sallyport', reason, ...detail })}\n`
  const headers = {
    ...{ 'x-sallyport-deny': reason, 'content-type': 'application/json' },
    'content-length': String(Buffer.byteLength(body)),
    ...('limited' in failure && failure.limited !== undefined ? { 'retry-after': String(failure.limited) } : {}),
  }
  return { status, words, headers, body }
}

export function deny(response: ServerResponse, failure: Failure): void {
  const { status, headers, body } = answerOf(failure)
  // HTTP/2 has no header for it
  response.shouldKeepAlive = false
  response.writeHead(status, headers).end(body)
}

/** The same for a request that has no response of Node's: CONNECT. */
export function denialText(failure: Failure): string {
  const { status, words, headers, body } = answerOf(failure)
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${words}`, ...lines, '', body].join('\r\n')
}
