import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../json/canonical.ts'
import type { Json } from '../json/types.ts'
import { NO_FLOW } from './facts.ts'
import { judgedFrom, judgedRecord, ORDINARY } from './judged.ts'

describe('what a record keeps of a judgement', () => {
  it('HB-61: comes back as it was, and an ordinary call needs no room', () => {
    expect(judgedRecord(ORDINARY)).toBeUndefined()
    const flow = { ...NO_FLOW, sinks: ['untrusted'], anchored: false, seenUntrusted: true, plan: 'out' } as const
    const judged = { ...ORDINARY, flow, cwd: '/work', trustLevel: 1, contentTrust: 'untrusted' }
    const told = judgedRecord(judged)
    expect(judgedFrom(JSON.parse(JSON.stringify(told)))).toEqual(judged)
    // the log encodes such a member as it is
    expect(JSON.stringify(told)).toBe(canonicalJson(told as Json))
  })

  it.each([undefined, null, 7, [], { flow: 3, cwd: 9 }, { flow: { sinks: 'x', anchored: 'y' } }])(
    'takes nothing of the wrong type: %j',
    (record) => {
      expect(judgedFrom(record)).toEqual(ORDINARY)
    },
  )
})
