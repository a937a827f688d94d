import { expect, it } from 'vitest'
import { CODES } from '../errors/codes.ts'
import { inEra, methodRule, METHODS } from './methods.ts'
import { negotiate } from './versions.ts'

it('T-060: every row is complete: one row per sender and method, refused ones have a code', () => {
  const keys = METHODS.map(({ from, method }) => `${from} ${method}`)
  expect(new Set(keys).size).toBe(keys.length)
  for (const rule of METHODS) {
    expect(rule.versions.length).toBeGreaterThan(0)
    expect(rule.note).not.toBe('')
    if (rule.disposition === 'refused') expect(CODES).toHaveProperty(rule.code ?? '')
  }
})

it('T-062: what no revision has is in no row', () => {
  expect(methodRule('client', 'resources/write')).toBeUndefined()
  expect(methodRule('client', 'Tools/call')).toBeUndefined()
  expect(methodRule('client', 'constructor')).toBeUndefined()
  expect(methodRule('server', 'tools/call')).toBeUndefined()
})

it('T-060: eras do not lend each other methods', () => {
  const initialize = methodRule('client', 'initialize')
  const listen = methodRule('client', 'subscriptions/listen')
  expect(initialize && inEra(initialize, 'modern')).toBe(false)
  expect(listen && inEra(listen, 'legacy')).toBe(false)
})

it('SYS-14: answers initialize with the revision asked for, or the newest legacy one', () => {
  expect(negotiate('2025-03-26')).toBe('2025-03-26')
  expect(negotiate('2024-10-07')).toBe('2024-11-05')
  expect(negotiate('2026-07-28')).toBe('2025-11-25')
  expect(negotiate('1999-01-01')).toBe('2025-11-25')
})
