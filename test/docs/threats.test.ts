import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT, whyUnresolved } from './diagram.ts'

interface Row {
  readonly id: string
  readonly controls: readonly { readonly what: string; readonly at: string }[]
  readonly tests: readonly string[]
  readonly residual?: string
}
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const rows = JSON.parse(read('docs/coverage/threats.json')) as readonly Row[]
const ids = (JSON.parse(read('docs/coverage/ids.json')) as readonly { readonly id: string; readonly kind: string }[])
  .filter(({ kind }) => kind === 'TM')
  .map(({ id }) => id)
const page = read('docs/threats.md')
/** The row of the page, which has what tests are named after too. */
const lineOf = (id: string): readonly string[] =>
  page
    .split('\n')
    .find((line) => line.startsWith(`| ${id} `))
    ?.split('|')
    .map((cell) => cell.trim()) ?? []

describe('TM-R E-11: threats', () => {
  test('every threat has one row, and the ten recommendations one each', () => {
    const wanted = [
      ...ids.filter((id) => id !== 'TM-R'),
      ...Array.from({ length: 10 }, (_, i) => `TM-R-${String(i + 1).padStart(3, '0')}`),
    ]
    expect(rows.map(({ id }) => id).toSorted()).toEqual(wanted.toSorted())
  })

  test.each(rows)('$id: its controls are there', ({ controls }) => {
    expect(controls.length).toBeGreaterThan(0)
    for (const { at } of controls) {
      const [path = '', symbol = ''] = at.split('#')
      expect(whyUnresolved({ path, symbol }), at).toBeUndefined()
    }
  })

  test.each(rows)('$id: tests prove it, or the page says why not', ({ id, tests, residual }) => {
    for (const file of tests) expect(existsSync(join(ROOT, file)), file).toBe(true)
    const [, , , control = '', proofs = '', left = ''] = lineOf(id)
    expect(control).not.toBe('')
    expect(left).toBe(residual ?? '')
    if (proofs === 'none') expect(left.length).toBeGreaterThan(20)
  })
})
