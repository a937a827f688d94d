import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Caller, IncomingCall } from '../../packages/gateway/src/boundary/ports.ts'
import { breakLoops, Loops } from '../../packages/gateway/src/control/identity/loops.ts'
import { ScriptedBoundary, TestClock } from '../api/kit.ts'

const RULES = { calls: 20, window: 600_000, pause: 60_000 }

describe('agents that go round in circles', () => {
  it.each([1, 2, 3, 5, 8])(
    'TM-IMPACT-002: %i calls in turn are a loop after twenty, whichever of them comes next',
    (length) => {
      const clock = new TestClock()
      const loops = new Loops(clock, RULES)
      const calls = Array.from({ length: 100 }, (_, n) => `call ${n % length}`)
      const first = calls.findIndex((call) => loops.note('i', call) !== undefined)
      expect(first).toBe(20)
      for (let n = 0; n < length; n++) expect(loops.note('i', `call ${n}`)).toMatchObject({ isNew: false })
      expect(loops.note('i', 'something else')).toBeUndefined()
      expect(loops.note('other agent', 'call 0')).toBeUndefined()
      clock.pass(60)
      expect(loops.note('i', 'call 0')).toBeUndefined()
    },
  )

  it('work with other arguments, more tools in turn, or with a rest between is none', () => {
    const clock = new TestClock()
    const loops = new Loops(clock, RULES)
    for (let n = 0; n < 500; n++) expect(loops.note('a', `page ${n}`)).toBeUndefined()
    for (let n = 0; n < 500; n++) expect(loops.note('b', `step ${n % 9}`)).toBeUndefined()
    for (let n = 0; n < 500; n++) {
      expect(loops.note('c', 'status')).toBeUndefined()
      clock.pass(601)
    }
    for (let n = 0; n < 500; n++) {
      expect(loops.note('d', n % 20 === 19 ? `other ${n}` : 'status')).toBeUndefined()
    }
  })

  it('a loop is found whatever was done before it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 19 }),
        fc.integer({ min: 1, max: 8 }),
        (before, length) => {
          const loops = new Loops(new TestClock(), RULES)
          for (const call of before) loops.note('i', call)
          const found = Array.from({ length: 40 }, (_, n) => loops.note('i', `x${n % length}`)).some(Boolean)
          expect(found).toBe(true)
        },
      ),
      { seed: 1, numRuns: 100 },
    )
  })

  it('T-156: the boundary is not asked any more, each refusal has a record, and people are told once', async () => {
    const clock = new TestClock()
    const inner = new ScriptedBoundary()
    const told: string[] = []
    const boundary = breakLoops(inner, new Loops(clock, RULES), (agent, tool) => told.push(`${agent} ${tool}`))
    const caller = { principal: { id: 'coder', instance: 'i-1' }, ingress: 'api' } as unknown as Caller
    const call = {
      server: 'files',
      tool: 'read',
      argsText: '{"path":"a"}',
      enforcement: 'gateway',
    } as unknown as IncomingCall
    const outcomes: string[] = []
    for (let n = 0; n < 25; n++) outcomes.push((await boundary.cross(caller, call)).outcome)
    expect(inner.crossed).toHaveLength(20)
    expect(outcomes.slice(20)).toEqual(Array(5).fill('denied'))
    expect(inner.refusals.map(({ code }) => code)).toEqual(Array(5).fill('SP_AUTHZ_LOOP'))
    expect(told).toEqual(['coder files.read'])
    expect(await boundary.cross(caller, { ...call, argsText: '{"path":"b"}' })).toMatchObject({ outcome: 'executed' })
    clock.pass(60)
    expect(await boundary.cross(caller, call)).toMatchObject({ outcome: 'executed' })
  })
})
