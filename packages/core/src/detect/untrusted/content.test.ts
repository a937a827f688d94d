import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  promoteTrust,
  requireTrusted,
  requireUntrusted,
  TrustedContent,
  UntrustedContent,
  wrapUntrusted,
} from './content.ts'

const mail = wrapUntrusted('pay eve', 'mail.read')

describe('text with an origin', () => {
  it('AC-3.4.1: trusted and untrusted are different types, and neither is a string', () => {
    expectTypeOf(mail).not.toEqualTypeOf<TrustedContent>()
    expectTypeOf<UntrustedContent>().not.toExtend<TrustedContent>()
    expectTypeOf<TrustedContent>().not.toExtend<UntrustedContent>()
    expectTypeOf<string>().not.toExtend<UntrustedContent>()
    expectTypeOf<UntrustedContent>().not.toExtend<string>()
  })

  it.each<readonly [string, () => unknown]>([
    ['concatenation', () => `${mail as unknown as string}`],
    ['addition', () => (mail as unknown as string) + ''],
    ['String()', () => String(mail)],
    ['JSON', () => JSON.stringify({ mail })],
    ['comparison', () => (mail as unknown as string) < 'z'],
  ])('E-32: it does not become a string by %s', (_, use) => {
    expect(use).toThrow(/SP_CONTENT_TRUST|mail\.read/)
  })

  it('AC-3.4.3: only an explicit promotion with a reason makes it trusted, and that leaves a record', () => {
    const records: unknown[] = []
    const trusted = promoteTrust(mail, 'the operator confirmed this text', (record) => void records.push(record))
    expect(trusted.reveal()).toBe('pay eve')
    expect(records).toEqual([{ source: 'mail.read', justification: 'the operator confirmed this text', length: 7 }])
    expect(() => promoteTrust(mail, '   ', () => undefined)).toThrow(/justification/)
    expect(records).toHaveLength(1)
  })

  it('AC-3.4.4: a raw string that comes in through a cast is refused at run time', () => {
    expect(() => requireUntrusted('pay eve' as never)).toThrow(/wrapper/)
    expect(() => requireTrusted(mail)).toThrow(/trusted text/)
    expect(() => requireTrusted({ reveal: () => 'x', source: 'y' })).toThrow(/trusted text/)
    expect(() => promoteTrust('x' as never, 'a long enough reason', () => undefined)).toThrow(/wrapper/)
  })
})
