import { expect, test } from 'vitest'
import { amountForms, isMoney, minorUnits, MOST_MINOR } from './amounts.ts'

test('people write thousands and cents in many ways', () => {
  expect(amountForms(1234.5)).toEqual(
    expect.arrayContaining(['1234.50', '1,234.50', '1.234,50', "1'234.50", '1 234.5']),
  )
  expect(amountForms(50)).toEqual(expect.arrayContaining(['50', '50.00', '50,00']))
  for (const none of [-1, NaN, Infinity, 1e13]) expect(amountForms(none)).toEqual([])
})

test('a number is money when a currency stands beside it', () => {
  expect(isMoney('pay $50 now', 5, 7)).toBe(true)
  expect(isMoney('pay 50 euros', 4, 6)).toBe(true)
  expect(isMoney('on 50 europeans', 3, 5)).toBe(false)
  expect(isMoney('in 2024', 3, 7)).toBe(false)
})

test('T-104: minor units round up and never come out small for what is no number', () => {
  expect([12.34, -5, '7.5', 0.001, 0].map(minorUnits)).toEqual([1234, 500, 750, 1, 0])
  for (const odd of ['', ' ', '1,000', '1e3', 'all', true, NaN, 1e300]) expect(minorUnits(odd)).toBe(MOST_MINOR)
})
