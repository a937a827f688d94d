import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { MUTATIONS } from '../../scripts/coverage/mutations.mjs'

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..')
const textOf = (file: string): string => readFileSync(resolve(ROOT, file), 'utf8')

describe('the controls that `coverage:requirements --verify` takes out', () => {
  test.each(MUTATIONS)(
    'ND-1.3.a: $id is still there to be taken out, once, and has a test',
    ({ file, find, replace, test: proof }) => {
      expect(textOf(file).split(find)).toHaveLength(2)
      expect(replace).not.toBe(find)
      expect(existsSync(resolve(ROOT, proof))).toBe(true)
    },
  )

  test('ND-1.3.a: each has its own name, and what it proves is named by its test', () => {
    expect(new Set(MUTATIONS.map(({ id }) => id)).size).toBe(MUTATIONS.length)
    const unnamed = MUTATIONS.filter(
      ({ proves, test: proof }) => !proves.split(' ').some((id) => textOf(proof).includes(id)),
    )
    expect(unnamed.map(({ id }) => id)).toEqual([])
  })
})
