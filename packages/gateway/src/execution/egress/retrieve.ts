import { parseHostRule, readRequestUrl, SallyportError } from '@sallyport/core'
import { ask, judge, type Asking } from './ask.ts'

export interface Retrieved {
  readonly status: number
  /** By its lower-case name. */
  header(name: string): string | undefined
  readonly body: AsyncIterable<Uint8Array>
  discard(): void
}

export interface Retrieval {
  readonly headers: Readonly<Record<string, string>>
  /** Hosts that this request may go to; what the operator blocks or looks into holds besides. */
  readonly hosts: readonly string[]
  readonly signal: AbortSignal
}

/**
 * A GET of the gateway's own for what a person named: judged and recorded as every request that leaves (HB-72, T-120), no redirect
 * followed, nothing decoded.
 * @throws SallyportError SP_EGRESS_*, SP_AUTHZ_RATE
 */
export function createRetrieve(way: Omit<Asking, 'hosts'>): (url: string, order: Retrieval) => Promise<Retrieved> {
  return async (text, { headers, hosts, signal }) => {
    const read = readRequestUrl(text)
    if (!read.ok) throw new SallyportError('SP_EGRESS_REFUSED', `(${read.fault})`, { details: { reason: read.fault } })
    const { url } = read
    const asking: Asking = { ...way, hosts: hosts.map(parseHostRule) }
    const admitted = await judge(url, { method: 'GET', headers }, asking)
    const answer = await ask(admitted, url, { method: 'GET', headers, path: url.path + url.query, signal }, asking)
    return {
      status: answer.statusCode,
      header: (name) => {
        const value = answer.headers[name]
        return Array.isArray(value) ? value[0] : value
      },
      body: answer,
      discard: () => void answer.destroy(),
    }
  }
}
