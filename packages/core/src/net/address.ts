import ipaddr from 'ipaddr.js'
import { SPECIAL_BLOCKS, type AddressClass } from './special-blocks.ts'

export interface AddressFacts {
  /** Shortest spelling (RFC 5952), without brackets. */
  readonly address: string
  readonly family: 4 | 6
  readonly class: AddressClass
  /** Name of the special-purpose block, or `public`. */
  readonly block: string
  /** The IPv4 address that an IPv6 address carries: mapped, NAT64 or 6to4. */
  readonly embedded?: AddressFacts
}

type Parsed = ipaddr.IPv4 | ipaddr.IPv6
interface Range {
  readonly base: Parsed
  readonly bits: number
}

const DOTTED = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const V6_TEXT = /^[0-9a-f:]*:(?:[0-9a-f:]*|[0-9a-f:]*:[\d.]{7,15})$/i
const UNICAST = rangeOf('2000::/3')
const MAPPED = rangeOf('::ffff:0:0/96')
const SIX_TO_FOUR = rangeOf('2002::/16')
const NAT64 = rangeOf('64:ff9b::/96')
const BLOCKS = SPECIAL_BLOCKS.map((row) => ({ row, range: rangeOf(row.block) }))

/**
 * Class of one IP address in its usual spelling: four decimal numbers, or IPv6 (RFC 4291) without zone or brackets.
 * IPv4-mapped addresses are judged by the address that they carry; the other carriers are `embedded`, with what they carry
 * where the layout is known. Undefined for everything that is not such a spelling: `0x7f.1`, `127.0.0.1 `, `fe80::1%eth0`.
 */
export function addressFacts(text: string): AddressFacts | undefined {
  const parsed = parseAddress(text)
  return parsed === undefined ? undefined : factsOf(parsed)
}

/** True when the address lies in the block (`10.0.0.0/8`, or one address). False for anything unreadable. */
export function inBlock(text: string, block: string): boolean {
  const parsed = parseAddress(text)
  return parsed !== undefined && within(parsed, rangeOf(block.includes('/') ? block : `${block}/${bitsOf(block)}`))
}

const bitsOf = (address: string): number => (address.includes(':') ? 128 : 32)

function parseAddress(text: string): Parsed | undefined {
  if (DOTTED.test(text)) return ipaddr.IPv4.parse(text)
  if (text.length > 45 || !V6_TEXT.test(text)) return undefined
  const hex = withoutDots(text)
  return hex === undefined || !ipaddr.IPv6.isValid(hex) ? undefined : ipaddr.IPv6.parse(hex)
}

/** `::1.2.3.4` in hexadecimal: the library takes the dotted form for an IPv4-mapped address. */
function withoutDots(text: string): string | undefined {
  if (!text.includes('.')) return text
  const at = text.lastIndexOf(':') + 1
  const dotted = text.slice(at)
  if (!DOTTED.test(dotted)) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  return `${text.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

function factsOf(parsed: Parsed): AddressFacts {
  const address = parsed.toString()
  if (parsed.kind() === 'ipv4') return { address, family: 4, ...blockOf(parsed) }
  const carried = carriedBy(parsed as ipaddr.IPv6)
  if (carried !== undefined && within(parsed, MAPPED)) {
    return { address, family: 6, class: carried.class, block: carried.block, embedded: carried }
  }
  const found = blockOf(parsed)
  const known = found.class !== 'public' || within(parsed, UNICAST)
  const base = { address, family: 6 as const, ...(known ? found : UNALLOCATED) }
  return carried === undefined ? base : { ...base, embedded: carried }
}

const UNALLOCATED = { class: 'special' as const, block: 'outside global unicast (RFC 4291)' }

function blockOf(parsed: Parsed): Pick<AddressFacts, 'class' | 'block'> {
  const found = BLOCKS.find(({ range }) => within(parsed, range))?.row
  return found === undefined ? { class: 'public', block: 'public' } : { class: found.class, block: found.name }
}

function carriedBy(parsed: ipaddr.IPv6): AddressFacts | undefined {
  const bytes = parsed.toByteArray()
  const at = within(parsed, SIX_TO_FOUR) ? 2 : within(parsed, MAPPED) || within(parsed, NAT64) ? 12 : undefined
  return at === undefined ? undefined : factsOf(new ipaddr.IPv4(bytes.slice(at, at + 4)))
}

const within = (parsed: Parsed, { base, bits }: Range): boolean =>
  parsed.kind() === base.kind() && (parsed as ipaddr.IPv6).match(base as ipaddr.IPv6, bits)

function rangeOf(block: string): Range {
  // the library's own choice tries one family and catches what it throws
  const [base, bits] = (block.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4).parseCIDR(block)
  return { base, bits }
}
