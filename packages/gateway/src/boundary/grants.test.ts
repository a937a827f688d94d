import { describe, expect, test } from 'vitest'
import { createBoundary } from './boundary.ts'
import type { CodePort, CodeVerdict } from './ports-code.ts'
import { bench, call, caller, verdict } from './fixtures/ports.ts'

/** A gateway in which everything is asked about, and a standing grant answers. */
function granted() {
  const b = bench()
  b.decide = (request) => verdict(request.context.approved ? 'allow' : 'ask')
  const asked: string[] = []
  const approvals: typeof b.ports.approvals = {
    ...b.ports.approvals,
    findGrant: async (binding) => ({
      kind: 'grant',
      grantId: 'g-1',
      callDigest: b.ports.approvals.callDigest(binding),
    }),
    request: async (...words) => (asked.push('a human'), b.ports.approvals.request(...words)),
  }
  return { b, asked, ports: { ...b.ports, approvals } }
}

describe('a grant', () => {
  test('AC-5.3.1: answers the question in place of a human, is decided on again and recorded as what it is', async () => {
    const { b, asked, ports } = granted()
    expect((await createBoundary(ports).cross(caller(), call({ path: '/a' }))).outcome).toBe('executed')
    expect(asked).toEqual([])
    expect(b.trace.filter((step) => step.startsWith('policy'))).toEqual(['policy', 'policy:approved'])
    const release = b.records.find(({ kind }) => kind === 'release')
    expect(release).toMatchObject({ evidence: 'grant' })
    expect(release?.['approvalId'] ?? '').toBe('')
  })

  test('T-030: releases nothing once the policy is another, and there is no approval to take back', async () => {
    const { b, ports } = granted()
    const given = { ...ports.approvals }
    ports.approvals.findGrant = async (...words) => {
      b.bundle = 'b2'
      return given.findGrant(...words)
    }
    const result = await createBoundary(ports).cross(caller(), call({ path: '/a' }))
    expect(result).toMatchObject({ outcome: 'denied', code: 'SP_APPROVAL_SUPERSEDED' })
    expect(b.trace.join(' ')).not.toMatch(/supersede|execute/)
  })

  test('ND-1.1.b: a key that was spent before runs nothing, whatever is granted', async () => {
    const { b, ports } = granted()
    const once = { spend: async () => false }
    const keyed = call({ path: '/a' }, { idempotencyKey: 'k' })
    const result = await createBoundary({ ...ports, once }).cross(caller(), keyed)
    expect(result).toMatchObject({ outcome: 'denied', code: 'SP_CAP_REPLAYED' })
    expect(b.ran).toEqual([])
  })

  test('AC-1.3.3: an agent that was stopped while it waited runs nothing', async () => {
    const { b, ports } = granted()
    let turns = 0
    const admission: typeof ports.admission = {
      admit: (who) => ports.admission.admit(turns++ === 0 ? who : caller('killed')),
    }
    const result = await createBoundary({ ...ports, admission }).cross(caller(), call({ path: '/a' }))
    expect(result).toMatchObject({ outcome: 'denied', reason: expect.stringContaining('off') })
    expect(b.ran).toEqual([])
  })
})

test('AC-1.3.3: a question without terms is an error of the engine: denied, recorded, and nobody is asked', async () => {
  const { b, asked, ports } = granted()
  b.decide = () => verdict('ask', { demand: undefined as never })
  const result = await createBoundary(ports).cross(caller(), call({ path: '/a' }))
  expect(result.outcome).toBe('denied')
  expect([asked, b.ran]).toEqual([[], []])
  expect(b.records.at(-1)).toMatchObject({ kind: 'decision', policyDecision: 'denied' })
})

describe('code in the arguments', () => {
  const looked = (seen: CodeVerdict) => {
    const b = bench()
    const code: CodePort = { ...({} as CodePort), look: async () => seen }
    return { b, boundary: createBoundary({ ...b.ports, code }) }
  }

  test('HB-107: that is refused runs nothing and is not put to policy', async () => {
    const { b, boundary } = looked({
      refusal: { ok: false, code: 'SP_CONTENT_BLOCKED', reason: 'It ends the machine.' },
    } as never)
    expect(await boundary.cross(caller(), call({ path: '/a' }))).toMatchObject({
      outcome: 'denied',
      code: 'SP_CONTENT_BLOCKED',
    })
    expect(b.trace).not.toContain('policy')
    expect(b.ran).toEqual([])
  })

  test('HB-107: that is held is asked about, whatever policy allows, and no grant answers for it', async () => {
    const hold = { reason: 'It opens a shell.', severity: 'high', rules: ['code.shell'] }
    const { b, boundary } = looked({ hold } as never)
    const result = await boundary.cross(caller(), call({ path: '/a' }))
    expect(result.outcome).toBe('denied')
    expect(b.records[0]).toMatchObject({ policyDecision: 'approval_required', policyRule: ['code.shell'] })
    expect(b.ran).toEqual([])
  })
})

test('AC-3.5.4: a result that tries to steer the agent raises an alert under the id of the call', async () => {
  const b = bench()
  const findings = [{ id: 'injection.override', category: 'injection', severity: 'high', where: '' }]
  const inspector = {
    ...b.ports.inspector,
    inspect: (...words: Parameters<typeof b.ports.inspector.inspect>) => ({
      ...b.ports.inspector.inspect(...words),
      ...{ suspicious: true, findings: findings as never },
    }),
  }
  const result = await createBoundary({ ...b.ports, inspector }).cross(caller(), call({ path: '/a' }))
  expect(b.records.filter(({ kind }) => kind === 'alert')).toMatchObject([
    { auditId: result.auditId, severity: 'high' },
  ])
})

test('what was refused before it became a call has a record of its own', async () => {
  const b = bench()
  const auditId = await createBoundary(b.ports).refused(caller(), {
    code: 'SP_AUTHN_REQUIRED',
    reason: '',
    ingress: 'mcp-http',
  })
  expect(b.records).toMatchObject([{ auditId, code: 'SP_AUTHN_REQUIRED' }])
})
