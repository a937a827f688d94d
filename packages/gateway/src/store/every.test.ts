import { describe, expect, it } from 'vitest'
import { everyDocument } from './every.ts'
import type { Document, Store } from './ports.ts'

const document = (n: number): Document => ({
  ...{ kind: 'instance', id: `i-${String(n).padStart(5, '0')}`, version: 1, state: n % 2 === 0 ? 'even' : 'odd' },
  ...{ expiresAt: 0, updatedAt: 0, body: {} },
})

/** A store that believes all rows but some, as one does whose file was changed. */
function storeOf(count: number, changed: ReadonlySet<number> = new Set()): Pick<Store, 'list'> {
  const rows = Array.from({ length: count }, (_, n) => document(n))
  return {
    list: (_kind, { after = '', limit = 1, state } = {}) =>
      Promise.resolve(
        rows
          .filter((row) => row.id > after && (state === undefined || row.state === state))
          .slice(0, limit)
          .filter(({ id }) => !changed.has(Number(id.slice(2)))),
      ),
  }
}

describe('all documents of a kind', () => {
  it.each([0, 1, 499, 500, 501, 1500])('are all %i of them, once and in order', async (count) => {
    const ids = (await everyDocument(storeOf(count), 'instance')).map(({ id }) => id)
    expect(ids).toEqual(Array.from({ length: count }, (_, n) => document(n).id))
  })

  it('are those of one state where one is asked for', async () => {
    expect(await everyDocument(storeOf(1500), 'instance', { state: 'odd' })).toHaveLength(750)
  })

  it.each([0, 250, 499])('T-004: a row that was changed, the one at %i, hides none after it', async (at) => {
    const ids = (await everyDocument(storeOf(1200, new Set([at])), 'instance')).map(({ id }) => id)
    expect(ids).toHaveLength(1199)
    expect(ids.at(-1)).toBe(document(1199).id)
  })
})
