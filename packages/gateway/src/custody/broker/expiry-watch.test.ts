import { CREDENTIAL_TYPES, expiryOf } from '@sallyport/core'
import { describe, expect, test } from 'vitest'
import { ExpiryWatch, type Mortal } from './expiry-watch.ts'

const DAY = 86_400_000
const value = (type: Mortal['type'] = 'api_key', version = 1): Mortal => ({
  ...{ name: type, type, version, createdAt: 0, expiresAt: expiryOf(type, 0) },
})
const kinds = (watch: ExpiryWatch, values: readonly Mortal[], now: number): readonly string[] =>
  watch.look(values, now).map(({ kind, of }) => `${kind} ${of.name} ${of.version}`)

describe('ends of values', () => {
  test.each(CREDENTIAL_TYPES)(
    'AC-4.1.3, ND-4.1.b: %s: due at 75 %% of its life, ended at its end, each said once',
    (type) => {
      const one = value(type)
      const watch = new ExpiryWatch(0.75)
      const due = one.expiresAt * 0.75
      expect(kinds(watch, [one], due - 1)).toEqual([])
      expect(kinds(watch, [one], due)).toEqual([`due ${type} 1`])
      expect(kinds(watch, [one], one.expiresAt - 1)).toEqual([])
      expect(kinds(watch, [one], one.expiresAt)).toEqual([`expired ${type} 1`])
      expect(kinds(watch, [one], one.expiresAt + 400 * DAY)).toEqual([])
    },
  )

  test('AC-4.1.3: not again after a restart, and anew for the next version', () => {
    const end = value().expiresAt
    expect(kinds(new ExpiryWatch(0.75, [{ name: 'api_key', version: 1 }]), [value()], end)).toEqual([])
    const watch = new ExpiryWatch(0.75)
    expect(kinds(watch, [value()], end)).toEqual(['expired api_key 1'])
    expect(kinds(watch, [value('api_key', 2)], end)).toEqual(['expired api_key 2'])
  })

  test('HB-57: what nobody used for 30 days is said once, and not of what is used', () => {
    const watch = new ExpiryWatch(0.75)
    const [idle, busy] = [
      { ...value('gateway'), lastUsedAt: 0 },
      { ...value('gateway'), name: 'busy', lastUsedAt: 29 * DAY },
    ]
    expect(kinds(watch, [idle, busy], 30 * DAY - 1)).toEqual([])
    expect(kinds(watch, [idle, busy], 30 * DAY)).toEqual(['unused gateway 1'])
    expect(kinds(watch, [idle, busy], 31 * DAY)).toEqual([])
    expect(kinds(watch, [busy], 59 * DAY)).toEqual(['unused busy 1'])
  })
})
