import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { SallyportError, type EgressRules, type StrictUrl } from '@sallyport/core'
import { clear, dial, type Cleared, type Resolve } from './dial.ts'
import type { EgressAttempt } from './proxy.ts'
import { secured } from './secured.ts'

/** The way out of one tool. */
export interface Asking {
  readonly rules: EgressRules
  readonly authorities: readonly string[]
  readonly resolve: Resolve
  /** Told before anything is connected; what it throws refuses the request. */
  readonly report: (attempt: EgressAttempt) => Promise<void>
}

export interface Question {
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** With the query. */
  readonly path: string
  readonly body?: string
  /** Ends everything, the answer included. */
  readonly signal: AbortSignal
}

/** The head of an answer, and its body to be read. */
export type Answer = IncomingMessage

/** Bytes of the head of an answer. */
const MOST_HEAD = 32_768

/**
 * Judged addresses of the host of a URL.
 * @throws SallyportError SP_EGRESS_REFUSED, SP_AUDIT_*. No text says what a name resolved to.
 */
export async function judge(url: StrictUrl, { rules, resolve, report }: Asking): Promise<Cleared> {
  const cleared = await clear({ host: url.host, port: url.port }, rules, resolve)
  if (cleared.kind === 'cleared') return cleared
  const { reason, rule } = cleared
  await report({ target: placeOf(url), verdict: 'refused', reason, ...(rule === undefined ? {} : { rule }) })
  throw new SallyportError('SP_EGRESS_REFUSED', `${url.host}:${url.port} (${reason}).`, { details: { reason } })
}

/**
 * Sends one request over a connection of its own to a judged address, and returns when the head of the answer is there. Whoever reads the
 * body ends the connection with it.
 * @throws SallyportError SP_EGRESS_UNREACHABLE, SP_EGRESS_ANSWER, SP_AUDIT_*
 */
export async function ask(
  cleared: Cleared,
  url: StrictUrl,
  question: Question,
  { authorities, report }: Asking,
): Promise<Answer> {
  await report({ target: placeOf(url), verdict: 'allowed', rule: cleared.rule })
  const { signal } = question
  signal.throwIfAborted()
  const upstream = await reach(cleared, url, authorities)
  try {
    signal.throwIfAborted()
    return await exchange(upstream, url, question)
  } catch (thrown) {
    upstream.destroy()
    signal.throwIfAborted()
    throw new SallyportError('SP_EGRESS_ANSWER', `${url.host} does not answer as HTTP has it.`, { cause: thrown })
  }
}

/** For the log: no query, which may hold anything. */
const placeOf = ({ scheme, host, port, path }: StrictUrl): string =>
  `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`.slice(0, 300)

async function reach(cleared: Cleared, { host, scheme }: StrictUrl, authorities: readonly string[]): Promise<Socket> {
  const socket = await dial(cleared)
  if (socket === undefined) throw new SallyportError('SP_EGRESS_UNREACHABLE', `${host} does not answer.`)
  if (scheme !== 'https') return socket
  try {
    return await secured(socket, host, authorities)
  } catch (cause) {
    socket.destroy()
    throw new SallyportError('SP_EGRESS_UNREACHABLE', `${host} has no certificate for its name that is trusted.`, {
      cause,
    })
  }
}

function exchange(upstream: Socket, url: StrictUrl, question: Question): Promise<IncomingMessage> {
  const { method, headers, path, body, signal } = question
  const outgoing = request({
    ...{ method, path, signal, setHost: false, maxHeaderSize: MOST_HEAD, createConnection: () => upstream },
    headers: {
      ...headers,
      host: authorityOf(url),
      connection: 'close',
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    },
  })
  return new Promise((resolve, reject) => {
    outgoing.once('response', (response) => {
      // what goes wrong from here on is said to whoever reads the body
      response.on('error', () => undefined)
      resolve(response)
    })
    outgoing.on('error', reject)
    outgoing.once('close', () => reject(new Error('There is no answer.')))
    outgoing.end(body)
  })
}

/** As `Host` has it. */
function authorityOf({ host, port, scheme }: StrictUrl): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === (scheme === 'https' ? 443 : 80) ? name : `${name}:${port}`
}
