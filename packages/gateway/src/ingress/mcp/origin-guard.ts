import type { IncomingHttpHeaders } from 'node:http'
import { refuse, type Verdict } from '../../boundary/ports.ts'

/**
 * DNS rebinding: a page the browser loaded under another name reaches this port with that name as `Host`, or says where it
 * comes from in `Origin`. Both must be known.
 * @param hosts names without port; `*` leaves the check to the server in front
 */
export function checkOrigin(
  headers: IncomingHttpHeaders,
  hosts: readonly string[],
  origins: readonly string[],
): Verdict<null> {
  const { host, origin } = headers
  if (!hosts.includes('*') && (host === undefined || !hosts.includes(hostName(host)))) {
    return refuse('SP_AUTHZ_SCOPE', 'The Host header names another host.')
  }
  if (origin !== undefined && !origins.includes(origin.toLowerCase())) {
    return refuse('SP_AUTHZ_SCOPE', 'Requests of this Origin are not served.')
  }
  return { ok: true, value: null }
}

const hostName = (host: string): string => host.toLowerCase().replace(/:\d*$/, '')
