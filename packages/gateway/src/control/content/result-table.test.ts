import { describe, expect, it } from 'vitest'
import { specifiedTool } from '@sallyport/core'
import { tool } from '../../boundary/fixtures/ports.ts'
import { RESULT_TABLE, resultPolicy } from './result-table.ts'

const policyOf = (name: string) => {
  const annotation = specifiedTool(name)
  if (annotation === undefined) throw new Error(name)
  return resultPolicy(tool(name, annotation), RESULT_TABLE)
}

describe('how results are handed on', () => {
  // web_search is stricter than the source table: what a search finds was written by others
  it.each([
    ['exec', 'strict', 'full'],
    ['web_fetch', 'strict', 'full'],
    ['web_search', 'strict', 'full'],
    ['read', 'standard', 'summary'],
    ['session_status', 'minimal', 'summary'],
    ['message', 'standard', 'summary'],
    ['cron', 'standard', 'summary'],
    ['memory_get', 'standard', 'summary'],
  ])('ND-3.5.a: %s is %s, logged in %s', (name, mode, logLevel) => {
    expect(policyOf(name)).toEqual({ mode, logLevel })
  })

  it('ND-3.5.a: the line of a tool beats its groups, and of several groups the strictest counts', () => {
    const both = tool('both', {
      effect: 'read',
      groups: ['group:sessions', 'group:web'],
      args: {},
      irreversible: false,
      persist: false,
    })
    expect(resultPolicy(both, RESULT_TABLE).mode).toBe('strict')
    const own = { [both.id]: { mode: 'minimal', logLevel: 'full' } } as const
    expect(resultPolicy(both, { ...RESULT_TABLE, ...own })).toEqual(own[both.id])
  })
})
