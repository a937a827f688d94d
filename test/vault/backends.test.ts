import { toSallyportError } from '@sallyport/core'
import { describe, expect, it } from 'vitest'
import { envBackend } from '../../packages/gateway/src/custody/backends/env.ts'
import { hashicorpBackend } from '../../packages/gateway/src/custody/backends/hashicorp.ts'
import { oauthBackend } from '../../packages/gateway/src/custody/backends/oauth.ts'
import { SecretSources, type Replaced } from '../../packages/gateway/src/custody/backends/sources.ts'
import { createOutgoing } from '../../packages/gateway/src/execution/egress/outgoing.ts'
import { makeClock } from '../store/temporary.ts'
import { CLIENT_SECRET, hashicorpFixture, oauthFixture, NEVER, TOKEN } from './backend-servers.ts'

const VALUE = 'a-value-of-a-backend-42'
const outgoing = createOutgoing({ exceptions: [] })
const exchange = outgoing.exchange.bind(outgoing)

const errorOf = async (act: Promise<unknown>) =>
  act.then(
    () => undefined,
    (thrown: unknown) => toSallyportError(thrown),
  )

describe('tokens of an authorisation server', () => {
  const life = 3_600
  const ground = async () => {
    const clock = makeClock()
    const fixture = await oauthFixture(life)
    const said: Replaced[] = []
    const saved: string[] = []
    const client = { tokenUrl: `${fixture.url}/token`, clientId: 'an id', clientSecret: 'env:SECRET', scope: 'read' }
    const sources: SecretSources = new SecretSources({
      ...{ vault: () => Promise.reject(new Error('not asked')), clock, replaced: (event) => void said.push(event) },
      backends: {
        env: envBackend({ SECRET: CLIENT_SECRET, REFRESH: 'refresh-0' }),
        oauth: oauthBackend(
          { crm: client, mail: { ...client, refreshToken: 'env:REFRESH' } },
          {
            read: (of, act) => sources.use(of, act),
            save: async (of, value) => void saved.push(`${of} ${value.toString()}`),
          },
          exchange,
          () => clock.now(),
        ),
      },
    })
    return { clock, fixture, said, saved, sources, use: () => sources.use('oauth:crm', (value) => value.toString()) }
  }

  it('AC-4.3.1: one is asked for by everybody at once, kept, and replaced when 75 % of its life are over', async () => {
    const { clock, fixture, said, use } = await ground()
    expect(await Promise.all([use(), use(), use()])).toEqual(['token-1', 'token-1', 'token-1'])
    clock.advance(life * 750 - 1)
    expect(await use()).toBe('token-1')
    clock.advance(1)
    expect(await Promise.all([use(), use()])).toEqual(['token-2', 'token-2'])
    expect(fixture.asked).toBe(2)
    expect(said).toEqual([{ reference: 'oauth:crm', success: true, failures: 0 }])
    fixture.close()
  })

  it('AC-4.3.4, ND-4.3.a: a server that fails interrupts nobody while the old one is good, and nobody longer', async () => {
    const { clock, fixture, said, use } = await ground()
    await use()
    clock.advance(life * 750)
    fixture.trouble = { status: 503, body: { access_token: 'not this one' } }
    for (let n = 0; n < 3; n++) {
      expect(await use()).toBe('token-1')
      expect(await use()).toBe('token-1')
      clock.advance(5_000)
    }
    expect(said.map(({ success, failures }) => [success, failures])).toEqual([
      [false, 1],
      [false, 2],
      [false, 3],
    ])
    clock.advance(life * 250)
    expect((await errorOf(use()))?.code).toBe('SP_VAULT_UNAVAILABLE')
    fixture.trouble = undefined
    clock.advance(5_000)
    expect(await use()).toBe('token-2')
    fixture.close()
  })

  it('SEC-4.3: a refresh token that is used up is replaced by the one that came with the answer', async () => {
    const { fixture, saved, sources } = await ground()
    expect(await sources.use('oauth:mail', (value) => value.toString())).toBe('token-1')
    expect(saved).toEqual(['env:REFRESH refresh-1'])
    fixture.close()
  })

  it('AC-4.3.2: a server that says no ends the token at hand, and so does who forgets it', async () => {
    const { clock, fixture, sources, use } = await ground()
    await use()
    sources.forget('oauth:crm')
    expect(await use()).toBe('token-2')
    clock.advance(life * 750)
    fixture.trouble = { status: 401, body: { error: 'invalid_client' } }
    expect((await errorOf(use()))?.code).toBe('SP_VAULT_DENIED')
    fixture.close()
  })

  it('HB-84: a client that is not known there, or here, is refused', async () => {
    const { fixture, use } = await ground()
    fixture.trouble = { status: 401, body: { error: 'invalid_client' } }
    expect((await errorOf(use()))?.code).toBe('SP_VAULT_DENIED')
    fixture.trouble = { status: 200, body: { access_token: 'x', token_type: 'mac' } }
    expect((await errorOf(use()))?.code).toBe('SP_VAULT_UNAVAILABLE')
    fixture.close()
  })
})

describe('values by reference', () => {
  it('HB-86: a value is asked for anew after a minute, once for everybody, and an outage is felt then', async () => {
    const fixture = await hashicorpFixture({ values: { 'apps/github': { token: VALUE } } })
    const clock = makeClock()
    const backend = hashicorpBackend(
      { address: fixture.url, mount: 'secret', token: () => TOKEN, until: NEVER },
      exchange,
    )
    const sources = new SecretSources({
      vault: () => Promise.reject(new Error('not asked')),
      backends: { hashicorp: backend },
      clock,
    })
    const use = () => sources.use('hashicorp:apps/github', (value) => value.toString())
    expect(await Promise.all([use(), use(), use()])).toEqual([VALUE, VALUE, VALUE])
    expect(fixture.asked).toBe(1)
    fixture.trouble = { status: 503, body: {} }
    clock.advance(59_000)
    expect(await use()).toBe(VALUE)
    clock.advance(2_000)
    expect((await errorOf(use()))?.code).toBe('SP_VAULT_UNAVAILABLE')
    fixture.trouble = undefined
    expect(await use()).toBe(VALUE)
    fixture.close()
    clock.advance(61_000)
    expect((await errorOf(use()))?.code).toBe('SP_VAULT_UNAVAILABLE')
    expect((await errorOf(sources.use('aws:x', () => '')))?.detail).toContain('no backend aws')
  })
})
