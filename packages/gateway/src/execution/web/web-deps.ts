import {
  placeText,
  foreignParameter,
  parseHostRule,
  readRequestUrl,
  SallyportError,
  type RequestUrl,
  type RequestUrlFault,
  type StrictUrl,
} from '@sallyport/core'
import type { ReadWebDocument } from '../../boundary/ports-web.ts'
import type { Asking } from '../egress/ask.ts'
import type { Resolve } from '../egress/dial.ts'
import type { Lender } from '../egress/lend.ts'
import type { EgressAttempt } from '../egress/proxy.ts'

/** Nothing inside a sandbox stands behind these tools, and nobody is asked about a host that they may not ask. */
export type WebLender = Omit<Lender, 'ask' | 'authority' | 'onChange' | 'resolve'>

/** What the tools that ask other hosts need. */
export interface WebDeps {
  readonly resolve: Resolve
  readonly read: ReadWebDocument
  /** What may be lent to a server, where its requests may lead, and how many there may be. */
  readonly lenderOf: (holder: string, instance: string, source: string) => Promise<WebLender>
  /** Resolves when the attempt of this tool is in the log. */
  readonly attempted: (tool: string, attempt: EgressAttempt) => Promise<void>
  /** Signs a text with a value of the vault, in hexadecimal digits. */
  readonly sign: (secret: string, holder: string, text: string) => Promise<string>
  /** ms since 1970. */
  readonly now: () => number
  readonly nonce: () => string
}

/** One tool of a server, and what it may use. */
export interface WebTool {
  /** `web.http` */
  readonly id: string
  readonly deps: WebDeps
  readonly lender: WebLender
  readonly asking: Asking
}

/** @param hosts of the configuration */
export function webTool(id: string, hosts: readonly string[], deps: WebDeps, lender: WebLender): WebTool {
  const report = (attempt: EgressAttempt): Promise<void> => deps.attempted(id, attempt)
  return { id, deps, lender, asking: { hosts: hosts.map(parseHostRule), lender, resolve: deps.resolve, report } }
}

/** @throws SallyportError SP_AUTHZ_RATE */
export function take({ lender, id }: WebTool): void {
  const taken = lender.take()
  if (taken.ok) return
  const { retryAfterSeconds } = taken
  throw new SallyportError('SP_AUTHZ_RATE', `${id} may send another request in ${retryAfterSeconds} seconds.`)
}

/**
 * The URL, when it is one that may be asked for at all.
 * @param text as it was given, by the caller or by a server
 * @throws SallyportError SP_EGRESS_REFUSED
 */
export async function requireUrl(text: string, read: RequestUrl, { asking }: WebTool): Promise<StrictUrl> {
  const foreign = read.ok && foreignParameter(read.url.query) !== undefined
  if (read.ok && !foreign) return read.url
  const reason = read.ok ? 'credential_foreign' : read.fault
  const logged = reason === 'downgrade' ? 'scheme' : reason
  await asking.report({ target: shown(text), verdict: 'refused', reason: logged })
  throw new SallyportError('SP_EGRESS_REFUSED', `The URL ${WHY[reason]} (${reason}).`, { details: { reason } })
}

/** For the log: without a query, and without a password. */
const shown = (text: string): string =>
  text
    .replace(/[?#].*$/s, '')
    .replace(/^([^/]*\/\/)[^/]*@/, '$1')
    .slice(0, 300)

const WHY: Readonly<Record<RequestUrlFault | 'credential_foreign', string>> = {
  malformed: 'is read in more than one way, or is none',
  scheme: 'is not of http or https',
  userinfo: 'has a user name in it',
  port: 'has a port that is none',
  downgrade: 'is where a redirect leads from HTTPS to HTTP',
  credential_foreign: 'has a credential in its query',
}

/** Hosts of webhook targets, which nothing else is a list of. */
export const hostsOf = (targets: Readonly<Record<string, { readonly url: string }>>): readonly string[] =>
  Object.values(targets).flatMap(({ url }) => {
    const read = readRequestUrl(url)
    if (!read.ok) return []
    return [placeText(read.url)]
  })
