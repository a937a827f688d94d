import { describe, expect, test } from 'vitest'
import { createBoundary } from './boundary.ts'
import type { CrossingPorts } from './crossing-ports.ts'
import { Delegations, type Delegation } from './delegated.ts'
import { bench, call, caller } from './fixtures/ports.ts'

/** A boundary, and a call of it that the host runs. */
async function handedOver(change: (ports: CrossingPorts) => CrossingPorts = (ports) => ports) {
  const b = bench()
  const boundary = createBoundary(change(b.ports))
  const { auditId, outcome } = await boundary.cross(caller(), call({ path: '/a' }, { enforcement: 'host' }))
  expect(outcome).toBe('delegated')
  const outcomes = () => b.records.filter(({ kind }) => kind === 'outcome')
  return { b, boundary, auditId, outcomes }
}

describe('the report of a host about a call that it ran', () => {
  test('AC-1.2.1 E-13: ends the record of the call, once', async () => {
    const { boundary, auditId, outcomes } = await handedOver()
    expect(outcomes()).toEqual([])
    expect(await boundary.report(caller(), auditId, 'failure', undefined)).toEqual({ ok: true, value: null })
    expect(outcomes()).toMatchObject([{ auditId, outcome: 'failure', confinement: 'host' }])
    expect(outcomes()[0]?.['resultDigest']).toBeUndefined()
    const again = await boundary.report(caller(), auditId, 'success', undefined)
    expect(again).toMatchObject({ ok: false, code: 'SP_AUDIT_UNKNOWN' })
    expect(outcomes()).toHaveLength(1)
  })

  test('T-045: is taken from the instance that made the call, and from nobody else', async () => {
    const { boundary, auditId, outcomes } = await handedOver()
    for (const [who, id] of [
      [caller('other'), auditId],
      [caller(), 'no-such-call'],
    ] as const)
      expect(await boundary.report(who, id, 'success', 'x')).toMatchObject({ ok: false, code: 'SP_AUDIT_UNKNOWN' })
    expect(outcomes()).toEqual([])
    expect(await boundary.report(caller(), auditId, 'success', undefined)).toMatchObject({ ok: true })
  })

  test('AC-3.5.1: what it brings along is inspected, labels the session late, and comes back as the agent may read it', async () => {
    const settled: unknown[] = []
    const { boundary, auditId, outcomes } = await handedOver((ports) => ({
      ...ports,
      flow: { ...ports.flow, settle: async (_instance, _tool, text) => (settled.push(text), ports.flow.snapshot('')) },
      inspector: {
        ...ports.inspector,
        inspect: (tool, result) => ({
          ...ports.inspector.inspect(tool, result),
          resultText: '{"content":[]}',
          redactions: 1,
          suspicious: true,
        }),
      },
    }))
    const said = await boundary.report(caller(), auditId, 'success', '{"content":[{"type":"text","text":"key"}]}')
    expect(said).toEqual({ ok: true, value: { resultText: '{"content":[]}', redactions: 1, changed: true } })
    expect(settled.at(-1)).toEqual({ text: '{"content":[]}', hostile: true, late: true })
    expect(JSON.stringify(outcomes())).not.toContain('"key"')
  })

  test('what is not changed is said to be as it was', async () => {
    const { boundary, auditId } = await handedOver()
    const said = await boundary.report(caller(), auditId, 'success', '{"content":[]}')
    expect(said).toMatchObject({ ok: true, value: { changed: false } })
  })
})

test('T-157: open reports are bounded: the oldest is forgotten first', () => {
  const open = new Delegations(2)
  const delegation = (auditId: string) => ({ facts: { auditId, caller: caller() } }) as unknown as Delegation
  for (const id of ['a', 'b', 'c']) open.add(delegation(id))
  expect(['a', 'b', 'c'].map((id) => open.take(id, caller()) !== undefined)).toEqual([false, true, true])
})
