import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { connect, type Sallyport } from '../../packages/sdk/src/index.ts'
import { ask, temporaryDirectory, type Answer } from '../api/kit.ts'
import { operatorOf } from '../approvals/operator.ts'
import { UNCONFINED } from '../unconfined.ts'

const mailServer = new URL('../../examples/mailbox/server.mjs', import.meta.url).pathname
const TEAM = `// version: 1.0
@id("team.delete")
@decision("approve")
@severity("medium")
forbid (principal, action == Action::"mail.delete_mail", resource)
unless { context.approved };
`

let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let gateway: Gateway
let agent: Sallyport

beforeAll(async () => {
  folder = await temporaryDirectory()
  await mkdir(join(folder.path, 'mailbox'))
  await mkdir(join(folder.path, 'policies'))
  await writeFile(join(folder.path, 'mailbox', 'inbox.json'), '[]')
  await writeFile(join(folder.path, 'policies', 'team.cedar'), TEAM)
  const stateDir = join(folder.path, 'state')
  const config = [
    ...['version: 1', 'policies: [preset:balanced, policies]', UNCONFINED, 'servers:', '  mail:'],
    `    command: [${process.execPath}, ${mailServer}, ${join(folder.path, 'mailbox')}]`,
    '    tools:',
    '      delete_mail: { effect: write, groups: [group:automation], args: { ids: selector } }',
  ].join('\n')
  const loaded = parseConfig(config, join(folder.path, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
  gateway = await createGateway(loaded, { stateDir })
  await gateway.listen()
  await operatorOf(gateway).claim()
  const { key } = await gateway.identity.agents.add({ name: 'coder', by: 'test' })
  await gateway.identity.agents.setTrust('coder', 2, 'test', 'policy alone')
  agent = connect({ socket: join(stateDir, 'run', 'agent.sock'), agent: 'coder', key })
}, 60_000)
afterAll(async () => {
  await agent.close()
  await gateway.close()
  await folder.remove()
})

const api = (method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(
    { socketPath: join(folder.path, 'state', 'run', 'operator.sock') },
    { method, path, ...(body === undefined ? {} : { body }) },
  )

/** A request that a person denied. */
async function asked(ids: readonly string[]): Promise<string> {
  const call = agent.call('mail.delete_mail', { ids: [...ids] }).catch((thrown: unknown) => thrown)
  const pending = async () =>
    ((await api('GET', '/api/v1/approvals?state=pending')).body as { items: { id: string }[] }).items
  await expect.poll(async () => (await pending()).length, { timeout: 20_000 }).toBe(1)
  const [{ id } = { id: '' }] = await pending()
  await api('POST', `/api/v1/approvals/${id}/deny`, {})
  await call
  return id
}

describe('a rule out of a request, over the API', () => {
  it('SC5: the draft of an exception has green tests, is about this value alone, and changes the rule that asked', async () => {
    const id = await asked(['a'])
    const { status, body } = await api('GET', `/api/v1/approvals/${id}/rule?effect=allow`)
    expect([status, body]).toEqual([200, expect.objectContaining({ possible: true })])
    const proposal = body as { cedar: string; changes: unknown }
    expect(proposal.cedar).toContain('context.args has ids && context.args.ids == ["a"]')
    expect(proposal.changes).toEqual([{ id: 'team.delete', file: expect.stringContaining('team.cedar') }])
    const made = await api('POST', `/api/v1/approvals/${id}/rule`, { effect: 'allow' })
    expect(made.status).toBe(201)
    const { draft } = made.body as { draft: string }
    const { body: check } = await api('POST', `/api/v1/policy/drafts/${draft}/check`, {})
    expect(check).toMatchObject({ ok: true, tests: { failed: 0 }, conflict: false })
    const { results } = (check as { tests: { results: { test: string; got: string }[] } }).tests
    expect(results.slice(-3).map(({ test, got }) => [test, got])).toEqual([
      ['the call that was asked about', 'allow'],
      ['something else is decided as before', 'ask'],
      ['another agent is decided as before', 'ask'],
    ])
    expect((check as { widening: readonly string[] }).widening).toEqual(['team.delete: a forbid that is changed'])
  }, 60_000)

  it('SC5: the draft of a denial only tightens, and decides nothing before it is published', async () => {
    const id = await asked(['b'])
    const made = await api('POST', `/api/v1/approvals/${id}/rule`, { effect: 'deny' })
    const { draft, file } = made.body as { draft: string; file: string }
    expect(file).toMatch(/^from-approvals\/.*-deny\.cedar$/)
    const { body: check } = await api('POST', `/api/v1/policy/drafts/${draft}/check`, {})
    expect(check).toMatchObject({ ok: true, tests: { failed: 0 }, widening: [] })
    // the draft decides nothing: such calls are asked about as before
    expect((await api('GET', `/api/v1/approvals/${id}/rule?effect=deny`)).body).toMatchObject({ possible: true })
  }, 60_000)

  it('SC5: what is wrong is said: an effect that is none, a request that is not there', async () => {
    expect((await api('GET', '/api/v1/approvals/none/rule?effect=allow')).status).toBe(404)
    const id = await asked(['c'])
    expect((await api('GET', `/api/v1/approvals/${id}/rule?effect=ask`)).status).toBe(422)
  }, 60_000)
})
