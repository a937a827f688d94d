import { createServer, type RequestListener, type Server } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { egressExceptions } from '../../packages/gateway/src/config/egress-exceptions.ts'
import { tryCanaries } from '../../packages/gateway/src/cli/security/deep/canaries.ts'
import { crawl } from '../../packages/gateway/src/cli/security/deep/crawl.ts'
import { trySsrf } from '../../packages/gateway/src/cli/security/deep/ssrf.ts'
import { tableOfEntries } from '../../packages/gateway/src/routes.ts'
import { openStage, type Stage } from '../metrics/stage.ts'

const entries = tableOfEntries()
const wrong = (tried: readonly { readonly what: string; readonly ok: boolean; readonly said: string }[]) =>
  tried.filter(({ ok }) => !ok).map(({ what, said }) => `${what}: ${said}`)

describe('a gateway that runs', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ gateway: { port: 0 }, console: { port: 0, tls: 'off' } })
  }, 60_000)
  afterAll(() => stage.close())

  const socketPath = (): string => join(stage.state, 'run', 'agent.sock')

  test('AC-2.1.5 ND-2.1.b: refuses a stranger at every entry and at every path that it does not have', async () => {
    const tried = await crawl({ name: 'agent.sock', plane: 'agent', door: { socketPath: socketPath() } }, entries)
    const url = stage.gateway.url ?? ''
    const agents = await crawl({ name: 'agents', plane: 'agent', door: { origin: url } }, entries)
    const console = { origin: stage.gateway.consoleUrl ?? '', address: '127.0.0.1' }
    const people = await crawl({ name: 'console', plane: 'operator', door: console }, entries)
    expect(wrong([...tried, ...agents, ...people])).toEqual([])
    expect(people.length).toBeGreaterThan(80)
  }, 30_000)

  test('SYS-1 T-043 HB-24: refuses the canary at every way in, with the credential of an agent and without', async () => {
    const tried = await tryCanaries({ socketPath: socketPath() }, join(stage.state, 'agents', 'tester', 'credential'))
    expect(tried.map(({ what }) => what).sort()).toEqual(
      ['MCP', 'agent API', 'hooks'].flatMap((name) => [name, `${name}, without a credential`]).sort(),
    )
    expect(wrong(tried)).toEqual([])
  })
})

describe('a gateway that is not as it should be', () => {
  const servers: Server[] = []
  const place = mkdtempSync(join(tmpdir(), 'sallyport-deep-'))
  afterAll(() => {
    for (const server of servers) server.close()
    rmSync(place, { recursive: true, force: true })
  })
  async function doorOf(name: string, answer: RequestListener): Promise<{ readonly socketPath: string }> {
    const server = createServer(answer)
    servers.push(server)
    const socketPath = join(place, `${name}.sock`)
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    return { socketPath }
  }

  test('AC-2.1.5: a rogue route is found, and nothing else', async () => {
    const door = await doorOf('rogue', ({ url }, response) => {
      response.statusCode = url === '/debug' || url === '/v1/tools' ? 200 : 403
      response.end()
    })
    const tried = await crawl({ name: 'x', plane: 'agent', door }, entries)
    expect(wrong(tried).sort()).toEqual(['x GET /debug: 200', 'x GET /v1/tools: 200', 'x POST /debug: 200'])
  })

  test('T-043: an answer that is no refusal of ours is one that lets calls pass', async () => {
    const credential = join(place, 'credential')
    writeFileSync(credential, 'authorization: Bearer x\n')
    const answers: Record<string, string> = {
      open: '{"jsonrpc":"2.0","id":2,"result":{"content":[]}}',
      empty: '',
      mocking: '{"code":"SP_AUTHZ_DENIED","result":{"content":[]}}',
    }
    for (const [name, body] of Object.entries(answers)) {
      const tried = await tryCanaries(await doorOf(name, (_request, response) => response.end(body)), credential)
      expect(wrong(tried)).toHaveLength(6)
    }
  })

  test('T-043: nobody who answers is not a refusal either', async () => {
    expect(wrong(await tryCanaries({ socketPath: join(place, 'none.sock') }, undefined))).toHaveLength(3)
  })
})

describe('the ways out', () => {
  test('HB-128: refuse every name that leads inside', async () => {
    const tried = await trySsrf({ exceptions: [], authorities: [] })
    expect(wrong(tried)).toEqual([])
    expect(tried.length).toBeGreaterThan(40)
  }, 20_000)

  test('HB-128: an exception for everything is noticed by who is reached', async () => {
    const one = { addresses: ['127.0.0.0/8'], reason: 'for a test', by: 'ana', expires: '2999-01-01' }
    const { inForce } = egressExceptions({ '*.sallyport.example:*': one }, Date.now())
    const found = wrong(await trySsrf({ exceptions: inForce, authorities: [] }))
    expect(found).toContain('a name that leads to 127.0.0.1: it answered 200')
    expect(found).toContain('a name that leads to 127.8.8.8, for an agent: it would be connected')
    expect(found.join('\n')).not.toMatch(/169\.254|10\.0\.0\.1/)
  }, 20_000)
})
