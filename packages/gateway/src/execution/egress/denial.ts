import type { ServerResponse } from 'node:http'

/** Why nothing went through. */
export type Failure = { readonly refused: string } | { readonly unreachable: true }

/** Never says what a name resolved to. */
function answerOf(failure: Failure) {
  const reason = 'refused' in failure ? failure.refused : 'unreachable'
  const body = `${JSON.stringify({ error: 'not let through by Sallyport', reason })}\n`
  const headers = {
    ...{ 'x-sallyport-deny': reason, 'content-type': 'application/json' },
    ...{ 'content-length': String(Buffer.byteLength(body)), connection: 'close' },
  }
  return { status: 'refused' in failure ? 403 : 502, headers, body }
}

export function deny(response: ServerResponse, failure: Failure): void {
  const { status, headers, body } = answerOf(failure)
  response.writeHead(status, headers).end(body)
}

/** The same for a request that has no response of Node's: CONNECT. */
export function denialText(failure: Failure): string {
  const { status, headers, body } = answerOf(failure)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${status === 403 ? 'Forbidden' : 'Bad Gateway'}`, ...lines, '', body].join('\r\n')
}
