import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { ask, temporaryDirectory } from '../api/kit.ts'

const server = new URL('fixtures/leaky-server.mjs', import.meta.url).pathname
/** Nothing about their form says that they are secrets. */
const [VARIABLE, HEADER] = ['meadow lantern forty otters', 'quiet harbour seven kites']
const [PORT, OF_THE_GATEWAY] = ['port number 8443', 'canary-of-the-gateway']

let gateway: Gateway
let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let written = ''

beforeAll(async () => {
  process.env['SALLYPORT_TEST_CANARY'] = OF_THE_GATEWAY
  folder = await temporaryDirectory()
  const stateDir = join(folder.path, 'state')
  const config = `
version: 1
policies: [preset:balanced]
servers:
  leaky:
    command: [${process.execPath}, ${server}]
    env: { DB_PASSWORD: ${VARIABLE}, LISTEN_ON: ${PORT}, API_TOKEN: Bearer ${HEADER} }
    tools:
      print: { effect: read, groups: [group:crm] }
      fail: { effect: read, groups: [group:crm] }
      log: { effect: read, groups: [group:crm] }
      die: { effect: read, groups: [group:crm] }
`
  const loaded = parseConfig(config, join(folder.path, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
  gateway = await createGateway(loaded, {
    stateDir,
    operationalSink(text, done) {
      written += text
      done()
    },
  })
  await gateway.listen()
  await gateway.identity.agents.add({ name: 'coder', by: 'test' })
  await gateway.identity.agents.setTrust('coder', 2, 'test', 'policy alone')
}, 60_000)
afterAll(async () => {
  delete process.env['SALLYPORT_TEST_CANARY']
  await gateway.close()
  await folder.remove()
})

async function answerOf(name: string): Promise<string> {
  const issued = gateway.identity.issueFor('coder')
  const bearer = issued.ok ? issued.value.credential : ''
  const body = { tool: `leaky.${name}`, arguments: {} }
  const socketPath = join(folder.path, 'state', 'run', 'agent.sock')
  return JSON.stringify((await ask({ socketPath }, { method: 'POST', path: '/v1/calls', bearer, body })).body)
}

describe('HB-85: what a server has in its environment', () => {
  test('is its own and the few safe names; nothing of the gateway’s is there to print', async () => {
    const shown = await answerOf('print')
    expect(shown).toContain(PORT)
    expect(shown).not.toContain(OF_THE_GATEWAY)
    const names = [...shown.matchAll(/([A-Z_]+)\\+":/g)].map(([, name]) => name)
    expect(
      names.filter((name) => !/^(PATH|PWD|HOME|LANG|TERM|DB_PASSWORD|LISTEN_ON|API_TOKEN|__.*)$/.test(name ?? '')),
    ).toEqual([])
  })

  test.each(['print', 'fail', 'log', 'die'])('reaches neither the agent nor a log through %s', async (tool) => {
    const answer = await answerOf(tool)
    await expect.poll(() => tool === 'print' || tool === 'fail' || written.includes('connect')).toBe(true)
    const log = await gateway.store.readLog({ newest: true, limit: 40 })
    for (const text of [answer, written, ...log.map(({ body }) => body)]) {
      expect(text).not.toContain(VARIABLE)
      expect(text).not.toContain(HEADER)
    }
    if (tool === 'print' || tool === 'fail') expect(answer).toContain('[REDACTED]')
    else expect(written).toContain('server wrote to standard error')
  })
})
