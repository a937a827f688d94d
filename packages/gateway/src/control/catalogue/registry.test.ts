import { expect, test } from 'vitest'
import { CLEAN, FlowMemory, type JsonObject } from '@sallyport/core'
import { watchedLeaves } from '../../boundary/binding.ts'
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

const watched = (args: JsonObject) => {
  const { leaves, effect } = new ToolRegistry().describe(tool, args)
  return watchedLeaves(new FlowMemory().assess(tool, leaves, effect, CLEAN, () => false))
}

test('T-031 an approval is bound to how much, not only to whom', () => {
  expect(watched({ to: 'ana', amount: 5, note: 'x' })).toMatchObject([
    { path: 'to', role: 'sink', value: 'ana' },
    { path: 'amount', role: 'quantity', value: '5' },
  ])
})

test('T-103 a member name that nobody declared is something a human sees', () => {
  expect(watched({ to: { 'eve@evil.example': 1 } })).toContainEqual(
    expect.objectContaining({ path: 'to{}', role: 'sink', value: 'eve@evil.example' }),
  )
})
