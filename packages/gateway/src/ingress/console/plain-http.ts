import type { IncomingMessage, ServerResponse } from 'node:http'
import { SallyportError } from '@sallyport/core'
import { cookieOf } from '../api/guard-request.ts'
import type { Matrix } from '../api/matrix.ts'
import type { ConsoleSessions } from '../api/ports.ts'
import { problemResponse } from '../api/respond.ts'
import type { ConsoleOrigin } from './origin.ts'

export interface PlainHttp {
  readonly site: ConsoleOrigin
  readonly requireTls: boolean
  readonly matrix: Matrix
  readonly sessions: ConsoleSessions
}

/**
 * Answers who came without TLS (E-22): pages move to the address with TLS, everything else is refused, and with `requireTls`
 * pages too. A session cookie that was sent in clear is no secret any more, so its session ends.
 */
export function answerPlain(request: IncomingMessage, response: ServerResponse, plain: PlainHttp): void {
  const { site, requireTls, matrix, sessions } = plain
  for (const header of request.headersDistinct['cookie'] ?? []) {
    const token = cookieOf(header, site.cookie)
    if (token.ok) sessions.exposed?.(token.value)
  }
  const { method = '', url = '' } = request
  const [path = ''] = url.split('?')
  const entry = matrix.match('operator', method === 'HEAD' ? 'GET' : method, path, 'console')?.entry
  const isPage = entry !== undefined && (('raw' in entry && entry.raw === 'page') || isBrowserAt('/health', request))
  response.setHeader('connection', 'close')
  response.setHeader('cache-control', 'no-store')
  request.resume()
  if (isPage && !requireTls) {
    response.writeHead(301, { location: site.origin + url })
    response.end()
    return
  }
  if (isPage) {
    response.writeHead(403, { 'content-type': 'text/html; charset=utf-8' })
    response.end(REFUSED)
    return
  }
  const { status, text, headers } = problemResponse(
    new SallyportError('SP_AUTHN_ORIGIN', 'This is served over TLS only.'),
  )
  response.writeHead(status, headers)
  response.end(text)
}

const isBrowserAt = (path: string, { url, headers }: IncomingMessage): boolean =>
  url === path && (headers.accept ?? '').includes('text/html')

const REFUSED = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sallyport</title>
<h1>This console is served over HTTPS only</h1>
<p>Write <code>https://</code> before its name. Nothing was read from this request.</p>
`
