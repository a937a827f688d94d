import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { authorityText, placeText, SallyportError, type HostRule, type StrictUrl } from '@sallyport/core'
import { createAdmission } from './admission.ts'
import { merged } from './book.ts'
import { wholeMessage } from './body.ts'
import { clear, dial, type Cleared, type Resolve } from './dial.ts'
import { foundIn, judged } from './judged.ts'
import type { Lender } from './lend.ts'
import type { EgressAttempt } from './proxy.ts'
import { secured } from './secured.ts'

/** The way out of one tool. */
export interface Asking {
  /** What it may ask. Rules of the operator take from it and add nothing. */
  readonly hosts: readonly HostRule[]
  readonly lender: Pick<Lender, 'exceptions' | 'authorities' | 'rules' | 'findSecrets' | 'admit'>
  readonly resolve: Resolve
  /** Told before anything is connected; what it throws refuses the request. */
  readonly report: (attempt: EgressAttempt) => Promise<void>
}

/** A request as somebody wants it sent, before the gateway adds anything. */
export interface Wanted {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** A request that may go out. */
export interface Admitted {
  readonly cleared: Cleared
  /** What lets it out: an entry of a list, or a rule that looked into it. */
  readonly rule: string
  /** As it is to be sent. */
  readonly body?: Buffer
  readonly secrets?: number
}

export interface Question {
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** With the query. */
  readonly path: string
  /** Ends everything, the answer included. */
  readonly signal: AbortSignal
}

/** The head of an answer, and its body to be read; what a client gets has a status always. */
export type Answer = IncomingMessage & { readonly statusCode: number }

/** Bytes of the head of an answer. */
const MOST_HEAD = 32_768

/**
 * Judges a request as the way out of a sandbox does: by the rules for its server that look into requests to this host, then where its
 * host leads (HB-45, HB-72).
 * @throws SallyportError SP_EGRESS_RULE, SP_EGRESS_REFUSED, SP_AUDIT_*. No text says what a name resolved to, or repeats a URL.
 */
export async function judge(
  url: StrictUrl,
  { method, headers, body }: Wanted,
  { hosts, lender, resolve, report }: Asking,
): Promise<Admitted> {
  const { host, port } = url
  const refuse = async (
    code: 'SP_EGRESS_RULE' | 'SP_EGRESS_REFUSED',
    reason: string,
    rule?: string,
  ): Promise<never> => {
    const named = rule === undefined ? {} : { rule }
    await report({
      ...attemptOf(url, method),
      verdict: 'refused',
      reason: reason as NonNullable<EgressAttempt['reason']>,
      ...named,
    })
    // who asked knows what for, and where a redirect leads is a text of the server's
    throw new SallyportError(code, `(${reason})`, { details: { reason, ...named } })
  }
  const held = lender.rules()
  const line = { method, path: url.path, search: url.query, contentType: headers['content-type'] }
  const message = wholeMessage({ ...headers }, body === undefined ? undefined : Buffer.from(body))
  const passed = await judged(() => lender.rules().looking, { host, port }, line, message, lender.findSecrets)
  if (!passed.ok) return refuse('SP_EGRESS_RULE', passed.reason, passed.rule)
  const { exceptions } = lender
  const rules = merged({ allowed: hosts, blocked: [], exceptions }, { ...held, allowed: [] })
  const cleared = await clear({ host, port }, rules, resolve)
  if (cleared.kind === 'barred') return refuse('SP_EGRESS_REFUSED', cleared.reason, cleared.rule)
  const sent = passed.body ?? (body === undefined ? undefined : Buffer.from(body))
  const rule = passed.rule?.name ?? cleared.rule
  return { cleared, rule, ...foundIn(passed), ...(sent === undefined ? {} : { body: sent }) }
}

/**
 * Sends one request over a connection of its own to a judged address, and returns when the head of the answer is there. Whoever reads the
 * body ends the connection with it.
 * @throws SallyportError SP_AUTHZ_RATE over a limit of `egress.limits`; SP_EGRESS_UNREACHABLE, SP_EGRESS_ANSWER, SP_AUDIT_*
 */
export async function ask(
  { cleared, rule, body, secrets }: Admitted,
  url: StrictUrl,
  question: Question,
  { lender, report }: Asking,
): Promise<Answer> {
  const shown = attemptOf(url, question.method)
  const { refused, meter } = { meter: undefined, ...(await createAdmission(lender, report)(shown, url)) }
  if (refused !== undefined)
    throw new SallyportError('SP_AUTHZ_RATE', `(${refused.reason}) There is room again in ${refused.limited} seconds.`)
  await report({ ...shown, verdict: 'allowed', rule, ...foundIn({ secrets }) })
  const { signal } = question
  signal.throwIfAborted()
  const upstream = await reach(cleared, url, lender.authorities)
  const passed = meter?.meter.watch(upstream, meter.told)
  upstream.once('close', () => passed?.(true))
  try {
    signal.throwIfAborted()
    return await exchange(upstream, url, question, body)
  } catch (thrown) {
    upstream.destroy()
    signal.throwIfAborted()
    throw new SallyportError('SP_EGRESS_ANSWER', 'It does not answer as HTTP has it.', { cause: thrown })
  }
}

/** For the log, as every attempt of a way out. */
const attemptOf = (url: StrictUrl, method: string): Pick<EgressAttempt, 'target' | 'method'> => ({
  target: placeOf(url),
  method,
})

/** For the log: no query, which may hold anything. */
const placeOf = (url: StrictUrl): string => `${originOf(url)}${url.path}`.slice(0, 300)

/** With its port. */
export const originOf = (url: StrictUrl): string => `${url.scheme}://${placeText(url)}`

async function reach(cleared: Cleared, { host, scheme }: StrictUrl, authorities: readonly string[]): Promise<Socket> {
  const socket = await dial(cleared)
  if (socket === undefined) throw new SallyportError('SP_EGRESS_UNREACHABLE', 'It does not answer.')
  if (scheme !== 'https') return socket
  try {
    return await secured(socket, host, authorities)
  } catch (cause) {
    socket.destroy()
    throw new SallyportError('SP_EGRESS_UNREACHABLE', 'It has no certificate for its name that is trusted.', {
      cause,
    })
  }
}

function exchange(
  upstream: Socket,
  url: StrictUrl,
  { method, headers, path, signal }: Question,
  body: Buffer | undefined,
): Promise<Answer> {
  const outgoing = request({
    ...{ method, path, signal, setHost: false, maxHeaderSize: MOST_HEAD, createConnection: () => upstream },
    headers: {
      ...headers,
      host: authorityOf(url),
      connection: 'close',
      ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    },
  })
  return new Promise((resolve, reject) => {
    outgoing.once('response', (response) => {
      // what goes wrong from here on is said to whoever reads the body
      response.on('error', () => undefined)
      resolve(response as Answer)
    })
    outgoing.on('error', reject)
    outgoing.once('close', () => reject(new Error('There is no answer.')))
    outgoing.end(body)
  })
}

/** As `Host` has it. */
export const authorityOf = (url: StrictUrl): string => authorityText(url, url.scheme === 'https')
