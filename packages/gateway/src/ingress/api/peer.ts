import { BlockList, isIP } from 'node:net'
import { SallyportError } from '@sallyport/core'

/**
 * Proxies that may say for whom they ask (E-26). Whatever others write into `X-Forwarded-For` is not read.
 */
export class TrustedProxies {
  readonly #list = new BlockList()
  readonly isEmpty: boolean
  #unheeded = false

  /** @param ranges addresses or CIDR ranges. @throws SallyportError SP_CONFIG_INVALID */
  constructor(ranges: readonly string[]) {
    this.isEmpty = ranges.length === 0
    for (const range of ranges) {
      const [address = '', bits] = range.split('/')
      const family = isIP(address)
      const most = family === 4 ? 32 : 128
      const length = bits === undefined ? most : Number(bits)
      if (family === 0 || !Number.isInteger(length) || length < 0 || length > most) {
        throw new SallyportError('SP_CONFIG_INVALID', `gateway.trustedProxies: ${range} is no address and no range.`)
      }
      this.#list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
    }
  }

  /** Whether somebody whom nobody trusts has said for whom they ask (AC-2.3.2). */
  get unheeded(): boolean {
    return this.#unheeded
  }

  trusts(address: string | undefined): boolean {
    const plain = canonical(address)
    const family = isIP(plain)
    return family !== 0 && this.#list.check(plain, family === 4 ? 'ipv4' : 'ipv6')
  }

  /** The client: the last address in `X-Forwarded-For` that is not a trusted proxy, where a trusted proxy sent it. */
  peer(remote: string | undefined, headers: Readonly<Record<string, string>>): string {
    const direct = canonical(remote)
    if (!this.trusts(direct)) {
      this.#unheeded ||= 'x-forwarded-for' in headers
      return direct
    }
    const hops = (headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((hop) => canonical(hop.trim()))
      .reverse()
    for (const hop of hops) {
      if (isIP(hop) === 0) return direct
      if (!this.trusts(hop)) return hop
    }
    return hops.at(-1) ?? direct
  }
}

/** IPv4 in IPv6 clothes is IPv4. */
const canonical = (address = ''): string => address.replace(/^::ffff:(?=[0-9.]+$)/i, '')
