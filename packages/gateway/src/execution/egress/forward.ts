import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Socket } from 'node:net'

/** Headers of one connection only (RFC 9110 section 7.6.1), and what is for the proxy. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding'],
  'upgrade',
])

/**
 * Hands one request on over a connection that was made for it, and its answer back. The host is the one that was judged, whatever the
 * client's `Host` says (T-118).
 */
export async function forward(
  client: IncomingMessage,
  answer: ServerResponse,
  { host, path, upstream }: { readonly host: string; readonly path: string; readonly upstream: Socket },
): Promise<void> {
  const outgoing = request({
    ...{ method: client.method, path, createConnection: () => upstream, setHost: false },
    headers: { ...passed(client.headers), host, connection: 'close' },
  })
  const incoming = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
  })
  answer.once('close', () => upstream.destroy())
  // whoever ends first, the other side says so below; nobody waits for this one
  const sent = pipeline(client, outgoing).catch(() => undefined)
  outgoing.on('error', () => undefined)
  const response = await incoming
  answer.writeHead(response.statusCode ?? 502, passed(response.headers))
  await pipeline(response, answer)
  await sent
}

/** A connection header may name more that belongs to the connection. */
function passed(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/\s*,\s*/))
  const result: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_BY_HOP.has(name)) continue
    // what says where a message ends belongs to the message, whatever is named
    if (!named.has(name) || name === 'content-length') result[name] = value
  }
  return result
}
