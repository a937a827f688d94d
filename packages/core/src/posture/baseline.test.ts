import { describe, expect, test } from 'vitest'
import { acceptedBy, fingerprintOf, parsePostureBaseline, type BaselineEntry } from './baseline.ts'
import type { PostureFinding } from './finding.ts'

const finding = (changes: Partial<PostureFinding> = {}): PostureFinding => ({
  ...{ id: 'fs.synced', severity: 'high', subject: '/s', detail: 'It is so.', remediation: 'Do this.', file: '/s' },
  ...changes,
})
const entry = (changes: Partial<BaselineEntry> = {}): BaselineEntry => ({
  ...{ fingerprint: fingerprintOf(finding()), id: 'fs.synced', subject: '/s', severity: 'high' },
  ...{ reason: 'It is a test machine.', by: 'ana', expires: '2027-01-31' },
  ...changes,
})
const apply = (findings: readonly PostureFinding[], ...entries: BaselineEntry[]) => {
  const { open, accepted, idle } = acceptedBy({ version: 1, findings: entries }, findings, '2026-11-20')
  return { open: open.length, accepted: accepted.length, idle: idle.map(({ why }) => why) }
}

describe('what somebody accepted', () => {
  test('E-72: a high finding passes with an entry that holds, to the end of its day', () => {
    expect(apply([finding()], entry())).toEqual({ open: 0, accepted: 1, idle: [] })
    expect(apply([finding()], entry({ expires: '2026-11-20' }))).toEqual({ open: 0, accepted: 1, idle: [] })
    expect(apply([finding()], entry({ expires: '2026-11-19' }))).toEqual({ open: 1, accepted: 0, idle: ['expired'] })
    expect(apply([finding()])).toEqual({ open: 1, accepted: 0, idle: [] })
  })

  test('E-72: a critical one is never accepted, also where it was less before', () => {
    const critical = finding({ severity: 'critical' })
    expect(apply([critical], entry({ severity: 'critical' }))).toEqual({ open: 1, accepted: 0, idle: ['critical'] })
    expect(apply([critical], entry({ severity: 'low' }))).toEqual({ open: 1, accepted: 0, idle: ['critical'] })
  })

  test('E-72: what got worse counts again; what got better stays accepted', () => {
    expect(apply([finding()], entry({ severity: 'medium' }))).toEqual({ open: 1, accepted: 0, idle: ['worse'] })
    expect(apply([finding({ severity: 'low' })], entry())).toEqual({ open: 0, accepted: 1, idle: [] })
  })

  test('AC-7.5.4: a baselined item is silent, a new one loud, and an entry for nothing is reported', () => {
    const other = finding({ subject: '/other' })
    expect(apply([finding(), other], entry())).toEqual({ open: 1, accepted: 1, idle: [] })
    expect(apply([other], entry())).toEqual({ open: 1, accepted: 0, idle: ['not found'] })
  })

  test('AC-7.5.4: an edit above a finding, another text or another repair is the same finding; another file is not', () => {
    const print = fingerprintOf(finding())
    expect(fingerprintOf(finding({ line: 7, detail: 'Other.', severity: 'low' }))).toBe(print)
    for (const changes of [{ id: 'fs.owner' }, { subject: '/t' }, { file: '/t' }])
      expect(fingerprintOf(finding(changes))).not.toBe(print)
    expect(fingerprintOf({ id: 'a', subject: 'b\nc' })).not.toBe(fingerprintOf({ id: 'a\nb', subject: 'c' }))
  })

  test.each([
    ['no JSON', '{'],
    ['another file', '{"findings":[]}'],
    ['a list', '[]'],
    ['no reason', JSON.stringify({ version: 1, findings: [entry({ reason: '' })] })],
    ['nobody', JSON.stringify({ version: 1, findings: [entry({ by: ' ' })] })],
    ['no day', JSON.stringify({ version: 1, findings: [entry({ expires: '' })] })],
    ['for ever', JSON.stringify({ version: 1, findings: [entry({ expires: 'never' })] })],
    ['no fingerprint', JSON.stringify({ version: 1, findings: [entry({ fingerprint: '*' })] })],
    ['no severity', JSON.stringify({ version: 1, findings: [{ ...entry(), severity: 'all' }] })],
    ['a number', JSON.stringify({ version: 1, findings: [7] })],
    ['two keys', '{"version":1,"version":1,"findings":[]}'],
  ])('E-72: %s is refused', (_name, text) => {
    expect(() => parsePostureBaseline(text)).toThrow(expect.objectContaining({ code: 'SP_POSTURE_BASELINE' }))
  })

  test('E-72: what is whole is read as it was written', () => {
    expect(parsePostureBaseline(JSON.stringify({ version: 1, findings: [entry()] })).findings).toEqual([entry()])
  })
})
