import type { IncomingHttpHeaders } from 'node:http'
import { refuse, type Verdict } from '../../boundary/ports.ts'

/**
 * DNS rebinding: a page the browser loaded under another name reaches this port with that name as `Host`, or says where it
 * comes from in `Origin`. Both must be known.
 * @param hosts names without port besides those of this machine
 */
export function checkOrigin(
  headers: IncomingHttpHeaders,
  hosts: readonly string[],
  origins: readonly string[],
): Verdict<null> {
  const { host, origin } = headers
  if (host === undefined || !(LOCAL.has(hostName(host)) || hosts.some((name) => hostName(name) === hostName(host)))) {
    return refuse('SP_AUTHZ_SCOPE', 'The Host header names another host.')
  }
  // which of the two it is was looked at when the request came in
  const own = [`http://${host.toLowerCase()}`, `https://${host.toLowerCase()}`].includes(origin?.toLowerCase() ?? '')
  if (origin !== undefined && !own && !origins.includes(origin.toLowerCase())) {
    return refuse('SP_AUTHZ_SCOPE', 'Requests of this Origin are not served.')
  }
  return { ok: true, value: null }
}

const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

const hostName = (host: string): string => host.toLowerCase().replace(/:\d*$/, '')
