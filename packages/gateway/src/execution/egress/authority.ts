import type { SecureContext } from 'node:tls'
import { createIssuer, newKeyPair, privatePem } from '../../certificates.ts'

/** Signs for a few hosts and for one sandbox. Its key is in no file and never leaves this process (T-123). */
export interface Authority {
  /** PEM, for the sandbox to trust. */
  readonly certificate: string
  /** Whether it may sign for this host. */
  covers(host: string): boolean
  /** What answers as a host; rejects for one that it may not sign for. */
  contextFor(host: string): Promise<SecureContext>
}

const DAY = 86_400_000
/** Longest that one sandbox lives with it. */
const LIFE = 7 * DAY
/** Clocks of both ends are the same; a start in the past spares those that round. */
const EARLIER = 60_000
/** Names that are signed for are a few, but below a `*.` there may be any. */
const MOST_KEPT = 1_024

/**
 * Makes an authority that can sign for these hosts and no others.
 * @param hosts canonical names; `*.example.com` for all below one
 * @param clock ms since 1970
 */
export async function createAuthority(hosts: readonly string[], clock: () => number): Promise<Authority> {
  const { createSecureContext } = await import('node:tls')
  const now = clock()
  const issuer = await createIssuer({
    name: 'Sallyport for one sandbox',
    hosts,
    notBefore: new Date(now - EARLIER),
    notAfter: new Date(now + LIFE),
  })
  const leafKeys = await newKeyPair()
  const leafKey = await privatePem(leafKeys.privateKey)
  const leaf = async (host: string, from: number): Promise<SecureContext> => {
    const validity = { notBefore: new Date(from - EARLIER), notAfter: new Date(from + DAY) }
    const cert = await issuer.issue(host, leafKeys.publicKey, validity)
    return createSecureContext({ cert, key: leafKey, minVersion: 'TLSv1.2' })
  }
  const covers = (host: string): boolean =>
    hosts.some((each) => (each.startsWith('*.') ? host.endsWith(each.slice(1)) : host === each))
  const contexts = new Map<string, { readonly context: Promise<SecureContext>; readonly from: number }>()
  return {
    certificate: issuer.certificate,
    covers,
    contextFor(host) {
      if (!covers(host)) return Promise.reject(new Error('This host is not one of those.'))
      const known = contexts.get(host)
      if (known !== undefined && clock() - known.from < DAY / 2) return known.context
      const made = { context: leaf(host, clock()), from: clock() }
      contexts.set(host, made)
      const [oldest] = contexts.keys()
      if (contexts.size > MOST_KEPT && oldest !== undefined) contexts.delete(oldest)
      return made.context
    },
  }
}
