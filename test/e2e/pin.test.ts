import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestGateway } from './gateway.ts'

const gateway = new TestGateway()
beforeAll(() => gateway.start(), 60_000)
afterAll(() => gateway.close())

test('T-083 T-084: tools are pinned by the digest that was looked at, and shown with it', async () => {
  await gateway.call('one', 'k')
  const { code, out, err } = gateway.cli('mcp', 'pin', 'counter', 'count', '--json')
  expect(code, err).toBe(0)
  expect(out).toContain('counter.count')
  expect(err).toMatch(/[0-9a-f]{16} {2}count/)
  expect(gateway.cli('mcp', 'pin', 'counter', 'nothing').code).toBe(2)
  expect(gateway.cli('mcp', 'diff', 'counter').code).toBe(0)
})
