import { describe, expect, test } from 'vitest'
import type { Principal } from '../identity/principal.ts'
import type { Severity } from '../policy/decision.ts'
import type { ApprovalRequest } from './approval.ts'
import { whyClassIsTooWeak, whyMayNotApprove } from './eligible.ts'

const asked = (demand: Partial<ApprovalRequest['demand']> = {}, grave = false) =>
  ({
    binding: { principal: 'coder', chain: ['ana'], instance: 'i-1' },
    demand: { approvers: [], quorum: 1, ttlSeconds: 300, severity: 'medium', remember: true, ...demand },
    grave,
  }) as unknown as ApprovalRequest

const human = (changes: Partial<Principal> = {}): Principal => ({
  kind: 'human',
  id: 'ben',
  chain: [],
  scopes: ['read', 'approve'],
  trustLevel: 2,
  instance: '',
  ...changes,
})

describe('who may approve', () => {
  test('E-55: a human with the scope who has nothing to do with the request', () => {
    expect(whyMayNotApprove(human(), asked())).toBeUndefined()
  })

  test.each([
    ['an agent', { kind: 'agent' }],
    ['a service', { kind: 'service' }],
  ] as const)('T-008 E-55: %s never, whatever scopes its credential holds', (_what, changes) => {
    expect(whyMayNotApprove(human(changes), asked())).toMatchObject({ code: 'SP_APPROVAL_SELF' })
  })

  test.each([
    ['the requester', { id: 'coder' }],
    ['the one it acts for', { id: 'ana' }],
    ['somebody who acts for the same person', { chain: ['ana'] }],
  ])('T-003 T-008: not %s', (_what, changes) => {
    expect(whyMayNotApprove(human(changes), asked())).toMatchObject({ code: 'SP_APPROVAL_SELF' })
  })

  test('T-003: nobody without the scope, and nobody whom policy does not name where it names people', () => {
    expect(whyMayNotApprove(human({ scopes: ['read', 'admin'] }), asked())).toMatchObject({ code: 'SP_AUTHZ_SCOPE' })
    expect(whyMayNotApprove(human(), asked({ approvers: ['carl'] }))).toMatchObject({ code: 'SP_AUTHZ_SCOPE' })
    expect(whyMayNotApprove(human(), asked({ approvers: ['ben'] }))).toBeUndefined()
  })
})

describe('what a channel can carry', () => {
  const LEVELS: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical']
  test.each([
    ['client', 'low'],
    ['webhook', 'medium'],
    ['pin', 'high'],
  ] as const)('T-064 T-011: %s up to %s', (channel, ceiling) => {
    const enough = LEVELS.filter((severity) => whyClassIsTooWeak(channel, asked({ severity })) === undefined)
    expect(enough).toEqual(LEVELS.slice(0, LEVELS.indexOf(ceiling) + 1))
  })

  test('T-064: the agent’s own client nothing that leaves, lasts or needs two people, and no channel that is unknown', () => {
    expect(whyClassIsTooWeak('client', asked({ severity: 'low' }, true))).toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    expect(whyClassIsTooWeak('client', asked({ severity: 'low', quorum: 2 }))).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
    expect(whyClassIsTooWeak('chat' as 'client', asked({ severity: 'info' }))).toMatchObject({
      code: 'SP_AUTHN_PRESENCE',
    })
  })
})
