import { describe, expect, it } from 'vitest'
import type { Json } from '../json/types.ts'
import { resultFields } from './result-fields.ts'

const GOOD = { integrity: 2, confidentiality: 1 } as const
const POOR = { integrity: 1, confidentiality: 2 } as const

describe('fields of a structured result', () => {
  it('have the label that is given to them; what nobody named stays with the rest', () => {
    const value = {
      tickets: [{ id: 'T-1', from: { name: 'Ana', mail: 'a@b.example' }, text: 'hi' }],
      next: 7,
      T: ['x'],
    }
    expect(resultFields(value, { 'tickets[].id': GOOD, 'tickets[].from': POOR, 'T[]': GOOD })).toEqual({
      rest: { tickets: [{ text: 'hi' }], next: 7, T: [] },
      parts: [
        { text: 'T-1', label: GOOD },
        { text: '{"name":"Ana","mail":"a@b.example"}', label: POOR },
        { text: 'x', label: GOOD },
      ],
    })
  })

  it('T-095: a member of the data is at its own place and at no other', () => {
    const value: Json = JSON.parse(
      '{"a.id":"one","a":{"b":{"id":"two"},"id":"ok"},"list":[{"id":"three"}],"__proto__":{"id":"four"}}',
    )
    const { rest, parts } = resultFields(value, { 'a.id': GOOD })
    expect(parts.map(({ text }) => text)).toEqual(['ok'])
    for (const text of ['one', 'two', 'three', 'four']) expect(JSON.stringify(rest)).toContain(text)
  })
})
