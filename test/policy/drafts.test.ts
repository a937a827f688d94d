import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGateway, parseConfig, type Gateway } from '../../packages/gateway/src/index.ts'
import { connect } from '../../packages/sdk/src/index.ts'
import { ask, temporaryDirectory, type Answer } from '../api/kit.ts'
import { operatorOf, type TestOperator } from '../approvals/operator.ts'
import { UNCONFINED } from '../unconfined.ts'

const mailServer = new URL('../../examples/mailbox/server.mjs', import.meta.url).pathname
const TEAM = `// version: 1.0
@id("team.no-delete")
forbid (principal, action == Action::"mail.delete_mail", resource);
`
const TESTS = `name: Team
tools:
  mail.delete_mail: { effect: write }
tests:
  - name: nobody deletes mail
    toolCall: { name: mail.delete_mail, arguments: { ids: [a] } }
    expected: { allowed: false, policy: team.no-delete }
`
/** Allows what is denied in the team's file, and says so in its test. */
const OPENED = `// version: 1.1
@id("team.delete")
permit (principal, action == Action::"mail.delete_mail", resource);
`
const OPENED_TESTS = TESTS.replace(/expected: .*/, 'expected: { allowed: true }')

let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let gateway: Gateway
let ana: TestOperator
let calls: string[] = []

async function start(): Promise<void> {
  const stateDir = join(folder.path, 'state')
  const config = [
    'version: 1',
    'policies: [preset:balanced, policies]',
    UNCONFINED,
    'servers:',
    '  mail:',
    `    command: [${process.execPath}, ${mailServer}, ${join(folder.path, 'mailbox')}]`,
    '    tools:',
    '      list_mail: { effect: read, groups: [group:messaging], result: { integrity: 1, confidentiality: 1 } }',
    '      delete_mail: { effect: write, groups: [group:automation], args: { ids: selector } }',
  ].join('\n')
  const loaded = parseConfig(config, join(folder.path, 'sallyport.yaml'), { env: {}, stateDir, now: Date.now() })
  gateway = await createGateway(loaded, { stateDir })
  await gateway.listen()
}

beforeAll(async () => {
  folder = await temporaryDirectory()
  await mkdir(join(folder.path, 'mailbox'))
  await mkdir(join(folder.path, 'policies'))
  await writeFile(join(folder.path, 'mailbox', 'inbox.json'), '[]')
  await writeFile(join(folder.path, 'policies', 'team.cedar'), TEAM)
  await writeFile(join(folder.path, 'policies', 'team.test.yaml'), TESTS)
  await start()
  ana = operatorOf(gateway)
  const { key } = await gateway.identity.agents.add({ name: 'coder', by: 'test' })
  await gateway.identity.agents.setTrust('coder', 2, 'test', 'policy alone')
  const sp = connect({ socket: join(folder.path, 'state', 'run', 'agent.sock'), agent: 'coder', key })
  await sp.call('mail.list_mail', {})
  await sp.call('mail.delete_mail', { ids: ['a'] }).catch(() => undefined)
  await sp.call('mail.delete_mail', { ids: ['b'] }).catch(() => undefined)
  await sp.close()
  const records = await gateway.store.readLog({ kind: 'decision', tool: 'mail.delete_mail', limit: 10 })
  calls = records.map(({ body }) => (JSON.parse(body) as { auditId: string }).auditId)
  await ana.claim()
}, 60_000)
afterAll(async () => {
  await gateway.close()
  await folder.remove()
})

const api = (method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(
    { socketPath: join(folder.path, 'state', 'run', 'operator.sock') },
    { method, path: `/api/v1/policy/${path}`, ...(body === undefined ? {} : { body }) },
  )
const draft = async (): Promise<string> => (await api('POST', 'drafts', {})).body.id
const save = async (id: string, edits: Readonly<Record<string, string | null>>): Promise<Answer> => {
  const { revision } = (await api('GET', `drafts/${id}`)).body
  const list = Object.entries(edits).map(([path, text]) => ({ path, text }))
  return api('PUT', `drafts/${id}`, { revision, edits: list })
}
const CEDAR = 'policies/team.cedar'
const YAML = 'policies/team.test.yaml'

describe('a draft', () => {
  it('ND-5.5.a: every check runs the tests; a red one is named with what was expected and what came', async () => {
    const id = await draft()
    const edits = [{ path: CEDAR, text: OPENED }]
    const { body } = await api('POST', `drafts/${id}/check`, { edits })
    expect(body).toMatchObject({ ok: false, problem: { code: 'SP_POLICY_TEST_FAILED' }, changed: [CEDAR] })
    expect(body.widening).toEqual(['team.delete: a new permit', 'team.no-delete: a forbid that is gone'])
    const red = body.tests.results.filter(({ ok }: { ok: boolean }) => !ok)
    expect(red).toMatchObject([
      { file: YAML, test: 'nobody deletes mail', expected: 'refuse', expectedBy: 'team.no-delete', got: 'allow' },
    ])
    // nothing of it was saved
    expect((await api('POST', `drafts/${id}/check`)).body).toMatchObject({ ok: true, changed: [], widening: [] })
  })

  it('AC-5.1.1: says place and reason of what cannot be read', async () => {
    const id = await draft()
    const text = TEAM.replace('forbid (principal,', 'forbid (principle,')
    const { body } = await api('POST', `drafts/${id}/check`, { edits: [{ path: CEDAR, text }] })
    expect(body.ok).toBe(false)
    expect(body.issues[0]).toMatchObject({ severity: 'error', file: CEDAR, line: 3, col: 9 })
  })

  it('E-54: a changed file needs a higher version before it may be published', async () => {
    const id = await draft()
    const edits = [{ path: CEDAR, text: `${TEAM}// more\n` }]
    const { body } = await api('POST', `drafts/${id}/check`, { edits })
    expect(body.problem.text).toContain('its version 1.0 is not above 1.0')
  })

  it('T-049: no draft changes the rules that are always in force, or writes outside of its names', async () => {
    const id = await draft()
    for (const path of ['preset:base.cedar', '../up.cedar', '/etc/x.cedar', 'a/../../b.cedar', '.git/x.cedar', 'x.sh'])
      expect([path, (await save(id, { [path]: '' })).status]).toEqual([path, 422])
    expect((await save(id, { 'preset:base.cedar': null })).status).toBe(422)
  })

  it('of two who save at the same time the second is told', async () => {
    const id = await draft()
    const { revision } = (await api('GET', `drafts/${id}`)).body
    const edits = [{ path: 'own.cedar', text: '// version: 1.0\n' }]
    expect((await api('PUT', `drafts/${id}`, { revision, edits })).status).toBe(200)
    expect((await api('PUT', `drafts/${id}`, { revision, edits })).body.code).toBe('SP_POLICY_DRAFT')
  })

  it('says first what becomes possible', async () => {
    const id = await draft()
    await save(id, { [CEDAR]: OPENED, [YAML]: OPENED_TESTS })
    const { body } = await api('GET', `drafts/${id}/diff`)
    expect(body.effects[0]).toEqual({ tool: 'mail.delete_mail', session: 'clean', before: 'deny', after: 'allow' })
    expect(body.texts.map(({ path }: { path: string }) => path)).toEqual([CEDAR, YAML])
  })

  it('explains a recorded call by another policy and with other labels', async () => {
    const id = await draft()
    const live = await api('POST', 'explain/call', { event: calls[0] })
    expect(live.body).toMatchObject({
      call: { tool: 'mail.delete_mail', outcome: 'deny', by: ['team.no-delete'] },
      labels: { integrity: 1, tainted: true },
      explanation: { decision: { outcome: 'deny', determining: ['team.no-delete'] } },
    })
    expect(live.body.texts['team.no-delete']).toContain('mail.delete_mail')
    await save(id, { [CEDAR]: OPENED, [YAML]: OPENED_TESTS })
    const other = await api('POST', 'explain/call', { event: calls[0], draft: id, labels: { integrity: 3 } })
    expect(other.body).toMatchObject({ labels: { tainted: false }, explanation: { decision: { outcome: 'allow' } } })
    expect((await api('POST', 'explain/call', { event: 'nobody' })).status).toBe(404)
  })

  it('is simulated against the calls of the week: only what changes is listed, with exact counts', async () => {
    const id = await draft()
    await save(id, { [CEDAR]: OPENED, [YAML]: OPENED_TESTS })
    const started = (await api('POST', `drafts/${id}/simulate`, { window: 'week' })).body
    expect(started).toMatchObject({ state: 'running', draft: id })
    // three calls are soon simulated: a second run is refused, or the first has ended
    const second = (await api('POST', `drafts/${id}/simulate`)).body
    const atOnce = (await api('GET', `simulations/${started.id}`)).body
    if (second.code !== 'SP_POLICY_BUSY') expect(atOnce.state).toBe('done')
    const ended = async (run: string) => {
      const view = async () => (await api('GET', `simulations/${run}`)).body
      await expect.poll(async () => (await view()).state, { timeout: 30_000 }).not.toBe('running')
      return view()
    }
    const view = await ended(started.id)
    if (second.id !== undefined) await ended(second.id)
    expect(view).toMatchObject({ state: 'done', progress: 1, calls: 3, drifted: 0, problem: '' })
    const about = { agent: 'coder', tool: 'mail.delete_mail', before: 'deny' }
    expect(view.groups).toEqual([{ ...about, after: view.groups[0].after, count: 2 }])
    expect(view.changes.map(({ auditId }: { auditId: string }) => auditId)).toEqual(calls)
    expect(view.changes[0].after).not.toBe('deny')
  }, 60_000)

  it('a simulation that is cancelled stays where it was', async () => {
    const id = await draft()
    const { body } = await api('POST', `drafts/${id}/simulate`)
    expect((await api('POST', `simulations/${body.id}/cancel`)).body.state).toBe('cancelled')
    expect((await api('GET', `simulations/${body.id}`)).body).toMatchObject({ state: 'cancelled' })
  })
})

describe('publishing', () => {
  const publish = async (id: string, digest: string, proof?: object): Promise<Answer> =>
    api('POST', `drafts/${id}/publish`, { digest, ...(proof === undefined ? {} : { proof }) })

  it('T-049 T-001: needs green tests, and a proof of presence over exactly what was looked at', async () => {
    const id = await draft()
    await save(id, { [CEDAR]: OPENED })
    const red = (await api('POST', `drafts/${id}/check`)).body
    const refused = await publish(id, red.digest, await ana.prove('policy.accept', { digest: red.digest }))
    expect(refused.body.code).toBe('SP_POLICY_TEST_FAILED')
    await save(id, { [YAML]: OPENED_TESTS })
    const green = (await api('POST', `drafts/${id}/check`)).body
    expect(green.ok).toBe(true)
    expect((await publish(id, green.digest)).body.code).toBe('SP_AUTHN_PRESENCE')
    const other = await ana.prove('policy.accept', { digest: 'a'.repeat(64) })
    expect((await publish(id, green.digest, other)).body.code).toBe('SP_AUTHN_PRESENCE')
    expect((await api('GET', 'current')).body.version).toContain('team@1.0')
  })

  it('AC-5.4.2 E-58: comes into force with its author, ends the draft, and outlives a restart and the files on disk', async () => {
    const stale = await draft()
    const id = await draft()
    await save(id, { [CEDAR]: OPENED, [YAML]: OPENED_TESTS })
    const { digest } = (await api('POST', `drafts/${id}/check`)).body
    const done = await publish(id, digest, await ana.prove('policy.accept', { digest }))
    expect(done.body).toMatchObject({ outcome: 'loaded', agreed: ['operator:ana'] })
    expect(done.body.change).toMatchObject({ source: 'api', actor: 'operator:ana', reviewers: ['operator:ana'] })
    expect((await api('GET', `drafts/${id}`)).status).toBe(409)

    // who began before has to look again
    const conflict = await api('POST', `drafts/${stale}/check`)
    expect(conflict.body.conflict).toBe(true)
    const proof = await ana.prove('policy.accept', { digest: conflict.body.digest })
    expect((await publish(stale, conflict.body.digest, proof)).body.code).toBe('SP_POLICY_CONFLICT')
    expect((await api('POST', `drafts/${stale}/rebase`)).body).toMatchObject({ conflicts: [] })
    expect((await api('POST', `drafts/${stale}/check`)).body).toMatchObject({ conflict: false, changed: [] })

    await gateway.close()
    await start()
    expect((await api('GET', 'current')).body).toMatchObject({ digest, staged: null })

    // what somebody writes to disk now waits for a person, even where it only narrows
    await writeFile(join(folder.path, 'policies', 'team.cedar'), TEAM.replace('1.0', '1.2'))
    const report = (await api('POST', 'reload')).body
    expect(['staged', 'unchanged']).toContain(report.outcome)
    const current = (await api('GET', 'current')).body
    expect(current.digest).toBe(digest)
    expect(current.staged).toMatchObject({ actor: 'unknown', valid: true })
  }, 60_000)
})
