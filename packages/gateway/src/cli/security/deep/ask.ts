import { request as plain, type IncomingMessage } from 'node:http'
import { request as secure } from 'node:https'

/** Where requests go: a Unix socket, or an origin with the authority that signs for it. */
export type Door =
  { readonly socketPath: string } | { readonly origin: string; readonly address?: string; readonly ca?: string }

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

interface Common {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

const LIMIT = 5_000
const MOST = 65_536

/** One request, the path as it is written: nothing is normalised. Rejects where nobody answers in time. */
export function ask(door: Door, { method, path, headers = {}, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const own = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const common: Common = { method, path, headers: { host: 'localhost', ...headers, ...own } }
    const done = (answer: IncomingMessage): void => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
        // a stream that stays open has said enough
        if (text.length > MOST) answer.destroy()
      })
      answer.once('close', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
    }
    const sent = 'socketPath' in door ? plain({ ...common, ...door }, done) : network(door, common, done)
    sent.setTimeout(LIMIT, () => sent.destroy(new Error('It did not answer in time.')))
    sent.once('error', reject)
    sent.end(body)
  })
}

function network(
  { origin, address, ca }: Exclude<Door, { readonly socketPath: string }>,
  common: Common,
  done: (answer: IncomingMessage) => void,
) {
  const { protocol, hostname, port, host } = new URL(origin)
  const at = { hostname: address ?? hostname.replace(/^\[(.*)\]$/, '$1'), port, headers: { ...common.headers, host } }
  if (protocol === 'http:') return plain({ ...common, ...at }, done)
  return secure({ ...common, ...at, servername: hostname, ...(ca === undefined ? {} : { ca }) }, done)
}
