import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundCredentials } from '../../config/credentials.ts'
import { credentialsSchema } from '../../config/credential-schema.ts'
import { systemRandom } from '../../random.ts'
import { Broker, type BrokerDeps } from './broker.ts'

const VALUE = 'a-key-of-the-vault-42'
const GIVEN = credentialsSchema.parse({
  read: { secret: 'one', category: 'read', agents: ['coder'], base: 'https://api.example', paths: ['/v1/**'] },
  send: { secret: 'two', category: 'external', agents: ['mailer'], base: 'https://mail.example', methods: ['POST'] },
  gone: { category: 'read', agents: ['coder'], base: 'https://api.example' },
})

function ground(more: Partial<BrokerDeps> = {}) {
  const records: Record<string, unknown>[] = []
  let now = 1_000_000
  const broker = new Broker({
    credentials: boundCredentials(GIVEN),
    sources: {
      use: async (reference, act) => {
        if (reference === 'gone') throw new Error('The backend does not answer.')
        return act(Buffer.from(VALUE), { expiresAt: now + 900_000, createdAt: now, version: '1' })
      },
    },
    clock: { now: () => now, monotonic: () => now },
    ...{ random: systemRandom, tagKey: new Uint8Array(32) },
    record: (event) => Promise.resolve(void records.push(event)),
    ...more,
  })
  const borrow = (name: string, agent: string, method = 'GET', path = '/v1/x', host = 'api.example') =>
    broker.borrow({
      ...{ name, instance: `${agent}-1`, source: '/work' },
      use: { agent, host, port: 443, method, path },
      head: { headers: { host, 'user-agent': 'curl/8' }, path, search: '' },
      body: () => Promise.resolve(Buffer.from('')),
    })
  return { broker, records, borrow, advance: (ms: number) => void (now += ms) }
}
const settled = async (act: Promise<unknown>): Promise<boolean> =>
  act.then(
    () => true,
    () => false,
  )

describe('the broker', () => {
  test('AC-4.5.1: there are as many records as operations, each of one form, whatever is asked', async () => {
    const names = ['read', 'send', 'gone', 'nobody']
    const asked = fc.record({
      name: fc.constantFrom(...names),
      agent: fc.constantFrom('coder', 'mailer', 'eve'),
      method: fc.constantFrom('GET', 'POST'),
      path: fc.constantFrom('/v1/x', '/v2/x', '/v1/../x'),
      host: fc.constantFrom('api.example', 'mail.example', 'evil.example'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 30 }), async (all) => {
        const { records, borrow } = ground()
        const done: boolean[] = []
        for (const { name, agent, method, path, host } of all)
          done.push(await settled(borrow(name, agent, method, path, host)))
        const known = all.map(({ name }, n) => [name, done[n]] as const).filter(([name]) => name !== 'nobody')
        expect(records.map(({ credential, success }) => [credential, success])).toEqual(known)
        for (const record of records) {
          expect(['use', 'scope_violation']).toContain(record['operation'])
          expect(record).toMatchObject({
            ...{
              credentialHash: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
              requestingIdentity: expect.any(String) as string,
            },
            ...{
              credentialId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
              provider: 'vault',
              source: '/work',
              userAgent: 'curl/8',
            },
          })
          expect(JSON.stringify(record)).not.toContain(VALUE)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('AC-4.5.1, INV: what cannot be recorded is not lent', async () => {
    const { borrow, broker } = ground({ record: () => Promise.reject(new Error('The disk is full.')) })
    await expect(borrow('read', 'coder')).rejects.toThrow('The disk is full.')
    expect(broker.leases().every(({ uses }) => uses > 0)).toBe(true)
  })

  test('HB-64: a read credential that was stolen sends no mail, at any host and by anybody', async () => {
    const { borrow, records } = ground()
    for (const agent of ['coder', 'mailer', 'eve'])
      for (const host of ['mail.example', 'api.example'])
        for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
          await expect(borrow('read', agent, method, '/v1/messages', host)).rejects.toMatchObject({
            code: 'SP_VAULT_SCOPE',
          })
    expect(new Set(records.map(({ operation }) => operation))).toEqual(new Set(['scope_violation']))
    await expect(borrow('send', 'coder', 'POST', '/', 'mail.example')).rejects.toMatchObject({ code: 'SP_VAULT_SCOPE' })
    expect(await settled(borrow('send', 'mailer', 'POST', '/v1/messages', 'mail.example'))).toBe(true)
  })

  test.each([
    [{ category: 'read', methods: ['GET', 'POST'] }, 'what is for reading has'],
    [
      {
        category: 'read',
        operations: { 'send:mail': { methods: ['POST'], paths: ['/**'] } },
        permissions: ['send:mail'],
      },
      'what is for reading has',
    ],
  ])('HB-64: %j is no credential for reading', (change, message) => {
    const read = credentialsSchema.safeParse({ one: { agents: ['a'], base: 'https://api.example', ...change } })
    expect(read.error?.message).toContain(message)
  })

  test('HB-64: one value for reading and for sending is refused', () => {
    const usual = { secret: 'one', agents: ['a'], base: 'https://api.example' }
    const two = { a: { ...usual, category: 'read' }, b: { ...usual, category: 'external' } }
    expect(credentialsSchema.safeParse(two).error?.message).toContain('each category needs a value of its own')
    expect(credentialsSchema.safeParse({ a: two.a, b: { ...two.b, secret: 'two' } }).success).toBe(true)
  })
})
