import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mkdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  formatAgentKey,
  grantScopes,
  issueCredential,
  OPERATIONS,
  permits,
  SCOPES,
  verifyCredential,
} from '@sallyport/core'
import type { Principal, RegisteredTool } from '@sallyport/core'
import { admitTool } from '../../packages/gateway/src/boundary/admit-tool.ts'
import type { Caller } from '../../packages/gateway/src/boundary/ports.ts'
import { DEFAULT_IDENTITY_CONFIG } from '../../packages/gateway/src/control/identity/config.ts'
import { createCredentialFiles } from '../../packages/gateway/src/control/identity/credential-files.ts'
import { RateLimiter } from '../../packages/gateway/src/control/identity/rate-limiter.ts'
import { createIdentity, type Identity } from '../../packages/gateway/src/control/identity/identity.ts'
import { createSurfaces } from '../../packages/gateway/src/control/surfaces/surfaces.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { memoryEvidence, openTestStore, temporaryDirectory, TestClock } from './kit.ts'

const SECRET = new Uint8Array(32).fill(7)
let clock: TestClock
let folder: Awaited<ReturnType<typeof temporaryDirectory>>
let store: Store
let evidence: ReturnType<typeof memoryEvidence>
let identity: Identity

const open = (): Promise<Identity> =>
  createIdentity({ store, evidence, clock, random: systemRandom, secret: SECRET, config: DEFAULT_IDENTITY_CONFIG })

beforeAll(async () => {
  clock = new TestClock()
  folder = await temporaryDirectory()
  store = await openTestStore(folder.path, clock)
})
afterAll(async () => {
  await store.close()
  await folder.remove()
})
beforeEach(async () => {
  evidence = memoryEvidence()
  identity = await open()
})
afterEach(async () => {
  await identity.close()
  for (const kind of ['agent', 'session', 'switch'] as const) {
    for (const { id, version } of await store.list(kind, { limit: 1000 })) await store.remove(kind, id, version)
  }
  await rm(join(folder.path, 'agents'), { recursive: true, force: true })
})

function login(key: string, into: Identity = identity): Principal {
  const issued = into.exchange(key)
  if (!issued.ok) throw new Error(issued.reason)
  const verified = into.verify(issued.value.credential)
  if (!verified.ok) throw new Error(verified.reason)
  return verified.value
}

const callerOf = (principal: Principal, sessionHint = '', ingress: Caller['ingress'] = 'api'): Caller => ({
  principal,
  ingress,
  connection: 'c1',
  sessionHint,
  surface: 'api',
  channel: 'unix',
  chatType: '',
  contentTrust: 'semi-trusted',
  purpose: '',
})

describe('credentials', () => {
  const claims = { jti: 'j', sub: 'a', gen: 1, scopes: ['read'], effects: ['read'], iat: 1000, exp: 1900 } as const

  it('INV-8 HB-56: no credential without an end, and none longer than 15 minutes, can be made', () => {
    expect(() => issueCredential(SECRET, { ...claims, exp: 1901 })).toThrow(RangeError)
    expect(() => issueCredential(SECRET, { ...claims, exp: Number.NaN })).toThrow(RangeError)
    expect(() => issueCredential(SECRET, { ...claims, exp: 1000 })).toThrow(RangeError)
    expect(() => issueCredential(SECRET, { ...claims, exp: undefined as never })).toThrow(RangeError)
  })

  it('INV-8 HB-56: a signed token that lives longer, or for ever, is refused all the same', async () => {
    const { createHmac } = await import('node:crypto')
    const forge = (payload: object): string => {
      const head = issueCredential(SECRET, claims).split('.')[0]
      const text = `${head}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
      return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`
    }
    const { exp: _exp, ...endless } = claims
    expect(verifyCredential(SECRET, forge(claims), 1_001_000)).toMatchObject({ ok: true })
    expect(verifyCredential(SECRET, forge({ ...claims, exp: 9999 }), 1_001_000)).toMatchObject({ ok: false })
    expect(verifyCredential(SECRET, forge(endless), 1_001_000)).toMatchObject({ ok: false })
    expect(verifyCredential(SECRET, forge({ ...claims, scopes: ['all'] }), 1_001_000)).toMatchObject({ ok: false })
  })

  it('HB-65: it ends after 15 minutes and an exchange in time leaves no gap', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    let current = identity.exchange(key)
    for (let minute = 0; minute < 60; minute++) {
      if (minute % 10 === 9) current = identity.exchange(key)
      expect(current.ok && identity.verify(current.value.credential).ok).toBe(true)
      clock.pass(60)
    }
    const last = identity.exchange(key)
    clock.pass(901)
    expect(last.ok && identity.verify(last.value.credential)).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
  })

  it('T-165: one from the future is refused: the clock was set back', () => {
    const token = issueCredential(SECRET, claims)
    expect(verifyCredential(SECRET, token, 900_000)).toEqual({ ok: false, reason: 'future' })
  })

  it.each([
    ['another signature', (t: string) => `${t.slice(0, -1)}${t.endsWith('A') ? 'B' : 'A'}`],
    ['another payload', (t: string) => t.replace(/\.(.)/, (_m, c: string) => `.${c === 'A' ? 'B' : 'A'}`)],
    ['padding', (t: string) => `${t}=`],
    ['a fourth part', (t: string) => `${t}.x`],
    ['alg none', (t: string) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${t.split('.')[1] ?? ''}.`],
    [
      'alg HS512',
      (t: string) => t.replace(/^[^.]+/, Buffer.from('{"alg":"HS512","typ":"sp-agent+jwt"}').toString('base64url')),
    ],
    ['nothing', () => ''],
  ])('T-067: a token with %s is refused', (_name, change) => {
    expect(verifyCredential(SECRET, change(issueCredential(SECRET, claims)), 1_001_000)).toMatchObject({ ok: false })
  })

  it('T-067: every single-character change of a token is refused', () => {
    const token = issueCredential(SECRET, claims)
    for (let at = 0; at < token.length; at++) {
      const changed = `${token.slice(0, at)}${token[at] === 'x' ? 'y' : 'x'}${token.slice(at + 1)}`
      expect(verifyCredential(SECRET, changed, 1_001_000).ok).toBe(false)
    }
  })

  it('HB-64: a credential narrowed to reads cannot send, and cannot be widened again', async () => {
    const { key } = await identity.agents.add({ name: 'reader', by: 'test', effects: ['read', 'write'] })
    const issued = identity.exchange(key, ['read'])
    const principal = issued.ok ? identity.verify(issued.value.credential) : issued
    if (!principal.ok) throw new Error('no principal')
    const surfaces = createSurfaces({ tools: {}, clock })
    const tool = (effect: string) => ({ server: 'a', name: 'b', annotation: { effect } }) as RegisteredTool
    expect(admitTool(surfaces, principal.value, tool('read'))).toMatchObject({ ok: true })
    expect(admitTool(surfaces, principal.value, tool('write'))).toMatchObject({ ok: false, code: 'SP_AUTHZ_SCOPE' })
    expect(admitTool(surfaces, principal.value, tool('external'))).toMatchObject({ ok: false, code: 'SP_AUTHZ_SCOPE' })
    expect(identity.exchange(key, ['external'])).toMatchObject({ ok: false, code: 'SP_AUTHZ_GRANT' })
  })
})

describe('scopes', () => {
  it('ND-4.4.a: the map of operations is the specification’s, and an unmapped operation is denied', () => {
    expect(Object.fromEntries(OPERATIONS)).toMatchObject({
      'sessions.list': 'read',
      'sessions.get': 'read',
      'config.update': 'write',
      'tools.invoke': 'execute',
      'credentials.rotate': 'admin',
    })
    expect(permits(SCOPES, 'sessions.destroy')).toEqual({ ok: false, required: undefined })
    expect(permits(SCOPES, '__proto__')).toEqual({ ok: false, required: undefined })
    expect(permits(['read'], 'tools.invoke')).toEqual({ ok: false, required: 'execute' })
  })

  it('INV-8 AC-4.4.1: each operation is open to exactly the credentials that hold its scope', () => {
    for (const [operation, required] of OPERATIONS) {
      for (const held of SCOPES) expect(permits([held], operation).ok).toBe(held === required)
    }
  })

  it('AC-4.4.4: an allowlist, a role, and both, which intersect', () => {
    expect(grantScopes('human', { scopes: ['execute', 'read'] })).toEqual(['read', 'execute'])
    expect(grantScopes('human', { role: 'operator' })).toEqual(['read', 'write', 'execute'])
    expect(grantScopes('human', { role: 'admin' })).toEqual(['read', 'write', 'execute', 'admin'])
    expect(grantScopes('human', { scopes: ['read', 'admin'], role: 'operator' })).toEqual(['read'])
    expect(() => grantScopes('human', { scopes: ['admin'], role: 'viewer' })).toThrow(/No scope/)
  })

  it('HB-63: there is no scope for everything', () => {
    for (const word of ['all', '*', 'ALL', 'root', '', 'read execute', 'constructor']) {
      expect(() => grantScopes('human', { scopes: [word] })).toThrow(/not a scope/)
      expect(() => grantScopes('human', { role: word })).toThrow(/not a role/)
    }
  })

  it('T-008 E-48: neither agents nor services can be given approve, policy or admin', () => {
    for (const scope of ['approve', 'policy', 'admin'] as const) {
      expect(() => grantScopes('agent', { scopes: ['read', scope] })).toThrow(/cannot hold/)
      expect(() => grantScopes('service', { scopes: [scope] })).toThrow(/cannot hold/)
      expect(grantScopes('human', { scopes: [scope] })).toEqual([scope])
    }
  })
})

describe('agents', () => {
  it('HB-145: a new agent starts at trust level 0; its key is 256 bit, shown once and stored nowhere', async () => {
    const { agent, key } = await identity.agents.add({ name: 'coder', by: 'operator:ana' })
    expect(agent.trustLevel).toBe(0)
    expect(key).toMatch(/^spk_[A-Za-z0-9_-]{43}$/)
    const row = JSON.stringify(await store.get('agent', 'coder'))
    expect(row).not.toContain(key)
    expect(row).not.toContain(key.slice(4))
    expect(JSON.stringify(evidence.records)).not.toContain(key.slice(4))
    expect(evidence.records.at(-1)).toMatchObject({ event: 'agent.added', actor: 'operator:ana', agent: 'coder' })
  })

  it.each([
    '',
    'A',
    'a b',
    'a.b',
    'operator:ana',
    '-a',
    'a\n',
    'a\u0000',
    'ａ',
    'admin',
    'all',
    'a'.repeat(29),
    '../x',
  ])('T-171: %j is no name for an agent', async (name) => {
    await expect(identity.agents.add({ name, by: 'test' })).rejects.toMatchObject({ code: 'SP_AGENT_NAME' })
  })

  it('T-171: a name is never used twice, not even after a revocation', async () => {
    await identity.agents.add({ name: 'coder', by: 'test' })
    await expect(identity.agents.add({ name: 'coder', by: 'test' })).rejects.toMatchObject({ code: 'SP_AGENT_EXISTS' })
    await identity.agents.revoke('coder', 'test')
    await expect(identity.agents.add({ name: 'coder', by: 'test' })).rejects.toMatchObject({ code: 'SP_AGENT_EXISTS' })
  })

  it('HB-56 E-43 E-44: a key ends after 90 days, and with it everything that came from it', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    clock.pass(90 * 86_400 - 100)
    const last = identity.exchange(key)
    expect(last).toMatchObject({ ok: true })
    if (!last.ok) return
    expect(last.value.expiresAt - clock.now()).toBeLessThanOrEqual(100_000)
    clock.pass(101)
    expect(identity.exchange(key)).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
    expect(identity.verify(last.value.credential)).toMatchObject({ ok: false })
    await expect(identity.agents.add({ name: 'endless', by: 'test', keyLifetime: 0 })).rejects.toMatchObject({
      code: 'SP_AUTHZ_GRANT',
    })
  })

  it('HB-60: rotating the key ends the old key, its credentials and the connections made with them', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    const issued = identity.exchange(key)
    clock.pass(5)
    expect(identity.admit(callerOf(principal))).toMatchObject({ ok: true })
    const rotated = await identity.agents.rotateKey('coder', 'test')
    expect(identity.exchange(key)).toMatchObject({ ok: false })
    expect(issued.ok && identity.verify(issued.value.credential)).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
    expect(identity.admit(callerOf(principal))).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
    expect(identity.admit(callerOf(login(rotated.key)))).toMatchObject({ ok: true })
  })

  it('HB-60 HB-145: a change of the trust level is seen by connections that are open', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    expect(principal.trustLevel).toBe(0)
    await identity.agents.setTrust('coder', 2, 'operator:ana', 'three good weeks')
    expect(principal.trustLevel).toBe(2)
    expect(evidence.records.at(-1)).toMatchObject({ event: 'agent.trust', actor: 'operator:ana', from: 0, to: 2 })
  })

  it('HB-145: revocation denies at once and aborts what is running', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    let aborted = false
    identity.whileAlive(principal, () => (aborted = true))
    await identity.agents.revoke('coder', 'test')
    expect(aborted).toBe(true)
    expect(identity.admit(callerOf(principal))).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
    expect(identity.exchange(key)).toMatchObject({ ok: false })
  })

  it('E-26: agents, keys and instances survive a restart', async () => {
    const { key, agent } = await identity.agents.add({ name: 'coder', by: 'test' })
    await identity.close()
    identity = await open()
    expect(login(key).instance).toBe(agent.instance.id)
  })

  it('a wrong key of the right form is refused', () => {
    expect(identity.exchange(formatAgentKey(new Uint8Array(32)))).toMatchObject({ ok: false, code: 'SP_AUTHN_INVALID' })
    expect(identity.exchange('spk_short')).toMatchObject({ ok: false })
  })
})

describe('instances', () => {
  it('T-088: five sessions by every ingress, with names of the agent’s choice, are one instance', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const instances = new Set<string>()
    const sessions = new Set<string>()
    for (const ingress of ['mcp-stdio', 'mcp-http', 'hook', 'api', 'api'] as const) {
      const principal = login(key)
      const admitted = identity.admit(callerOf(principal, `fresh-${sessions.size}`, ingress))
      instances.add(principal.instance)
      if (admitted.ok) sessions.add(admitted.value.sessionId)
    }
    expect(instances.size).toBe(1)
    expect(sessions.size).toBe(5)
  })

  it('T-088: the instance stays for as long as the agent is active, and 24 hours beyond', async () => {
    const { key, agent } = await identity.agents.add({ name: 'coder', by: 'test' })
    for (let hour = 0; hour < 72; hour++) {
      identity.admit(callerOf(login(key)))
      clock.pass(3600)
      await identity.tick()
    }
    expect(login(key).instance).toBe(agent.instance.id)
    clock.pass(86_400 - 3600)
    await identity.tick()
    expect(login(key).instance).toBe(agent.instance.id)
    clock.pass(3600)
    await identity.tick()
    expect(login(key).instance).not.toBe(agent.instance.id)
  })

  it('T-088: making up session names without end opens no more than 256 sessions', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    const ids = new Set<string>()
    for (let index = 0; index < 400; index++) {
      const admitted = identity.admit(callerOf(principal, `s${index}`))
      if (admitted.ok) ids.add(admitted.value.sessionId)
      clock.mono += 1000
    }
    expect(ids.size).toBe(257)
  })
})

describe('sessions', () => {
  const admit = (principal: Principal) => identity.admit(callerOf(principal))

  it('AC-4.2.1 AC-4.2.4: activity keeps a session open; 30 minutes of silence end it', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    const first = admit(principal)
    clock.pass(29 * 60)
    expect(admit(principal)).toEqual(first)
    clock.pass(29 * 60)
    expect(admit(principal)).toEqual(first)
    clock.pass(1800)
    expect(admit(principal)).toMatchObject({ ok: false, code: 'SP_AUTHZ_SESSION_EXPIRED' })
  })

  it('AC-4.2.3: the end is recorded with session, reason and age; only a new login opens the next session', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    const first = admit(principal)
    clock.pass(1801)
    expect(admit(principal)).toMatchObject({ ok: false })
    expect(admit(principal)).toMatchObject({ ok: false })
    const ended = evidence.records.filter((record) => record['event'] === 'session.expired')
    expect(ended).toHaveLength(1)
    expect(ended[0]).toMatchObject({ reason: 'idle', ageSeconds: 1801, sessionId: first.ok && first.value.sessionId })
    const again = admit(login(key))
    expect(again.ok && again.value.sessionId).not.toBe(first.ok && first.value.sessionId)
  })

  it('AC-4.2.2: with constant activity a session ends after 24 hours', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    const first = admit(principal)
    for (let step = 0; step < 95; step++) {
      clock.pass(900)
      expect(admit(principal)).toEqual(first)
    }
    clock.pass(900)
    expect(admit(principal)).toMatchObject({ ok: false, code: 'SP_AUTHZ_SESSION_EXPIRED' })
    expect(evidence.records.at(-1)).toMatchObject({ event: 'session.expired', reason: 'absolute' })
  })

  it('E-47: the sweeper ends what nobody touches any more, without an access', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    admit(login(key))
    clock.pass(1801)
    await identity.tick()
    expect(evidence.records.at(-1)).toMatchObject({ event: 'session.expired', reason: 'idle' })
    expect(identity.sessions.active()).toHaveLength(0)
  })

  it('T-165: setting the clock back prolongs nothing', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    admit(principal)
    clock.pass(1801)
    clock.wall -= 3600_000
    expect(admit(principal)).toMatchObject({ ok: false, code: 'SP_AUTHZ_SESSION_EXPIRED' })
  })

  it('E-26: a session goes on over a restart, and so does its age', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const principal = login(key)
    const first = admit(principal)
    await identity.close()
    identity = await open()
    expect(admit(principal)).toEqual(first)
    await identity.close()
    clock.pass(1801)
    identity = await open()
    expect(admit(principal)).toMatchObject({ ok: false, code: 'SP_AUTHZ_SESSION_EXPIRED' })
  })
})

describe('rate limit', () => {
  it('AC-2.2.4: a burst, then a steady rate, per identity', async () => {
    const one = login((await identity.agents.add({ name: 'one', by: 'test' })).key)
    const two = login((await identity.agents.add({ name: 'two', by: 'test' })).key)
    for (let call = 0; call < 100; call++) expect(identity.admit(callerOf(one)).ok).toBe(true)
    expect(identity.admit(callerOf(one))).toMatchObject({
      ok: false,
      code: 'SP_AUTHZ_RATE',
      reason: 'Retry after 1 seconds.',
    })
    expect(identity.admit(callerOf(two)).ok).toBe(true)
    for (let call = 0; call < 600; call++) {
      clock.mono += 100
      expect(identity.admit(callerOf(one)).ok).toBe(true)
    }
    expect(identity.admit(callerOf(one)).ok).toBe(false)
  })

  it('AC-2.2.3: the seconds it says are the seconds it takes', () => {
    const limiter = new RateLimiter(clock, 5, 5)
    for (let index = 0; index < 5; index++) limiter.take('guess')
    const refused = limiter.take('guess')
    expect(refused).toEqual({ ok: false, retryAfterSeconds: 12 })
    clock.mono += 11_000
    expect(limiter.peek('guess')).toEqual({ ok: false, retryAfterSeconds: 1 })
    clock.mono += 1_000
    expect(limiter.take('guess')).toEqual({ ok: true })
  })

  it('T-156: what the limiter keeps is bounded, and a flood of names does not reset a busy one', () => {
    const limiter = new RateLimiter(clock, 5, 5)
    for (let index = 0; index < 5; index++) limiter.take('busy')
    expect(limiter.take('busy').ok).toBe(false)
    for (let index = 0; index < 20_000; index++) {
      limiter.take(`name-${index}`)
      if (index % 100 === 0) expect(limiter.take('busy').ok).toBe(false)
    }
    expect(limiter.size).toBeLessThanOrEqual(10_001)
  })
})

describe('kill switch', () => {
  it('HB-145: kill denies the agent, drops it to level 0, aborts its calls, and leaves others alone', async () => {
    const coder = login((await identity.agents.add({ name: 'coder', by: 'test' })).key)
    const other = login((await identity.agents.add({ name: 'other', by: 'test' })).key)
    await identity.agents.setTrust('coder', 2, 'operator:ana')
    const aborted: string[] = []
    identity.whileAlive(coder, () => aborted.push('coder'))
    identity.whileAlive(other, () => aborted.push('other'))
    await identity.kill({ kind: 'agent', name: 'coder' }, 'operator:ana', 'It went wild.')
    expect(aborted).toEqual(['coder'])
    expect(identity.admit(callerOf(coder))).toMatchObject({
      ok: false,
      code: 'SP_AUTHZ_KILLED',
      reason: 'It went wild.',
    })
    expect(coder.trustLevel).toBe(0)
    expect(identity.admit(callerOf(other)).ok).toBe(true)
    const events = evidence.records.map((record) => record['event'])
    expect(events).toEqual(expect.arrayContaining(['kill', 'agent.trust']))
    await identity.killSwitch.resume({ kind: 'agent', name: 'coder' }, 'operator:ana', 'fixed')
    expect(identity.admit(callerOf(coder)).ok).toBe(true)
    expect(coder.trustLevel).toBe(0)
  })

  it('HB-145: a call that starts after the kill is aborted at once', async () => {
    const coder = login((await identity.agents.add({ name: 'coder', by: 'test' })).key)
    await identity.kill({ kind: 'all' }, 'test', 'stop')
    let aborted = false
    identity.whileAlive(coder, () => (aborted = true))
    expect(aborted).toBe(true)
  })

  it('HB-145: it is in force on this node even when the store fails', async () => {
    const coder = login((await identity.agents.add({ name: 'coder', by: 'test' })).key)
    const put = store.put.bind(store)
    store.put = () => Promise.reject(new Error('disk full'))
    await expect(identity.kill({ kind: 'all' }, 'test', 'stop')).rejects.toThrow('disk full')
    store.put = put
    expect(identity.admit(callerOf(coder))).toMatchObject({ ok: false, code: 'SP_AUTHZ_KILLED' })
  })

  it('HB-145: it survives a restart and reaches another node over the store in less than a second', async () => {
    const { key } = await identity.agents.add({ name: 'coder', by: 'test' })
    const second = await open()
    const there = login(key, second)
    let abortedAt = 0
    second.whileAlive(there, () => (abortedAt = performance.now()))
    const killedAt = performance.now()
    await identity.kill({ kind: 'agent', name: 'coder' }, 'test', 'stop')
    await expect.poll(() => abortedAt, { timeout: 1000 }).toBeGreaterThan(0)
    expect(abortedAt - killedAt).toBeLessThan(1000)
    expect(second.admit(callerOf(there))).toMatchObject({ ok: false, code: 'SP_AUTHZ_KILLED' })
    const third = await open()
    expect(third.admit(callerOf(login(key, third)))).toMatchObject({ ok: false, code: 'SP_AUTHZ_KILLED' })
    await second.close()
    await third.close()
  })

  it('T-004: a switch that cannot be read, or was tampered with, counts as on', async () => {
    const coder = login((await identity.agents.add({ name: 'coder', by: 'test' })).key)
    const get = store.get.bind(store)
    store.get = () => Promise.reject(new Error('no store'))
    await identity.killSwitch.refresh('all')
    expect(identity.admit(callerOf(coder))).toMatchObject({ ok: false, code: 'SP_AUTHZ_KILLED' })
    store.get = get
    await store.put({ kind: 'switch', id: 'all', state: 'off', expiresAt: 0, body: {} }, 0)
    await identity.tick()
    expect(identity.admit(callerOf(coder)).ok).toBe(true)
    identity.killSwitch.tampered('agent:coder')
    expect(identity.admit(callerOf(coder))).toMatchObject({ ok: false, code: 'SP_AUTHZ_KILLED' })
  })
})

describe('credential files', () => {
  const files = () => createCredentialFiles({ identity, random: systemRandom, directory: join(folder.path, 'agents') })

  it('HB-65: one line per agent, for the owner alone, gone when the gateway stops', async () => {
    await identity.agents.add({ name: 'coder', by: 'test' })
    const writer = files()
    await writer.start()
    const path = writer.path('coder')
    const text = await readFile(path, 'utf8')
    const credential = /^authorization: Bearer ([^\n]+)\n$/.exec(text)?.[1] ?? ''
    expect(identity.verify(credential)).toMatchObject({ ok: true, value: { id: 'coder' } })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder.path, 'agents', 'coder'))).mode & 0o777).toBe(0o700)
    await identity.agents.add({ name: 'late', by: 'test' })
    await writer.refresh('late')
    expect(await readFile(writer.path('late'), 'utf8')).toMatch(/^authorization: Bearer /)
    await identity.agents.rotateKey('coder', 'test')
    await writer.refresh('coder')
    expect(await readFile(path, 'utf8')).not.toBe(text)
    await identity.agents.revoke('late', 'test')
    await writer.refresh('late')
    await expect(stat(writer.path('late'))).rejects.toThrow('ENOENT')
    await writer.stop()
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('T-039: a directory that is a link is not written through', async () => {
    await identity.agents.add({ name: 'coder', by: 'test' })
    await mkdir(join(folder.path, 'elsewhere'))
    await mkdir(join(folder.path, 'agents'))
    await symlink(join(folder.path, 'elsewhere'), join(folder.path, 'agents', 'coder'))
    const errors: unknown[] = []
    const writer = createCredentialFiles({
      identity,
      random: systemRandom,
      directory: join(folder.path, 'agents'),
      onError: (_agent, error) => errors.push(error),
    })
    await writer.start()
    expect(errors).toHaveLength(1)
    await expect(stat(join(folder.path, 'elsewhere', 'credential'))).rejects.toThrow('ENOENT')
    await writer.stop()
  })
})
