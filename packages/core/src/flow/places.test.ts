import { expect, test } from 'vitest'
import { isNumber, numberPlaces, wholePlaces } from './places.ts'

const whole = (wanted: string, text: string): boolean => [...wholePlaces(wanted, text)].length > 0
const number = (value: string, text: string): boolean => [...numberPlaces(value, text)].length > 0

test('a value stands whole between spaces, marks, quotes and a genitive', () => {
  for (const text of [
    'bob',
    '(bob)',
    "'bob'",
    'to bob.',
    'bob, ann',
    "bob's",
    '@bob',
    '#bob',
    '<bob>',
    'to:bob'.replace(':', ': '),
  ])
    expect(whole('bob', text)).toBe(true)
  expect(whole('a.txt', 'open ./a.txt')).toBe(true)
})

test('T-098: not inside something longer', () => {
  for (const text of [
    'bobby',
    'xbob',
    'bob@corp.com',
    'a.bob',
    'bob-ann',
    'bob--ann',
    '/bob',
    '~bob',
    'bob/x',
    "o'bob",
    'böbob',
    '𝒂bob',
  ])
    expect(whole('bob', text)).toBe(false)
  expect(whole('a.txt', 'open ../a.txt')).toBe(false)
  expect(whole('corp.com', 'all at @corp.com')).toBe(false)
})

test('numbers are found in groups, and never as a part of a longer one', () => {
  expect(number('de89370400440532013000', 'to de89 3704 0044 0532 0130 00, please')).toBe(true)
  expect(number('+493012345678', 'call +49 (30) 1234-5678')).toBe(true)
  for (const text of ['de89 3704 0044 0532 0130 00 12', 'xde89370400440532013000', 'de89 3704 0044 0532 0130 001'])
    expect(number('de89370400440532013000', text)).toBe(false)
  expect(['12345', '+49 30 1234', 'inv-2024-17', 'gb29nwbk6016'].every(isNumber)).toBe(true)
  expect(['1234', '2024-05-20', 'general', 'meeting 2024', 'bob@1234.com'].some(isNumber)).toBe(false)
})
