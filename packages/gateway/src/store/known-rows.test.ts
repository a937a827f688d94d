import { describe, expect, it } from 'vitest'
import type { DocumentRow } from './backend.ts'
import { createKnownRows } from './known-rows.ts'
import { createSeal } from './seal.ts'

const seal = () => createSeal(new Uint8Array(32).fill(3))
const body = { state: { nested: ['deep', 1] }, keep: true }
const row = seal().close({
  ...{ kind: 'approval', id: 'a', version: 3, state: 'pending' },
  expiresAt: 9,
  updatedAt: 8,
  body,
})

const OTHER: Readonly<Record<Exclude<keyof DocumentRow, 'mac'>, unknown>> = {
  kind: 'grant',
  id: 'b',
  version: 2,
  state: 'approved',
  expiresAt: 10,
  updatedAt: 7,
  keep: 0,
  body: row.body.replace('1', '2'),
}

describe('rows that were verified once', () => {
  it('are what was verified, and the same document each time', () => {
    const own = seal()
    const document = own.open(row)
    expect(document).toEqual({
      ...{ kind: 'approval', id: 'a', version: 3, state: 'pending' },
      expiresAt: 9,
      updatedAt: 8,
      body,
    })
    expect(own.open({ ...row })).toBe(document)
  })

  it.each(Object.entries(OTHER))(
    'T-004: a row whose %s was changed since is not believed for its MAC',
    (column, value) => {
      const own = seal()
      expect(own.open(row)).toBeDefined()
      expect(own.open({ ...row, [column]: value })).toBeUndefined()
      expect(own.open(row)).toBeDefined()
    },
  )

  it('T-004: one whose MAC is wrong is not remembered', () => {
    const own = seal()
    const forged = { ...row, mac: '0'.repeat(64) }
    for (let time = 0; time < 3; time++) expect(own.open(forged)).toBeUndefined()
  })

  it('cannot be changed by who reads them: all others would see it', () => {
    const shared = seal().open(row)?.body as typeof body | undefined
    expect(() => Object.assign(shared ?? {}, { keep: false })).toThrow(TypeError)
    expect(() => shared?.state.nested.push('more')).toThrow(TypeError)
  })

  it('T-157: are forgotten when there are too many, the least recently read first', () => {
    const known = createKnownRows(row.body.length * 2)
    const document = seal().open(row)
    if (document === undefined) throw new Error('not opened')
    const named = (id: string): DocumentRow => ({ ...row, id })
    known.add(named('one'), document)
    known.add(named('two'), document)
    known.find(named('one'))
    known.add(named('three'), document)
    expect(['one', 'two', 'three'].map((id) => known.find(named(id)) !== undefined)).toEqual([true, false, true])
    known.add({ ...named('big'), body: row.body.repeat(3) }, document)
    expect(known.find({ ...named('big'), body: row.body.repeat(3) })).toBeUndefined()
    expect(known.find(named('three'))).toBeDefined()
  })

  it('T-004: one document has one row that is remembered, and under its own MAC alone', () => {
    const known = createKnownRows(row.body.length * 3)
    const document = seal().open(row)
    if (document === undefined) throw new Error('not opened')
    const newer = { ...row, version: 4, mac: '4'.repeat(64) }
    known.add(row, document)
    expect(known.find({ ...row, mac: newer.mac })).toBeUndefined()
    known.add(newer, document)
    expect(known.find(newer)).toBe(document)
    expect(known.find(row)).toBeUndefined()
  })
})
