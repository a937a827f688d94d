import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Transform } from 'node:stream'
import type { Scrubber } from '@sallyport/core'

/** Headers of one connection only (RFC 9110 section 7.6.1), and what is for the proxy. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'http2-settings'],
])

export type Passed = Record<string, string | string[]>

/** What of a message's headers goes on; a connection header may name more that belongs to the connection. */
export function passed(headers: IncomingMessage['headers']): Passed {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/\s*,\s*/))
  const result: Passed = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_BY_HOP.has(name)) continue
    // what says what a message is belongs to the message, and was judged with it, whatever is named
    if (!named.has(name) || name.startsWith('content-')) result[name] = value
  }
  return result
}

/** The same without a credential that came back in it. */
export const passedBack = (headers: IncomingMessage['headers'], scrubber: Scrubber | undefined): Passed =>
  scrubber === undefined
    ? passed(headers)
    : Object.fromEntries(
        Object.entries(passed(headers)).map(([name, value]) => [
          scrubber.whole(name),
          typeof value === 'string' ? scrubber.whole(value) : value.map((each) => scrubber.whole(each)),
        ]),
      )

/** Hands an answer back, looked through. Rejects when it breaks off, and when it cannot be looked through (T-126). */
export async function answerWith(
  response: IncomingMessage,
  answer: ServerResponse,
  scrubber: Scrubber | undefined,
): Promise<void> {
  const { statusCode = 502, headers } = response
  // Node takes a 101 that does not say to what for an answer
  if (statusCode < 200) throw new Error('The server switches to what nobody asked for.')
  if (scrubber !== undefined) {
    const encoded = [headers['content-encoding'] ?? 'identity', headers['transfer-encoding'] ?? 'chunked']
    if (encoded.join() !== 'identity,chunked')
      throw new Error('The answer is encoded, although it was asked not to be.')
  }
  answer.writeHead(statusCode, passedBack(headers, scrubber))
  if (scrubber === undefined) await pipeline(response, answer)
  else await pipeline(response, through(scrubber), answer)
}

const through = (scrubber: Scrubber): Transform =>
  new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, scrubber.push(chunk)),
    flush: (done) => done(null, scrubber.end()),
  })
