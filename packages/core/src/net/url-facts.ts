import type { AddressFacts } from './address.ts'
import { labelScripts, type HostScripts } from './host-script.ts'
import { nameClass, type NameClass } from './local-names.ts'
import { unicodeHost } from './punycode.ts'
import { sinkIdentity, type SinkIdentity } from './sink.ts'
import { readUrl, type RefusedUrl, type StrictUrl } from './url.ts'

/** What policy may ask of a URL. `refused`: parsers disagree about it, so it has no facts; never treat that as harmless. */
export type UrlFacts =
  | {
      readonly kind: 'url'
      readonly url: StrictUrl
      readonly scheme: string
      readonly host: string
      /** As people see the host: punycode decoded. */
      readonly shown: string
      readonly domain: string
      readonly port: number
      readonly name: NameClass | 'address'
      readonly address?: AddressFacts
      readonly scripts: HostScripts
      readonly sink: SinkIdentity
    }
  | { readonly kind: 'refused'; readonly refused: RefusedUrl }

/** Typed facts of one absolute URL (T-101, T-116). Nothing is resolved. */
export function urlFacts(text: string): UrlFacts {
  const reading = readUrl(text)
  if (reading.kind === 'refused') return reading
  const { url } = reading
  const { scheme, host, port, address } = url
  const sink = sinkIdentity(url)
  return {
    kind: 'url',
    url,
    scheme,
    host,
    shown: unicodeHost(host),
    domain: sink.domain,
    port,
    name: address === undefined ? nameClass(host) : 'address',
    ...(address === undefined ? {} : { address }),
    scripts: labelScripts(host),
    sink,
  }
}
