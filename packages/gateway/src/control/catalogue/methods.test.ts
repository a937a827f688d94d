import { expect, test } from 'vitest'
import { methodTools, unnotedMethods } from './methods.ts'

test('T-060 T-062: every MCP method that policy decides has its note, and a server that is not here makes reads external', () => {
  expect(unnotedMethods()).toEqual([])
  const effect = (launch: Parameters<typeof methodTools>[0]) =>
    methodTools(launch).find(({ definition }) => definition.name === 'mcp:resources/read')?.annotation.effect
  expect(effect({ transport: 'stdio', command: ['x'], env: [] })).toBe('read')
  expect(effect({ transport: 'http', url: 'https://mcp.example' })).toBe('external')
})
