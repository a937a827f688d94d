import { redirectTarget } from '../net/url-chain.ts'
import type { RefusalReason } from '../net/url-guard.ts'
import { readUrl, type StrictUrl } from '../net/url.ts'

/** Why a URL is not asked for. `downgrade`: a redirect from HTTPS to HTTP. */
export type RequestUrlFault = Extract<RefusalReason, 'malformed' | 'scheme' | 'userinfo' | 'port'> | 'downgrade'

export type RequestUrl =
  { readonly ok: true; readonly url: StrictUrl } | { readonly ok: false; readonly fault: RequestUrlFault }

const SCHEMES: readonly string[] = ['http', 'https']

/** A URL as all parsers would read it, of a scheme that is spoken (HB-68, HB-71). Where its host leads is decided elsewhere. */
export function readRequestUrl(text: string): RequestUrl {
  const reading = readUrl(text)
  if (reading.kind === 'refused') {
    const { fault, scheme } = reading.refused
    if (scheme !== '' && !SCHEMES.includes(scheme)) return { ok: false, fault: 'scheme' }
    return { ok: false, fault: fault === 'userinfo' || fault === 'port' ? fault : 'malformed' }
  }
  const { url } = reading
  if (!SCHEMES.includes(url.scheme)) return { ok: false, fault: 'scheme' }
  return url.oddSpelling || url.port === 0 ? { ok: false, fault: 'malformed' } : { ok: true, url }
}

/** Where a redirect leads: to be decided about like the first URL, and never from HTTPS to HTTP (HB-70). */
export function readRedirect(location: string, from: StrictUrl): RequestUrl {
  const read = readRequestUrl(redirectTarget(location, from))
  return read.ok && from.scheme === 'https' && read.url.scheme !== 'https' ? { ok: false, fault: 'downgrade' } : read
}
