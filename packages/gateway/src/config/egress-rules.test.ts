import { decideEgress } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { parseEgressFile } from './egress-rules.ts'

const SAMPLE = `
allowed_domains:
  - api.openai.com
  - api.anthropic.com
  - hooks.slack.com
blocked_ranges:
  - 10.0.0.0/8
  - 172.16.0.0/12
  - 192.168.0.0/16
  - 169.254.0.0/16
`
const INSIDE = ['10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '127.0.0.1', '::1']

/** What becomes of a host of the file that leads to this address. */
function verdict(text: string, host: string, address: string, port = 443): string {
  const { rules, refuse } = parseEgressFile(text)
  const lists = { allowed: rules.flatMap(({ hosts }) => hosts), blocked: [], refuse }
  const named = decideEgress({ host, port }, lists)
  const decided = named.kind === 'look-up' ? named.answers([address]) : named
  return decided.kind === 'refused' ? decided.reason : 'allowed'
}

describe('HB-73: a file with allowed_domains and blocked_ranges', () => {
  it('loads as it is printed, and allows its hosts alone', () => {
    expect(verdict(SAMPLE, 'api.openai.com', '93.184.216.34')).toBe('allowed')
    expect(verdict(SAMPLE, 'api.openai.com', '93.184.216.34', 8_443)).toBe('not_allowlisted')
    expect(verdict(SAMPLE, 'openai.com', '93.184.216.34')).toBe('not_allowlisted')
    expect(verdict(SAMPLE, 'x.api.openai.com', '93.184.216.34')).toBe('not_allowlisted')
  })

  it.each([
    ['as printed', SAMPLE],
    ['without a range', SAMPLE.replace(/blocked_ranges[^]*/, '')],
    ['with an empty list', SAMPLE.replace(/blocked_ranges[^]*/, 'blocked_ranges: []\n')],
  ])('E-77: ranges inside are refused whatever it says: %s', (_how, text) => {
    for (const address of INSIDE) expect(verdict(text, 'api.openai.com', address), address).not.toBe('allowed')
  })

  it('refuses a range of its own besides', () => {
    const text = `${SAMPLE}  - 93.184.216.0/24\n`
    expect(verdict(text, 'api.openai.com', '93.184.216.34')).not.toBe('allowed')
    expect(verdict(text, 'api.openai.com', '93.184.217.34')).toBe('allowed')
  })

  it.each([
    ['a range that is none', 'blocked_ranges: [10.0.0.0/33]', /blocked_ranges/],
    ['a range as a name', 'blocked_ranges: [inside]', /blocked_ranges/],
    ['a host that is none', 'allowed_domains: ["https://a.example/x"]', /allowed_domains/],
    ['a host that is everything', 'allowed_domains: ["*"]', /allowed_domains/],
    ['a member that nobody knows', 'allowed_domain: [a.example]', /allowed_domain/],
    ['a member twice', 'allowed_domains: [a.example]\nallowed_domains: [b.example]', /unique/i],
    ['both forms in one', 'version: 1\nallowed_domains: [a.example]', /allowed_domains/],
    ['aliases that grow', 'allowed_domains: &a [a.example]\nblocked_ranges: *a', /alias/i],
    ['no mapping', '- a.example', /./],
  ])('is refused with %s', (_what, text, says) => {
    expect(() => parseEgressFile(text)).toThrow(expect.objectContaining({ code: 'SP_CONFIG_INVALID' }))
    expect(() => parseEgressFile(text)).toThrow(says)
  })
})
