import type { JsonObject } from '@sallyport/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { admitBundle } from '../../packages/gateway/src/assurance/admission/admit.ts'
import { approveSkill } from '../../packages/gateway/src/assurance/admission/decide.ts'
import type { PresencePort } from '../../packages/gateway/src/ingress/api/ports.ts'
import { skillsRoutes } from '../../packages/gateway/src/ingress/api/skills-routes.ts'
import { tableOfEntries } from '../../packages/gateway/src/routes.ts'
import { rig } from '../approvals/setup.ts'
import { enrolled, proveAct } from '../presence/kit.ts'
import { bundleOf, room, SKILL } from './kit.ts'

const ANA = 'operator:ana'
type Decision = Parameters<typeof approveSkill>[0]

describe('who may decide', () => {
  const hash = 'a'.repeat(64)
  const deciding = ['approve', 'promote', 'rollback'].map((act) => `/api/v1/skills/:name/${act}`)
  const lists = ['/api/v1/skill-rules/allow', '/api/v1/skill-rules/unblock']

  it('HB-31 T-001: agents have no route that decides about a skill', () => {
    const own = tableOfEntries().filter(({ path }) => path.includes('skill'))
    expect(own.length).toBeGreaterThan(6)
    expect(own.filter(({ plane }) => plane !== 'operator')).toEqual([])
  })

  it.each([...deciding, ...lists])('HB-31 T-001: %s needs a person, with and without an operator', async (path) => {
    const called = vi.fn<() => never>()
    const port = new Proxy({}, { get: () => called }) as never
    const presence = (claimed: boolean): PresencePort => ({
      claimed: () => Promise.resolve(claimed),
      verify: () => Promise.resolve({ ok: false, code: 'SP_AUTHN_PRESENCE', reason: 'no' }),
    })
    const body: JsonObject = {
      ...{ reason: 'looked at it', ...(path.endsWith('unblock') ? { name: 'notes' } : { hash }) },
      ...(path.endsWith('allow') ? { name: 'notes', source: '/x', to: 'internal' } : {}),
    }
    const proof = { operator: 'operator:ana', nonce: 'x', notAfter: 1, proof: 'x' }
    const ask = (claimed: boolean, sent: JsonObject) =>
      skillsRoutes(port, presence(claimed))
        .find((route) => route.path === path)
        ?.handle({ params: { name: 'notes' }, query: {}, body: sent, principal: { id: 'x' } } as never)
    await expect(ask(false, body)).rejects.toMatchObject({ code: 'SP_AUTHN_UNCLAIMED' })
    await expect(ask(true, body)).rejects.toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    await expect(ask(true, { ...body, proof })).rejects.toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    expect(called).not.toHaveBeenCalled()
  })

  it('HB-31 T-001: a person who proves presence over exactly this hash and reason lets it in, under his name', async () => {
    const on = await rig()
    onTestFinished(() => on.close())
    const { authenticator } = await enrolled(on, ANA)
    const deps = room()
    const one = await admitBundle(bundleOf('notes'), deps, 'account:eve')
    const two = await admitBundle(bundleOf('notes', { 'SKILL.md': `${SKILL}.` }), deps, 'account:eve')
    const port = {
      approve: async (decision: Decision, approval: boolean) =>
        JSON.parse(JSON.stringify(await approveSkill(decision, approval, deps))) as JsonObject,
    }
    const presence: PresencePort = {
      claimed: () => Promise.resolve(true),
      verify: on.presence.verify.bind(on.presence),
    }
    const route = skillsRoutes(port as never, presence).find(({ path }) => path.endsWith('/approve'))
    const ask = (body: JsonObject) => route?.handle({ params: { name: 'notes' }, query: {}, body } as never)
    const act = { hash: one.hash, reason: 'looked at it', requiresApproval: false }
    const proof = async () => ({
      ...(await proveAct(on, 'skill.approve', { name: 'notes', ...act }, ANA, authenticator)),
    })
    for (const other of [{ hash: two.hash }, { reason: 'something else' }, { requiresApproval: true }])
      await expect(ask({ ...act, ...other, proof: (await proof()) as never })).rejects.toMatchObject({
        code: expect.stringMatching(/^SP_AUTHN/),
      })
    const answer = await ask({ ...act, proof: (await proof()) as never })
    expect(answer).toMatchObject({ status: 200, body: { hash: one.hash, state: 'internal' } })
    const entry = (await deps.store.read()).skills['notes']
    expect(entry?.versions.map(({ state }) => state)).toEqual(['pending_review', 'internal'])
    expect(entry?.versions[1]?.history.at(-1)).toMatchObject({ by: ANA, reason: 'looked at it', of: 'person' })
  })
})
