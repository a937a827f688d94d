import { describe, expect, it } from 'vitest'
import type { Approval, ApprovalRequest, ApprovalVote, Principal } from '@sallyport/core'
import { scopesFor, standings } from './standing.ts'

const person = (id: string, scopes: readonly string[]): [string, Principal] => [
  id,
  { kind: 'human', id, chain: [], scopes, trustLevel: 0, instance: '' } as unknown as Principal,
]
const presence = {
  principals: () =>
    Promise.resolve(
      new Map([
        person('operator:ana', ['read', 'write', 'approve']),
        person('operator:ben', ['read']),
        person('operator:cleo', ['read', 'write', 'approve']),
      ]),
    ),
  passkeys: { all: () => Promise.resolve([{ operator: 'operator:ana' }]) },
} as unknown as Parameters<typeof standings>[0]

const demand = { severity: 'high', quorum: 1, approvers: [], remember: true }
const binding = { principal: 'agent:triage', chain: ['operator:cleo'], instance: 'i', sinks: [{ role: 'sink' }] }
const asked = (more: object = {}, votes: readonly Partial<ApprovalVote>[] = []) =>
  ({
    request: { binding, grave: true, demand: { ...demand, ...more } },
    votes,
    state: 'pending',
  }) as unknown as Approval

describe('who may approve', () => {
  it('T-003 AC-5.3.1: says for each person whether they may, and why not', async () => {
    const { of, all } = await standings(presence)
    expect(of('operator:ana', asked())).toMatchObject({ may: true, why: '' })
    const no = (id: string, approval: Approval) => of(id, approval).may === false && of(id, approval).why
    expect(no('operator:ben', asked())).toBe('The scope approve is needed.')
    expect(no('operator:cleo', asked())).toContain('own request')
    expect(no('operator:dora', asked())).toContain('no passkey and no PIN')
    expect(no('operator:ana', asked({ approvers: ['operator:eve'] }))).toContain('names other approvers')
    expect(no('operator:ana', asked({}, [{ approver: 'operator:ana' }]))).toBe('Has decided.')
    expect(all(asked()).map(({ operator }) => operator)).toEqual(['operator:ana', 'operator:ben', 'operator:cleo'])
  })

  it('T-049: a decision may be remembered only where policy lets it and it reaches something', () => {
    const scopes = (more: object, sinks: readonly object[] = binding.sinks) =>
      scopesFor({ binding: { ...binding, sinks }, demand: { ...demand, ...more } } as unknown as ApprovalRequest)
    expect(scopes({})).toEqual(['once', 'value', 'tool'])
    expect(scopes({ remember: false })).toEqual(['once'])
    expect(scopes({ severity: 'critical' })).toEqual(['once'])
    expect(scopes({}, [])).toEqual(['once'])
  })
})
