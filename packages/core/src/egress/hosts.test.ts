import { describe, expect, it } from 'vitest'
import { decideEgress, parseHostRule, readEgressTarget, type EgressRules } from './hosts.ts'

const rules = (allowed: readonly string[], blocked: readonly string[] = []): EgressRules => ({
  allowed: allowed.map(parseHostRule),
  blocked: blocked.map(parseHostRule),
})
const decide = (target: string, given: EgressRules) => {
  const read = readEgressTarget(target)
  return read === undefined ? 'malformed' : decideEgress(read, given)
}

describe('ND-6.5.a: a list of hosts', () => {
  it.each([
    '',
    '*',
    '*.com',
    'a b',
    'a:0',
    'a:99999',
    'a:b',
    'http://a',
    'a/b',
    'u@a',
    '*.10.0.0.1',
    '0x7f.1',
    'a*.b',
    '[::1',
    'a:443:1',
  ])('does not take %j', (text) => expect(() => parseHostRule(text)).toThrow(/is not a host|more than one domain/))
  it('has a port, 443 by itself, and * for every one', () => {
    expect(parseHostRule('API.example.com.')).toMatchObject({ host: 'api.example.com', port: 443, below: false })
    expect(parseHostRule('a.example:8443').port).toBe(8443)
    expect(parseHostRule('metadata.google.internal:*').port).toBeUndefined()
    expect(parseHostRule('[::1]:80')).toMatchObject({ host: '::1', port: 80 })
  })
})

describe('AC-6.5.2: who may be reached', () => {
  const given = rules(['a.example', '*.b.example:8443', '10.1.2.3:5432', '1.1.1.1'], ['bad.b.example:*'])
  it.each([
    ['a.example:443', 'look-up'],
    ['A.EXAMPLE.:443', 'look-up'],
    ['x.b.example:8443', 'look-up'],
    ['x.y.b.example:8443', 'look-up'],
    ['10.1.2.3:5432', 'connect'],
    ['1.1.1.1:443', 'connect'],
  ])('%s: %s', (target, kind) => expect(decide(target, given)).toMatchObject({ kind }))
  it.each([
    ['a.example:80', 'not_allowlisted'],
    ['xa.example:443', 'not_allowlisted'],
    ['a.example.evil.example:443', 'not_allowlisted'],
    ['b.example:8443', 'not_allowlisted'],
    ['xb.example:8443', 'not_allowlisted'],
    ['10.1.2.3:443', 'not_allowlisted'],
    ['10.1.2.4:5432', 'not_allowlisted'],
    ['127.0.0.1:443', 'not_allowlisted'],
    ['bad.b.example:8443', 'blocked'],
  ])('%s: %s', (target, reason) => expect(decide(target, given)).toMatchObject({ kind: 'refused', reason }))

  it.each([
    'a.example',
    'a.example:',
    'a.example:443/x',
    'http://a.example:443',
    'a.example:443@10.0.0.1',
    'u@a.example:443',
    'a.example%00.b:443',
    'a.example:443 ',
    ' a.example:443',
    'a.example\t:443',
    'a\u0000.example:443',
    '0x7f.1:443',
    '2130706433:443',
    '[::1]',
    ':443',
    'a.example:70000',
  ])('T-116: %j is no target', (target) => expect(decide(target, given)).toBe('malformed'))

  it('HB-44, HB-67: a name that resolves to an inner address is refused, whatever the list says', () => {
    const verdict = decide('a.example:443', given)
    if (verdict === 'malformed' || verdict.kind !== 'look-up') throw new Error('not looked up')
    expect(verdict.answers(['93.184.215.14'])).toEqual({
      kind: 'connect',
      addresses: ['93.184.215.14'],
      rule: 'a.example',
    })
    expect(verdict.answers(['10.0.0.1'])).toMatchObject({ reason: 'ip_private' })
    expect(verdict.answers(['93.184.215.14', '127.0.0.1'])).toMatchObject({ reason: 'dns_mixed' })
    expect(verdict.answers([])).toMatchObject({ reason: 'dns_failed' })
  })
  it('metadata services are not reached, not even when they are listed', () => {
    const all = rules(['169.254.169.254:80', 'metadata.google.internal:80', 'localhost:80'])
    expect(decide('169.254.169.254:80', all)).toMatchObject({ reason: 'ip_metadata' })
    expect(decide('metadata.google.internal:80', all)).toMatchObject({ reason: 'ip_metadata' })
    expect(decide('localhost:80', all)).toMatchObject({ reason: 'ip_loopback' })
  })
  it('ND-6.5.a: what both lists name is blocked', () => {
    expect(decide('a.example:443', rules(['a.example'], ['a.example:*']))).toMatchObject({ reason: 'blocked' })
  })
})
