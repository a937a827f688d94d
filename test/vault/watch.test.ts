import { CREDENTIAL_TYPES, LIFETIMES, toSallyportError } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Gateway } from '../../packages/gateway/src/index.ts'
import { confinedGround, openConfinedGateway, type Ground } from '../sandbox/confined.ts'
import { makeClock } from '../store/temporary.ts'

const VALUE = 'sk-value-of-the-vault-42'
const DAY = 86_400_000
const CONFIG = `policies: [preset:balanced]
vault: { alerts: { normalHours: { start: 7, end: 19 } } }
credentials:
  api: { category: read, agents: [coder], base: "https://api.example" }
  short: { secret: api, category: read, agents: [coder], base: "https://api.example", expiry: 10d }
`

describe('what is said of credentials', () => {
  let ground: Ground
  let gateway: Gateway
  let clock: ReturnType<typeof makeClock>
  let told: string[]
  const start = async (): Promise<void> => {
    gateway = await openConfinedGateway(ground, CONFIG, {
      clock,
      operationalSink: (text, done) => {
        told.push(text)
        done()
      },
    })
  }
  beforeEach(async () => {
    ground = await confinedGround()
    clock = makeClock(new Date(2026, 10, 20, 10).getTime())
    told = []
    await start()
  }, 60_000)
  afterEach(async () => {
    await gateway.close()
    await ground.remove()
  })
  const set = async (name: string, type: (typeof CREDENTIAL_TYPES)[number] = 'api_key') =>
    (await gateway.credentials.vault()).set(name, Buffer.from(VALUE), { type }, 'operator:ana')
  const records = async (kind: string): Promise<readonly Record<string, unknown>[]> =>
    (await gateway.store.readLog({ kind, limit: 500 })).map(({ body }) => JSON.parse(body) as Record<string, unknown>)
  const alerts = async (): Promise<readonly string[]> => (await records('alert')).map(({ name }) => String(name))
  /** More than the minute between two looks. */
  const look = async (): Promise<void> => {
    clock.advance(61_000)
    gateway.credentials.sweep()
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  const borrow = (name = 'api', agent = 'coder', path = '/x') =>
    gateway.credentials.broker.borrow({
      ...{ name, instance: 'i1', source: '/work', body: () => Promise.resolve(new Uint8Array()) },
      use: { agent, host: 'api.example', port: 443, method: 'GET', path },
      head: { headers: {}, path, search: '' },
    })

  it.each(CREDENTIAL_TYPES)(
    'AC-4.1.1, AC-4.1.2: %s is given a second before its end, and an error after',
    async (type) => {
      await set('one', type)
      const vault = await gateway.credentials.vault()
      clock.advance(LIFETIMES[type].usual * 1_000 - 1_000)
      expect(await vault.use('one', (value) => value.toString())).toBe(VALUE)
      clock.advance(2_000)
      const { code } = toSallyportError(await vault.use('one', () => '').catch((thrown: unknown) => thrown))
      expect(code).toBe('SP_VAULT_EXPIRED')
    },
  )

  it('AC-4.1.3, AC-4.3.1: it is time at 75 %, and over at the end: one alert each, one record with hash, type and age, over a restart too', async () => {
    await set('api')
    ;(await borrow()).done()
    clock.advance(60 * DAY)
    ;(await borrow()).done()
    clock.advance(7.5 * DAY - 61_000 - 1)
    await look()
    expect((await alerts()).filter((name) => name === 'credential-due')).toHaveLength(0)
    clock.advance(1)
    await look()
    await look()
    expect((await alerts()).filter((name) => name === 'credential-due')).toHaveLength(1)
    clock.advance(23 * DAY)
    await look()
    await gateway.close()
    await start()
    await look()
    const ended = (await records('credential')).filter(({ operation }) => operation === 'expire')
    expect(ended.map(({ credential }) => credential)).toEqual(['credentials.short', 'api'])
    expect(ended[1]).toMatchObject({
      ...{ success: true, credentialType: 'api_key', version: '1', requestingIdentity: 'gateway' },
      credentialHash: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      credentialId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    expect(Number(ended[1]?.['ageSeconds'])).toBeGreaterThanOrEqual(90 * 86_400)
    expect((await alerts()).filter((name) => name === 'credential-expired')).toHaveLength(2)
  }, 30_000)

  it('HB-57: what nobody used for 30 days is said, and what was used is not', async () => {
    await set('api')
    await set('idle')
    clock.advance(29 * DAY)
    ;(await borrow()).done()
    clock.advance(1.1 * DAY)
    await look()
    const stale = (await records('alert')).filter(({ name }) => name === 'credential-stale')
    expect(stale.map(({ message }) => String(message))).toEqual([expect.stringContaining('idle')])
  })

  it('AC-4.5.2, E-46: each kind of operation is recorded in one form, with the short hash and the keyed one', async () => {
    await set('api')
    await set('api')
    ;(await borrow()).done()
    await expect(borrow('api', 'eve')).rejects.toMatchObject({ code: 'SP_VAULT_SCOPE' })
    await (await gateway.credentials.vault()).revoke('api', 'operator:ana', 'leaked')
    await set('ends')
    clock.advance(91 * DAY)
    await look()
    const all = await records('credential')
    const operations = all.map(({ operation }) => operation)
    expect([...new Set(operations)]).toEqual([
      'intent',
      'create',
      'rotate',
      'use',
      'scope_violation',
      'revoke',
      'expire',
    ])
    for (const one of all)
      expect(one).toMatchObject({
        ...{
          kind: 'credential',
          success: expect.any(Boolean) as boolean,
          requestingIdentity: expect.any(String) as string,
        },
        credentialHash: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        credentialId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      })
  })

  it('AC-4.5.3, E-49: a new identity, a new place, failures and an unusual hour are each told', async () => {
    await set('api')
    ;(await borrow()).done()
    expect(await alerts()).toEqual(['credential-new-identity'])
    clock.advance(10 * 3_600_000)
    ;(await borrow()).done()
    expect(await alerts()).toEqual(['credential-new-identity', 'credential-unusual-hour'])
    for (let n = 0; n < 5; n++) await borrow('api', 'eve').catch(() => undefined)
    expect((await alerts()).filter((name) => name === 'credential-failures')).toHaveLength(1)
  })

  it('AC-4.5.4: what is done with credentials is on record apart, and not in the application’s own log', async () => {
    await set('api')
    ;(await borrow()).done()
    const own = await records('credential')
    expect(own.length).toBeGreaterThan(1)
    expect(own.every(({ kind }) => kind === 'credential')).toBe(true)
    const others = (await gateway.store.readLog({ limit: 500 })).filter(
      ({ body }) => !body.includes('"kind":"credential"'),
    )
    expect(others.some(({ body }) => body.includes('"operation":"use"'))).toBe(false)
    expect(told.join()).not.toMatch(/credentialHash|"operation":"use"/)
  })
})
