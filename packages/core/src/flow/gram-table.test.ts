import { expect, test } from 'vitest'
import { GramTable } from './gram-table.ts'

test('keeps every key with all its sources while it grows', () => {
  const table = new GramTable(20_000)
  for (let key = 0; key < 10_000; key++) table.add(key, key * 7, 1)
  for (let key = 0; key < 10_000; key += 2) table.add(key, key * 7, 4)
  expect(table.size).toBe(10_000)
  expect([table.get(4, 28), table.get(5, 35), table.get(5, 36), table.get(0, 0)]).toEqual([5, 1, 0, 5])
  expect(table.full).toBe(false)
})

test('T-093: at its limit it takes no more keys, says so, and keeps what it has', () => {
  const table = new GramTable(10)
  for (let key = 0; key < 12; key++) table.add(key, 1, 1)
  expect([table.size, table.full, table.get(3, 1), table.get(11, 1)]).toEqual([10, true, 1, 0])
  table.add(3, 1, 2)
  expect(table.get(3, 1)).toBe(3)
})

test('the top source bit and keys with the top bit are kept', () => {
  const table = new GramTable(10)
  table.add(0xffffffff, 0x80000001, 0x80000000)
  expect(table.get(-1, 0x80000001 | 0) & 0x80000000).not.toBe(0)
})

test('many at once are the same as one by one', () => {
  const [one, many] = [new GramTable(1_000), new GramTable(1_000)]
  const low = Uint32Array.from({ length: 256 }, (_, at) => at * 31)
  const high = Uint32Array.from({ length: 256 }, (_, at) => at % 3)
  const rest = { end: new Uint32Array(256), token: new Uint32Array(256) }
  for (let at = 0; at < 256; at++) one.add(low[at] ?? 0, high[at] ?? 0, 2)
  many.addAll({ low, high, ...rest, size: 256 }, 2)
  many.addAll({ low, high, ...rest, size: 8 }, 4)
  expect(many.size).toBe(one.size)
  expect([many.get(31, 1), many.get(31 * 9, 0), many.get(1, 1)]).toEqual([6, 2, 0])
})

test('T-093: a neighbourhood that is crammed fills the table instead of slowing it down', () => {
  const table = new GramTable(100_000)
  // keys whose home is the same: found by trying, as an attacker would
  const home = (low: number): number => {
    const mixed = Math.imul(low ^ Math.imul(0, 0x2c1b3c6d), 0x45d9f3b)
    return mixed ^ (mixed >>> 15)
  }
  const same: number[] = []
  for (let low = 1; same.length < 600; low++) if ((home(low) & 0xffff) === 7) same.push(low)
  for (const low of same) table.add(low, 0, 1)
  expect(table.full).toBe(true)
})
