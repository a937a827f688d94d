import type { Principal } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../packages/gateway/src/boundary/ports.ts'
import { DEFAULT_IDENTITY_CONFIG } from '../../packages/gateway/src/control/identity/config.ts'
import { createIdentity, type Identity } from '../../packages/gateway/src/control/identity/identity.ts'
import { parseConfig } from '../../packages/gateway/src/index.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { memoryEvidence, openTestStore, temporaryDirectory, TestClock } from './kit.ts'

const SECRET = new Uint8Array(32).fill(7)
const WAY = { ingress: 'api', surface: 'api', channel: 'unix', contentTrust: 'semi-trusted' } as const
const admitted = (identity: Identity, principal: Principal) => {
  const caller: Caller = { ...WAY, principal, connection: 'c1', sessionHint: '', chatType: '', purpose: '' }
  return identity.admit(caller)
}

describe('entries of sessions', () => {
  const evidence = memoryEvidence()
  let clock: TestClock
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>
  let store: Store
  let identity: Identity
  const open = (session: { readonly idleTimeout: number; readonly absoluteTimeout: number }): Promise<Identity> =>
    createIdentity({
      ...{ store, evidence, clock, random: systemRandom, secret: SECRET },
      config: { ...DEFAULT_IDENTITY_CONFIG, session },
    })
  const login = async (): Promise<Principal> => {
    const issued = identity.exchange((await identity.agents.add({ name: 'coder', by: 'test' })).key)
    const verified = issued.ok ? identity.verify(issued.value.credential) : issued
    if (!verified.ok) throw new Error(verified.reason)
    return verified.value
  }
  beforeEach(async () => {
    clock = new TestClock()
    folder = await temporaryDirectory()
    store = await openTestStore(folder.path, clock)
    identity = await open(DEFAULT_IDENTITY_CONFIG.session)
  })
  afterEach(async () => {
    await identity.close()
    await store.close()
    await folder.remove()
  })

  it('ND-4.2.a: its entry in the store says when it was opened and when it was used last', async () => {
    const principal = await login()
    const createdAt = clock.now()
    const first = admitted(identity, principal)
    const entry = async () => (await store.list('session', { state: 'active' }))[0]
    await expect.poll(async () => (await entry())?.body).toMatchObject({ createdAt, lastActivityAt: createdAt })
    clock.pass(600)
    admitted(identity, principal)
    await identity.tick()
    await expect.poll(async () => (await entry())?.body).toMatchObject({ createdAt, lastActivityAt: clock.now() })
    expect((await entry())?.id).toBe(first.ok && first.value.sessionId)
  })

  it.each(['idleTimeout', 'absoluteTimeout'])(
    'ND-4.2.a E-44: %s 0 is refused where nobody answers for it, and switches that end off where somebody does',
    async (member) => {
      const load = (more: string) =>
        parseConfig(`version: 1\nsession: { ${member}: 0 }\n${more}`, '/etc/sallyport/sallyport.yaml', {
          ...{ env: {}, stateDir: folder.path, now: Date.now() },
        })
      expect(() => load('')).toThrow(expect.objectContaining({ code: 'SP_CONFIG_INSECURE' }))
      const expires = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
      const answered = { reason: 'a kiosk', by: 'ana', expires }
      const { config } = load(`acknowledgeInsecure: ${JSON.stringify({ [`session.${member}`]: answered })}`)
      const { idleTimeout, absoluteTimeout } = config.session
      await identity.close()
      identity = await open({ idleTimeout: idleTimeout / 1000, absoluteTimeout: absoluteTimeout / 1000 })
      const principal = await login()
      const first = admitted(identity, principal)
      // an hour of silence, or two days of work
      for (let step = 0; step < (idleTimeout === 0 ? 1 : 192); step++) {
        clock.pass(idleTimeout === 0 ? 3600 : 900)
        expect(admitted(identity, principal)).toEqual(first)
      }
    },
  )
})
