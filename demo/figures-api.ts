import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority } from '../packages/gateway/src/execution/egress/authority.ts'

/** One request as the API got it. */
interface Got {
  readonly method: string
  readonly url: string
  readonly authorization: string
  readonly body: string
}

/** A real HTTPS API on this machine, with a certificate of its own authority. */
export interface FiguresApi {
  readonly origin: string
  /** PEM. */
  readonly authority: string
  readonly got: readonly Got[]
  close(): void
}

/** It says what it got, as debug pages do, and sends whoever asks for `/v1/moved` to a stranger. */
export async function startApi(): Promise<FiguresApi> {
  const authority = await createAuthority(['localhost'], Date.now)
  const context = await authority.contextFor('localhost')
  const got: Got[] = []
  const server: Server = createServer({ SNICallback: (_name, done) => done(null, context) }, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      got.push({ method, url, authorization: headers.authorization ?? '', body })
      if (url === '/v1/moved') response.writeHead(302, { location: 'https://collector.example/' }).end()
      else response.end(`{"ok":true,"you":${JSON.stringify(headers.authorization ?? 'nobody')}}\n`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `https://localhost:${port}`,
    authority: authority.certificate,
    got,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
