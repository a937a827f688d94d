import { expect, test } from 'vitest'
import type { RegisteredTool, ToolDefinition } from '@sallyport/core'
import { Catalogue } from '../../packages/gateway/src/control/catalogue/catalogue.ts'
import { systemClock } from '../../packages/gateway/src/clock.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { memoryEvidence, memoryStore } from '../policy/fixtures.ts'

async function node(store: Store) {
  const told: (readonly RegisteredTool[])[] = []
  const catalogue = await Catalogue.open({
    store,
    evidence: memoryEvidence(),
    clock: systemClock,
    random: systemRandom,
    sheets: () => [],
    notes: {},
    elevated: [],
    pinning: 'first-use',
    changed: async (tools) => void told.push(tools),
  })
  return { catalogue, told, settled: () => new Promise((resolve) => setTimeout(resolve, 20)) }
}
const definitions = (note: string): readonly ToolDefinition[] =>
  Array.from({ length: 50 }, (_, n) => ({ name: `t${n}`, description: note, inputSchema: { type: 'object' } }))
const LAUNCH = { transport: 'stdio', command: ['server'], env: [] } as const

test('T-084: tools that were pinned are told once, however many there are, and what this node wrote is no news to it', async () => {
  const { catalogue, told, settled } = await node(memoryStore())
  await catalogue.addServer('a', LAUNCH)
  const before = told.length
  await catalogue.observe('a', definitions('one'))
  await settled()
  expect(told.length - before).toBe(1)
  expect(told.at(-1)?.filter(({ name }) => name.startsWith('t'))).toHaveLength(50)
})

test('T-084: another node shows what is stored, also for a server that was removed and registered anew', async () => {
  const store = memoryStore()
  const here = await node(store)
  const there = await node(store)
  const seen = (): string | undefined =>
    there.catalogue.entries('a').find(({ tool }) => tool.name === 't1')?.tool.definition.description
  await here.catalogue.addServer('a', LAUNCH)
  await here.catalogue.observe('a', definitions('one'))
  await here.settled()
  expect(seen()).toBe('one')
  await here.catalogue.removeServer('a')
  await here.catalogue.addServer('a', LAUNCH)
  await here.catalogue.observe('a', definitions('two'))
  await here.settled()
  expect(seen()).toBe('two')
  await here.catalogue.observe('a', definitions('three'))
  await here.settled()
  expect(there.catalogue.entries('a').find(({ tool }) => tool.name === 't1')?.state).toBe('drifted')
})
