import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testGateway, type TestGateway } from '../mcp/kit.ts'
import { runSuite, RUNS, startFixture, type Scores } from './suite.ts'

/** Every scenario that scores differently through the gateway, with both scores and the reason. */
interface Difference {
  readonly scenario: string
  readonly direct: string
  readonly gateway: string
  readonly reason: string
}
const known = parse(readFileSync(new URL('./differences.yaml', import.meta.url), 'utf8')) as Record<
  string,
  Difference[]
>

let fixture: { readonly url: string; readonly process: ChildProcess }
let gateway: TestGateway
const directRuns = new Map<string, Promise<Scores>>()
beforeAll(async () => {
  fixture = await startFixture()
  gateway = await testGateway()
  const spec = { transport: 'http', url: fixture.url, headers: {}, timeoutMs: 10_000 } as const
  gateway.catalogue.add({ alias: 'default', ...spec })
  gateway.catalogue.add({ alias: 'permitted', ...spec }, { serverRequests: ['sampling', 'elicitation', 'roots'] })
})
afterAll(async () => {
  await gateway.close()
  fixture.process.kill()
})

describe('SYS-14: the official conformance suite', () => {
  it.each(RUNS)(
    '$name scores the same with and without the gateway, but for the differences that are written down',
    async (run) => {
      const key = [run.suite, ...run.args].join(' ')
      const baseline = directRuns.get(key) ?? runSuite(run, fixture.url)
      directRuns.set(key, baseline)
      const front = `${gateway.url}/${run.permitted ? 'permitted' : 'default'}`
      const [direct, through] = await Promise.all([baseline, runSuite(run, front)])
      const names = [...new Set([...Object.keys(direct), ...Object.keys(through)])].sort()
      const different = names
        .filter((name) => direct[name] !== through[name])
        .map((scenario) => ({ scenario, direct: direct[scenario] ?? '-', gateway: through[scenario] ?? '-' }))
      const expected = (known[run.name] ?? []).map(({ scenario, direct: a, gateway: b }) => ({
        scenario,
        direct: a,
        gateway: b,
      }))
      expect(different).toEqual(expected)
    },
    240_000,
  )

  it('every difference has a reason', () => {
    for (const one of Object.values(known).flat()) expect(one.reason.length).toBeGreaterThan(20)
  })
})
