import { readFileSync } from 'node:fs'
import * as core2 from '@modelcontextprotocol/core'
import * as types1 from '@modelcontextprotocol/sdk/types.js'
import { LATEST_LEGACY, LATEST_MODERN, methodRule, METHODS } from '@sallyport/core'
import { expect, it } from 'vitest'
import { MODULES } from './kit.ts'
import { methodReference } from './reference.ts'

/** Method literals of the members of a zod union, as the official packages export it. */
function methodsOf(union: unknown): string[] {
  const { options } = union as { options: { shape: { method: { value?: string; def?: { values: string[] } } } }[] }
  return options.map(({ shape: { method } }) => method.value ?? method.def?.values[0] ?? '?')
}

const OFFICIAL = [
  ['client', types1.ClientRequestSchema],
  ['client', types1.ClientNotificationSchema],
  ['server', types1.ServerRequestSchema],
  ['server', types1.ServerNotificationSchema],
] as const

it('T-060: the official schemas of the 2025 era have no message without a row', () => {
  const found = OFFICIAL.flatMap(([from, union]) => methodsOf(union).map((method) => [from, method] as const))
  expect(found.length).toBeGreaterThan(35)
  for (const [from, method] of found) {
    const rule = methodRule(from, method)
    expect(rule, `${from} ${method}`).toBeDefined()
    expect(rule?.versions, `${from} ${method}`).toContain(LATEST_LEGACY)
  }
})

it('T-060: the official schemas of both eras have no message without a row', () => {
  const methods = Object.values(core2).flatMap((schema) => {
    const shape = (schema as { shape?: { method?: { value?: string } } }).shape
    return typeof shape?.method?.value === 'string' ? [shape.method.value] : []
  })
  expect(new Set(methods).size).toBeGreaterThan(30)
  const known = new Set(METHODS.map(({ method }) => method))
  expect([...new Set(methods)].filter((method) => !known.has(method))).toEqual([])
})

it('T-060: the registry of 2026-07-28 in the official server is the table’s modern era', () => {
  const source = readFileSync(`${MODULES}@modelcontextprotocol/server/dist/${moduleWithRegistry()}`, 'utf8')
  const [, region = ''] = /rev2026-07-28\/registry\.ts\n([\s\S]*?)\/\/#endregion/.exec(source) ?? []
  const keys = [...region.matchAll(/"([a-z]+(?:\/[a-zA-Z_]+)+)": null/g)].map(([, key]) => key)
  expect(keys.length).toBeGreaterThan(15)
  const modern = METHODS.filter(({ versions }) => versions.includes(LATEST_MODERN)).map(({ method }) => method)
  expect(keys.filter((key) => !modern.includes(key ?? ''))).toEqual([])
  // What the table has beyond the registry: members of `inputRequests` and the tasks extension.
  const embedded = [
    'elicitation/create',
    'sampling/createMessage',
    'roots/list',
    'tasks/get',
    'tasks/cancel',
    'tasks/update',
  ]
  expect(new Set(modern.filter((method) => !keys.includes(method)))).toEqual(new Set(embedded))
})

it('T-060: docs/reference/mcp.md is what the table says', async () => {
  await expect(methodReference()).toMatchFileSnapshot('../../docs/reference/mcp.md')
})

function moduleWithRegistry(): string {
  const index = readFileSync(`${MODULES}@modelcontextprotocol/server/dist/index.mjs`, 'utf8')
  return /from "\.\/(src-[^"]+\.mjs)"/.exec(index)?.[1] ?? ''
}
