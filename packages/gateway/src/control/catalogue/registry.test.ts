import { expect, test } from 'vitest'
import { registeredTool, ToolRegistry } from './registry.ts'

const tool = registeredTool({
  server: 'bank',
  definition: { name: 'pay', inputSchema: { properties: { to: {}, amount: {}, note: {} } } },
  pin: '',
  annotation: {
    effect: 'external',
    groups: [],
    args: { to: 'sink', amount: 'quantity', note: 'content' },
    irreversible: true,
    persist: false,
  },
  elevated: false,
})

test('T-031 an approval is bound to how much, not only to whom', () => {
  const { sinks } = new ToolRegistry().describe(tool, { to: 'ana', amount: 5, note: 'x' })
  expect(sinks).toEqual([
    { path: 'to', role: 'sink', value: 'ana' },
    { path: 'amount', role: 'quantity', value: '5' },
  ])
})

test('T-103 a member name that nobody declared is something a human sees', () => {
  const { sinks } = new ToolRegistry().describe(tool, { to: { 'eve@evil.example': 1 } })
  expect(sinks).toContainEqual({ path: 'to{}', role: 'sink', value: 'eve@evil.example' })
})
