const LOOPBACK =
  /^(?:localhost|(?:[\w-]+\.)+localhost|127(?:\.\d{1,3}){1,3}|0\.0\.0\.0|0|::1|\[::1?\]|::|host\.docker\.internal|ip6-localhost)$/i

export const isLocalHost = (host: string, extra: readonly string[]): boolean =>
  LOOPBACK.test(host) || extra.includes(host)

/** Instance metadata services and their spellings as numbers. */
const METADATA =
  /^(?:169\.254\.(?:169\.254|170\.2|170\.23|169\.123|0\.\d+)|\[?fd00:ec2::(?:254|23)\]?|\[?::ffff:(?:169\.254\.169\.254|a9fe:a9fe)\]?|2852039166|0xa9fea9fe|0xa9\.0xfe\.0xa9\.0xfe|0251\.0376\.0251\.0376|025177524776|169\.254\.43518|169\.16689662|100\.100\.100\.200|192\.0\.0\.192|metadata(?:\.google\.internal|\.goog|\.tencentyun\.com|\.azure\.(?:com|internal)|\.packet\.net|\.platformequinix\.com)?|instance-data(?:\.ec2\.internal)?|(?:.+\.)?169\.254\.169\.254\.(?:nip|sslip|xip)\.io|168\.63\.129\.16)$/i

export const isMetadataHost = (host: string): boolean => METADATA.test(host)

const URL_IN_TEXT = /\b([a-z][a-z0-9+.-]{1,14}):\/\/([^\s/?#'"<>\\)`]{1,300})(?:[/?#][^\s'"<>`]{0,2000})?/gi

export interface FoundUrl {
  readonly url: string
  readonly scheme: string
  readonly host: string
}

/** Addresses in a text; the host without user and port. */
export function urlsIn(text: string): readonly FoundUrl[] {
  return [...text.slice(0, 65_536).matchAll(URL_IN_TEXT)].map(([url, scheme = '', authority = '']) => ({
    url,
    scheme: scheme.toLowerCase(),
    host: hostOf(authority),
  }))
}

/** `user@host:port` → `host`. */
function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const bracket = /^\[[^\]]*\]/.exec(host)
  return (bracket === null ? (host.split(':', 1)[0] ?? host) : bracket[0]).toLowerCase().replace(/\.$/, '')
}

/** The host an argument names: a URL, `host`, `host:port`, `host/path`; undefined for other text. */
export function hostIn(text: string): string | undefined {
  const [first] = urlsIn(text)
  if (first !== undefined) return first.host
  const match = /^(?:[\w.+-]+@)?(\[[0-9a-f:.]+\]|[\w.-]+|)(?::\d+)?(?:[/?#].*)?$/i.exec(text)
  if (match === null) return undefined
  return match[1] === '' ? 'localhost' : match[1]?.toLowerCase()
}
