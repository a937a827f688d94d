import { describe, expect, it } from 'vitest'
import { judgeLine } from './url.ts'

const PUBLIC = '93.184.215.14'

describe('the batch form of detect url', () => {
  it('HB-67: gives the addresses that may be connected to, and the reason of a refusal', () => {
    expect(judgeLine({ url: 'https://a.example/', resolves: [PUBLIC] })).toMatchObject({
      verdict: 'clean',
      connect: [PUBLIC],
    })
    expect(judgeLine({ url: 'https://a.example/', resolves: ['10.0.0.1'] })).toMatchObject({
      verdict: 'block',
      reason: 'ip_private',
      connect: [],
      findings: [{ rule: 'url.answer', severity: 'high' }],
    })
  })
  it('T-117: connects to the first answers only', () => {
    const answers = [[PUBLIC], ['127.0.0.1']]
    expect(judgeLine({ url: 'https://a.example/', resolves: [PUBLIC], answers }).connect).toEqual([PUBLIC])
    expect(
      judgeLine({ url: 'https://a.example/', resolves: [PUBLIC], answers: [['127.0.0.1'], [PUBLIC]] }).verdict,
    ).toBe('block')
  })
  it('finds the hosts of redirects by name, in whatever spelling', () => {
    const line = { url: 'https://a.example/', resolves: [PUBLIC], redirects: ['https://B.example/'] }
    expect(judgeLine({ ...line, names: { 'b.example.': ['1.1.1.1'] } })).toMatchObject({ connect: [PUBLIC, '1.1.1.1'] })
    expect(judgeLine({ ...line, names: { 'b.example': [['1.1.1.1'], ['10.0.0.1']] } }).verdict).toBe('clean')
    expect(judgeLine({ ...line, names: { 'b.example': '10.0.0.1' } }).reason).toBe('ip_private')
    expect(judgeLine(line).reason).toBe('dns_failed')
  })
  it('fails closed on members of another shape', () => {
    for (const resolves of ['nonsense', 7, null, [null], [[PUBLIC]], {}]) {
      expect(judgeLine({ url: 'https://a.example/', resolves }).verdict, JSON.stringify(resolves)).toBe('block')
    }
    for (const redirects of [7, [7], [null], {}]) {
      expect(judgeLine({ url: 'https://a.example/', resolves: [PUBLIC], redirects }).verdict).toBe('block')
    }
    expect(judgeLine({ url: 'https://a.example/', resolves: PUBLIC }).verdict).toBe('clean')
    expect(() => judgeLine({ host: 'a.example' })).toThrow(/url/)
  })
})
