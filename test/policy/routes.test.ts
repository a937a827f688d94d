import { describe, expect, it } from 'vitest'
import { SallyportError, type Json } from '@sallyport/core'
import { policyRoutes, type PolicyAdminPort } from '../../packages/gateway/src/ingress/api/policy-routes.ts'
import type { PresencePort } from '../../packages/gateway/src/ingress/api/ports.ts'
import type { ApiRequest, ApiResponse } from '../../packages/gateway/src/ingress/api/route.ts'

const DIGEST = 'a'.repeat(64)
const proof = { operator: 'operator:ana', nonce: 'n', notAfter: 1, proof: 'p' }

function rig(claimed = true): {
  call: (method: string, path: string, body?: Json, query?: Record<string, string>) => Promise<ApiResponse>
  done: string[]
} {
  const done: string[] = []
  const report = { outcome: 'loaded', issues: [] }
  const service: PolicyAdminPort = {
    describe: () => ({ version: 'team@1.0' }),
    staged: async () => undefined,
    history: async (query) => [query],
    explain: (request) => ({ request }),
    explainEvent: async (event) => ({ event }),
    reload: async () => report,
    revert: async (number, { actor }) => (done.push(`revert ${number} ${actor}`), report),
    accept: async (digest, { actor }) => (done.push(`accept ${digest.slice(0, 4)} ${actor}`), report),
  }
  const presence: PresencePort = {
    claimed: async () => claimed,
    verify: async (kind, payload, given) =>
      'proof' in given && given.proof === 'p'
        ? { ok: true, value: { operator: `operator:ana for ${kind} ${JSON.stringify(payload)}` } }
        : { ok: false, code: 'SP_AUTHN_PRESENCE', reason: '' },
  }
  const routes = policyRoutes(service, presence)
  return {
    done,
    call: (method, path, body, query = {}) => {
      const route = routes.find((r) => r.method === method && r.path === `/api/v1/policy/${path}`)
      if (route === undefined) throw new Error(path)
      expect(route.plane).toBe('operator')
      return route.handle({ body, query, params: {}, headers: {} } as unknown as ApiRequest)
    },
  }
}

describe('/api/v1/policy', () => {
  it('T-049 T-001: going back and accepting need a proof of presence over exactly that change', async () => {
    const { call, done } = rig()
    for (const [path, body] of [
      ['revert', { number: 3 }],
      ['revert', { number: 3, proof: { ...proof, proof: 'forged' } }],
      ['accept', { digest: DIGEST }],
    ] as const) {
      await expect(call('POST', path, body)).rejects.toMatchObject({ code: 'SP_AUTHN_PRESENCE' })
    }
    expect(done).toEqual([])
    await call('POST', 'revert', { number: 3, proof })
    await call('POST', 'accept', { digest: DIGEST, proof })
    expect(done).toEqual([
      'revert 3 operator:ana for policy.revert {"number":3}',
      `accept aaaa operator:ana for policy.accept {"digest":"${DIGEST}"}`,
    ])
  })

  it('T-007: a gateway without an operator accepts nothing', async () => {
    const { call, done } = rig(false)
    await expect(call('POST', 'accept', { digest: DIGEST, proof })).rejects.toMatchObject({
      code: 'SP_AUTHN_UNCLAIMED',
    })
    expect(done).toEqual([])
  })

  it.each([
    ['revert', { number: 0, proof }],
    ['revert', { number: 1, actor: 'ana', proof }],
    ['accept', { digest: 'short', proof }],
    ['explain', { action: 'a.b', context: { args: 'x' } }],
    ['explain', {}],
  ])('T-003: %s refuses what it does not know: %j', async (path, body) => {
    await expect(rig().call('POST', path, body as Json)).rejects.toBeInstanceOf(SallyportError)
  })

  it('AC-5.4.3: history filters by time, author, action and validity', async () => {
    const { call } = rig()
    const answer = await call('GET', 'history', undefined, {
      from: '2026-01-01T00:00:00Z',
      actor: 'ana',
      valid: 'false',
      limit: '5',
    })
    expect(answer.body).toEqual({
      changes: [{ limit: 5, from: Date.parse('2026-01-01T00:00:00Z'), valid: false, actor: 'ana' }],
    })
    await expect(call('GET', 'history', undefined, { from: 'yesterday' })).rejects.toMatchObject({
      code: 'SP_API_INVALID',
    })
  })
})
