import { expect, test } from 'vitest'
import { createBoundary } from './boundary.ts'
import { bench, call, caller, tool, verdict } from './fixtures/ports.ts'
import type { ApprovalPort } from './ports.ts'

test.each(['deny', 'ask'] as const)(
  'AC-5.3.1 HB-60: a human agreed, and policy, asked again with the approval, says %s: nothing runs',
  async (outcome) => {
    const b = bench()
    b.decide = (request) => verdict(request.context.approved ? outcome : 'ask')
    const request: ApprovalPort['request'] = async ({ binding }) => ({
      state: 'approved',
      evidence: { kind: 'approval', approvalId: 'a-1', callDigest: b.ports.approvals.callDigest(binding) },
      voters: ['ana'],
    })
    const ports = { ...b.ports, approvals: { ...b.ports.approvals, request } }
    const result = await createBoundary(ports).cross(caller(), call({ path: '/a' }))
    expect(result.outcome).toBe('denied')
    expect(b.trace).toContain('policy:approved')
    expect(b.trace).not.toContain('execute')
    expect(b.records.map(({ kind }) => kind)).not.toContain('release')
  },
)

test('TM-DISC-001: an agent sees the tools that policy could allow it, and no others', () => {
  const b = bench()
  b.registry.set({ tool: tool('write_file'), state: 'pinned', note: '' })
  b.registry.set({ tool: tool('new_file'), state: 'unreviewed', note: '' })
  const policy = { ...b.ports.policy, possible: ({ action }: { action: string }) => action !== 'files.write_file' }
  const shown = createBoundary({ ...b.ports, policy }).visible(caller(), 'files')
  expect(shown.map(({ name }) => name)).toEqual(['read_file'])
})
