import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GROUPS } from '../../scripts/coverage/groups.mjs'
import { MUTATIONS } from '../../scripts/coverage/mutations.mjs'
import { ROOT } from './diagram.ts'

describe('SEC-7.3: groups of tests', () => {
  test('AC-7.3.4: the four groups are there', () => {
    expect(Object.keys(GROUPS)).toEqual(['tool-policy', 'external-content', 'policy-violation-alert', 'sandbox-escape'])
  })

  test.each(Object.entries(GROUPS))(
    'AC-7.3.4: %s has tests, and controls whose removal one of them notices',
    (_name, group) => {
      expect(group.tests.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
      expect(group.mutants.length).toBeGreaterThanOrEqual(5)
      for (const id of group.mutants) {
        const mutant = MUTATIONS.find((one) => one.id === id)
        expect(mutant, id).toBeDefined()
        expect(group.tests, id).toContain(mutant?.test)
        // the name alone chooses it
        expect(MUTATIONS.filter((one) => one.id.includes(id)).map((one) => one.id)).toEqual([id])
      }
    },
  )
})
