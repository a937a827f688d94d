import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSpreads, countOf, quantile, withValue, type Spread } from './spread.ts'

const of = (values: readonly number[]): Spread => values.reduce<Spread>(withValue, {})

describe('spreads of numbers', () => {
  it('has no quantile of nothing', () => {
    expect(quantile({}, 0.5)).toBeUndefined()
  })

  it('is off by 5 % at most, whatever the numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.002, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (values) => {
          const sorted = [...values].sort((a, b) => a - b)
          const exact = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0
          const found = quantile(of(values), 0.5) ?? 0
          expect(Math.abs(found - exact) / exact).toBeLessThan(0.051)
        },
      ),
    )
  })

  it('AC-7.4.5: what was counted on two days is the same as counted on one', () => {
    const [one, two] = [
      [1, 5, 9, 300],
      [0, 0.0001, 5, 1e12],
    ] as const
    const both = addSpreads([of(one), of(two)])
    expect(both).toEqual({ ...of([...one, ...two]) })
    expect(countOf(both)).toBe(8)
  })
})
