import { describe, expect, test } from 'vitest'
import { systemRandom } from './random.ts'

describe('randomness that is asked for in small pieces', () => {
  test('thousands of pieces of every length: none comes twice, none is a piece of another’s memory', () => {
    const seen = new Set<string>()
    let count = 0
    for (let round = 0; round < 500; round++) {
      for (const length of [12, 16, 24, 25, 32, 48]) {
        const bytes = systemRandom.bytes(length)
        expect(bytes).toHaveLength(length)
        seen.add(Buffer.from(bytes).toString('hex'))
        bytes.fill(0)
        count++
      }
    }
    expect(seen.size).toBe(count)
  })

  test('no piece is left as zeros at the edge of the pool', () => {
    for (let i = 0; i < 5000; i++) expect(systemRandom.bytes(12).some((byte) => byte !== 0)).toBe(true)
  })

  test('ids are versioned and differ', () => {
    const ids = Array.from({ length: 2000 }, () => systemRandom.uuid())
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
