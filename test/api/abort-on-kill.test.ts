import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Caller, CrossingResult, IncomingCall } from '../../packages/gateway/src/boundary/ports.ts'
import { abortOnKill } from '../../packages/gateway/src/control/identity/abort-on-kill.ts'
import { ALLOWED, ScriptedBoundary, startKit, type Kit } from './kit.ts'

let kit: Kit
let caller: Caller
let boundary: ScriptedBoundary
const call: IncomingCall = {
  requestId: 'r',
  server: 'files',
  tool: 'read',
  argsText: '{}',
  meta: {},
  enforcement: 'gateway',
  approvalWaitMs: 0,
}
const executed: CrossingResult = { outcome: 'executed', auditId: 'e1', resultText: '{"secret":1}', decision: ALLOWED }

beforeAll(async () => {
  kit = await startKit()
})
afterAll(() => kit.close())
let agents = 0
beforeEach(async () => {
  boundary = new ScriptedBoundary()
  const verified = kit.identity.verify((await kit.agent(`agent${++agents}`)).credential)
  if (!verified.ok) throw new Error(verified.reason)
  const rest = { ingress: 'mcp-stdio', connection: 'c', sessionHint: '', surface: 'mcp', channel: 'unix' } as const
  caller = { ...rest, principal: verified.value, chatType: '', contentTrust: 'semi-trusted', purpose: '' }
})
const kill = () => kit.identity.kill({ kind: 'agent', name: caller.principal.id }, 'test', 'stop')

describe('HB-145: kill and running calls', () => {
  it('HB-145: the signal of a running call aborts, and what it brings back is withheld', async () => {
    boundary.script = (_caller, running) =>
      new Promise((resolve) => running.signal?.addEventListener('abort', () => resolve(executed)))
    const answer = abortOnKill(boundary, kit.identity).cross(caller, call)
    await kill()
    expect(await answer).toMatchObject({ outcome: 'failed', auditId: 'e1', code: 'SP_AUTHZ_KILLED' })
    expect(JSON.stringify(await answer)).not.toContain('secret')
  })

  it('HB-145: a call that does not listen is answered within a second all the same, and leaves a record', async () => {
    boundary.script = () => new Promise(() => undefined)
    const started = performance.now()
    const answer = abortOnKill(boundary, kit.identity).cross(caller, call)
    await kill()
    expect(await answer).toMatchObject({ outcome: 'denied', auditId: 'refusal-1', code: 'SP_AUTHZ_KILLED' })
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('a call that nobody kills is passed on with its signal, and nothing is left behind', async () => {
    const stop = new AbortController()
    boundary.script = (_caller, running) =>
      new Promise((resolve) => running.signal?.addEventListener('abort', () => resolve(executed)))
    const answer = abortOnKill(boundary, kit.identity).cross(caller, { ...call, signal: stop.signal })
    stop.abort()
    expect(await answer).toEqual(executed)
    expect(kit.identity.killSwitch.cut(caller.principal.id)).toBe(0)
  })
})
