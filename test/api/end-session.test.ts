import type { Principal } from '@sallyport/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller, CrossingResult, IncomingCall } from '../../packages/gateway/src/boundary/ports.ts'
import { abortOnKill } from '../../packages/gateway/src/control/identity/abort-on-kill.ts'
import { DEFAULT_IDENTITY_CONFIG } from '../../packages/gateway/src/control/identity/config.ts'
import { createIdentity, type Identity } from '../../packages/gateway/src/control/identity/identity.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { ALLOWED, memoryEvidence, openTestStore, ScriptedBoundary, temporaryDirectory, TestClock } from './kit.ts'

const SECRET = new Uint8Array(32).fill(7)
const WAY = { ingress: 'mcp-http', surface: 'mcp', channel: 'unix', contentTrust: 'semi-trusted' } as const
const CALL: IncomingCall = {
  ...{ requestId: 'r', server: 'files', tool: 'read', argsText: '{}', meta: {} },
  ...{ enforcement: 'gateway', approvalWaitMs: 0 },
}
const EXECUTED: CrossingResult = { outcome: 'executed', auditId: 'e1', resultText: '{"secret":1}', decision: ALLOWED }

describe('an operator ends one session', () => {
  const evidence = memoryEvidence()
  let clock: TestClock
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>
  let store: Store
  let identity: Identity
  let key: string
  const open = (of: Store = store): Promise<Identity> =>
    createIdentity({
      ...{ store: of, evidence, clock, random: systemRandom, secret: SECRET },
      config: DEFAULT_IDENTITY_CONFIG,
    })
  const login = (on = identity): Principal => {
    const issued = on.exchange(key)
    const verified = issued.ok ? on.verify(issued.value.credential) : issued
    if (!verified.ok) throw new Error(verified.reason)
    return verified.value
  }
  const caller = (principal: Principal, sessionHint: string): Caller => ({
    ...{ ...WAY, principal, connection: `c-${sessionHint}`, sessionHint, chatType: '', purpose: '' },
  })
  const admitted = (who: Caller, on = identity): string => {
    const answer = on.admit(who)
    return answer.ok ? answer.value.sessionId : answer.code
  }
  beforeEach(async () => {
    clock = new TestClock()
    folder = await temporaryDirectory()
    store = await openTestStore(folder.path, clock)
    identity = await open()
    key = (await identity.agents.add({ name: 'coder', by: 'test' })).key
  })
  afterEach(async () => {
    await identity.close()
    await store.close()
    await folder.remove()
  })

  it('HB-145: its next call is refused with the code of a session; another session of the same agent lives on', async () => {
    const principal = login()
    const [mail, code] = [caller(principal, 'mail'), caller(principal, 'code')]
    const [mailId, codeId] = [admitted(mail), admitted(code)]
    clock.pass(2)
    const ended = await identity.sessions.end(mailId, 'operator:ana', 'It read too much.')
    expect(ended).toMatchObject({ aborted: 0, session: { id: mailId, state: 'ended', ended: { reason: 'operator' } } })
    for (let again = 0; again < 3; again++) {
      expect(admitted(mail)).toBe('SP_AUTHZ_SESSION_EXPIRED')
      expect(admitted(code)).toBe(codeId)
    }
    expect(identity.agents.get('coder')?.trustLevel).toBe(0)
    expect(identity.killSwitch.list()).toEqual([])
    expect(evidence.records.filter((record) => record['event'] === 'session.ended')).toMatchObject([
      { actor: 'operator:ana', sessionId: mailId, agentId: 'coder', reason: 'It read too much.', aborted: 0 },
    ])
  })

  it('AC-4.2.3: only somebody who proves anew who it is opens the next one, and that is another session', async () => {
    const first = admitted(caller(login(), 'mail'))
    clock.pass(2)
    await identity.sessions.end(first, 'operator:ana', 'x')
    clock.pass(2)
    const next = admitted(caller(login(), 'mail'))
    expect(next).toMatch(/^[0-9a-f-]{36}$/)
    expect(next).not.toBe(first)
  })

  it('HB-145: what it has running is aborted within a second and its result withheld; calls of the other go on', async () => {
    const principal = login()
    const [mail, code] = [caller(principal, 'mail'), caller(principal, 'code')]
    const [mailId] = [admitted(mail), admitted(code)]
    const boundary = new ScriptedBoundary()
    let finish = (): void => undefined
    boundary.script = (who, running) =>
      new Promise((resolve) => {
        if (who.sessionHint === 'code') finish = () => resolve(EXECUTED)
        running.signal?.addEventListener('abort', () => resolve(EXECUTED))
      })
    const guarded = abortOnKill(boundary, identity)
    const [ofMail, ofCode] = [guarded.cross(mail, CALL), guarded.cross(code, CALL)]
    expect(await identity.sessions.end(mailId, 'operator:ana', 'x')).toMatchObject({ aborted: 1 })
    expect(await ofMail).toMatchObject({ outcome: 'failed', auditId: 'e1', code: 'SP_AUTHZ_SESSION_EXPIRED' })
    expect(JSON.stringify(await ofMail)).not.toContain('secret')
    finish()
    expect(await ofCode).toEqual(EXECUTED)
    boundary.script = () => new Promise(() => undefined)
    const deaf = guarded.cross(code, CALL)
    const started = performance.now()
    await identity.sessions.end(admitted(code), 'operator:ana', 'x')
    expect(await deaf).toMatchObject({ outcome: 'denied', code: 'SP_AUTHZ_SESSION_EXPIRED' })
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('T-088: calls of an agent that has made up too many names for its sessions end with the one they share', async () => {
    const principal = login()
    const sessionOf = (hint: string): string => {
      const answer = identity.sessions.admit(caller(principal, hint))
      return answer.ok ? answer.value.id : answer.code
    }
    for (let n = 0; n < 256; n++) sessionOf(`made-up-${n}`)
    const shared = sessionOf('one-more')
    expect(sessionOf('and-another')).toBe(shared)
    const aborted: string[] = []
    for (const hint of ['one-more', 'and-another', 'made-up-7'])
      identity.sessions.whileOpen(caller(principal, hint), () => void aborted.push(hint))
    expect(await identity.sessions.end(shared, 'operator:ana', 'x')).toMatchObject({ aborted: 2 })
    expect(aborted).toEqual(['one-more', 'and-another'])
    expect(sessionOf('one-more')).toBe('SP_AUTHZ_SESSION_EXPIRED')
  })

  it('T-004: it stays ended over a restart, also when the row of the session was put back', async () => {
    const mail = caller(login(), 'mail')
    const id = admitted(mail)
    await expect.poll(async () => (await store.get('session', id))?.state).toBe('active')
    const row = await store.get('session', id)
    clock.pass(2)
    await identity.sessions.end(id, 'operator:ana', 'x')
    await expect.poll(async () => (await store.get('session', id))?.state).toBe('ended')
    const version = (await store.get('session', id))?.version ?? 0
    expect(await store.put({ ...row!, state: 'active' }, version)).toBe(true)
    await identity.close()
    identity = await open()
    expect(identity.sessions.active()).toEqual([])
    expect(admitted(mail)).toBe('SP_AUTHZ_SESSION_EXPIRED')
  })

  it('is ended from any node, on every node', async () => {
    const other = new Proxy(store, {
      get: (target, name) => {
        const value = name === 'stream' ? 'other-node' : target[name as keyof Store]
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const second = await open(other)
    try {
      const mail = caller(login(), 'mail')
      const id = admitted(mail)
      await expect.poll(() => store.get('session', id)).toBeDefined()
      clock.pass(2)
      expect(await second.sessions.end(id, 'operator:ana', 'x')).toMatchObject({ aborted: 0 })
      await expect.poll(() => admitted(mail)).toBe('SP_AUTHZ_SESSION_EXPIRED')
      await expect.poll(() => admitted(mail, second)).toBe('SP_AUTHZ_SESSION_EXPIRED')
    } finally {
      await second.close()
    }
  })

  it('T-004: where the row that ends it cannot be read, the session is over', async () => {
    const mail = caller(login(), 'mail')
    const id = admitted(mail)
    clock.pass(2)
    await identity.sessions.refresh(id)
    expect(admitted(mail)).toBe('SP_AUTHZ_SESSION_EXPIRED')
  })

  it('ending twice, what is over, or what was never there, changes nothing', async () => {
    const id = admitted(caller(login(), 'mail'))
    const [one, two] = await Promise.all([1, 2].map(() => identity.sessions.end(id, 'operator:ana', 'x')))
    expect([one, two]).toMatchObject([{ session: { state: 'ended' } }, { session: { state: 'ended' } }])
    expect(await identity.sessions.end('never', 'operator:ana', 'x')).toBeUndefined()
    expect(
      evidence.records.filter((record) => record['sessionId'] === id && record['event'] === 'session.ended'),
    ).toHaveLength(1)
  })

  it('where it cannot be written it says so, and is in force all the same', async () => {
    const mail = caller(login(), 'mail')
    const id = admitted(mail)
    const broken = new Proxy(store, {
      get: (target, name) => {
        const value = target[name as keyof Store]
        if (name === 'put')
          return async (...[row, version]: Parameters<Store['put']>) =>
            row.kind !== 'session-end' && target.put(row, version)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const failing = await open(broken)
    try {
      const own = admitted(mail, failing)
      clock.pass(2)
      await expect(failing.sessions.end(own, 'operator:ana', 'x')).rejects.toMatchObject({
        code: 'SP_STORE_UNAVAILABLE',
      })
      expect(admitted(mail, failing)).toBe('SP_AUTHZ_SESSION_EXPIRED')
      expect(admitted(mail)).toBe(id)
    } finally {
      await failing.close()
    }
  })
})
