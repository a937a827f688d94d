import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  approvalView,
  callDigest,
  decisionDigest,
  viewDigest,
  type ApprovalDemand,
  type ApprovalRequest,
  type CallBinding,
  type GrantScope,
  type LogRecord,
} from '@sallyport/core'
import type { Clock, EvidencePort, NewApproval } from '../../packages/gateway/src/boundary/ports.ts'
import {
  createApprovals,
  type ApprovalsDeps,
  type ApprovalService,
  type ApproveInput,
} from '../../packages/gateway/src/control/approvals/approvals.ts'
import type { PinProof } from '../../packages/gateway/src/control/presence/challenge.ts'
import type { AttestationPolicy } from '../../packages/gateway/src/control/presence/attestation.ts'
import { createPasskeys, type Passkeys } from '../../packages/gateway/src/control/presence/passkeys.ts'
import { provePin } from '../../packages/gateway/src/control/presence/pin.ts'
import {
  createPresence,
  type Presence,
  type PresenceKeys,
} from '../../packages/gateway/src/control/presence/presence.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'

/** A clock that tests move: the wall and the monotonic part apart. */
export interface TestClock extends Clock {
  wall: number
  elapsed: number
  advance(ms: number): void
}

export function testClock(): TestClock {
  return {
    wall: Date.now(),
    elapsed: 1000,
    now() {
      return this.wall
    },
    monotonic() {
      return this.elapsed
    },
    advance(ms) {
      this.wall += ms
      this.elapsed += ms
    },
  }
}

export interface Rig {
  readonly dir: string
  readonly path: string
  readonly clock: TestClock
  readonly keys: PresenceKeys
  readonly records: LogRecord[]
  store: Store
  presence: Presence
  passkeys: Passkeys
  approvals: ApprovalService
  /** Verifier keys of the enrolled operators, as their CLIs would derive them. */
  readonly pins: Map<string, Buffer>
  failLog: boolean
  enrol(name: string): Promise<string>
  restart(): Promise<void>
  close(): Promise<void>
}

const checkpoint = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })

export const SITE = { origin: 'https://sallyport.localhost:7443', rpId: 'sallyport.localhost' }

/** A real store on disk with the real services on top. */
export async function rig(more: Partial<ApprovalsDeps> = {}, attestation?: AttestationPolicy): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-approvals-'))
  const path = join(dir, 'state.db')
  const clock = testClock()
  const keys: PresenceKeys = {
    mac: randomBytes(32),
    pepper: randomBytes(32),
    identity: generateKeyPairSync('ed25519').privateKey,
  }
  const records: LogRecord[] = []
  const open = (): Promise<Store> =>
    openStore({ driver: 'sqlite', path }, { mac: keys.mac, checkpointKey: checkpoint, origin: 'test' }, clock)
  const evidence: EvidencePort = {
    append: async (added) => {
      if (self.failLog) throw new Error('disk full')
      records.push(...added)
    },
    enqueue: (added) => void records.push(...added),
  }
  const random = systemRandom
  const build = (store: Store): { presence: Presence; passkeys: Passkeys; approvals: ApprovalService } => {
    const passkeys = createPasskeys({
      ...{ store, evidence, clock, random, mac: keys.mac, site: SITE },
      ...(attestation === undefined ? {} : { attestation }),
      identityRecords: async () =>
        records.filter(({ kind }) => kind === 'identity').map((each) => JSON.stringify(each)),
      isOwnAddress: (address) => ['', 'unix', 'test', '127.0.0.1'].includes(address),
    })
    const presence = createPresence({ store, evidence, clock, random, keys, passkeys })
    const approvals = createApprovals({ store, evidence, clock, random, presence, keys, ...more })
    return { presence, passkeys, approvals }
  }
  const store = await open()
  const self: Rig = {
    dir,
    path,
    clock,
    keys,
    records,
    store,
    ...build(store),
    pins: new Map(),
    failLog: false,
    async enrol(name) {
      const id = `operator:${name}`
      const key = randomBytes(32)
      if ((await self.presence.people()).length === 0) {
        const asked = await self.presence.claimChallenge('ab'.repeat(32))
        if (!asked.ok) throw new Error(asked.reason)
        const { nonce, notAfter, operators } = asked.value
        const salt = operators[0]?.salt ?? ''
        const done = await self.presence.claim({ name, salt, verifier: key.toString('hex'), nonce, notAfter }, 'test')
        if (!done.ok) throw new Error(done.reason)
      } else {
        const { sealVerifier, operatorBody } = await import('../../packages/gateway/src/control/presence/operator.ts')
        const sealed = sealVerifier(key, id, keys.pepper, random)
        const operator = { id, salt: '00'.repeat(16), cost: { N: 2, r: 1, p: 1 }, sealed, enrolledAt: clock.now() }
        await self.store.put({ kind: 'operator', id, state: 'active', expiresAt: 0, body: operatorBody(operator) }, 0)
        const body = { failures: 0, pausedUntil: 0, off: false, keep: true }
        await self.store.put({ kind: 'meta', id: `presence.verifier:${id}`, state: '', expiresAt: 0, body }, 0)
      }
      self.pins.set(id, key)
      return id
    },
    async restart() {
      self.approvals.close()
      await self.store.close()
      self.store = await open()
      Object.assign(self, build(self.store))
    },
    async close() {
      self.approvals.close()
      await self.store.close()
      rmSync(dir, { recursive: true })
    },
  }
  return self
}

export const DEMAND: ApprovalDemand = { approvers: [], quorum: 1, ttlSeconds: 0, severity: 'high', remember: true }

export function binding(changes: Partial<CallBinding> = {}): CallBinding {
  return {
    gateway: 'gw',
    principal: 'agent:claude',
    chain: [],
    instance: 'instance-1',
    labels: { integrity: 3, confidentiality: 0, sources: [] },
    server: 'mail',
    tool: 'mail.send',
    pin: 'p'.repeat(64),
    argsDigest: 'a'.repeat(64),
    metaDigest: 'm'.repeat(64),
    cwd: '',
    facts: { hosts: ['corp.com'], count: 1, omitted: [], undeclared: [] },
    sinks: [{ path: 'to', role: 'sink', value: 'bob@corp.com' }],
    bundle: 'b'.repeat(64),
    ...changes,
  }
}

export function asked(changes: Partial<NewApproval> = {}, of: Partial<CallBinding> = {}): NewApproval {
  const bound = binding(of)
  return {
    auditId: 'audit-1',
    callDigest: callDigest(bound),
    binding: bound,
    args: { to: 'bob@corp.com', subject: 'hello', body: 'text' },
    demand: DEMAND,
    policyRule: ['mail-asks'],
    reason: 'Mail leaves the company.',
    grave: true,
    requestId: '1',
    sessionId: 'session-1',
    sinks: bound.sinks,
    ...changes,
  }
}

/** What an operator's CLI sends for a request: the proof over exactly what the gateway showed. */
export async function proofFor(
  on: Rig,
  id: string,
  operator: string,
  scope: GrantScope = { kind: 'once' },
): Promise<PinProof & Pick<ApproveInput, 'view' | 'scope' | 'reason'>> {
  const challenge = await on.approvals.challenge(id, 'cd'.repeat(32))
  if (!challenge.ok) throw new Error(`${challenge.code} ${challenge.reason}`)
  const { nonce, notAfter, request } = challenge.value
  const shown = request as unknown as ApprovalRequest
  const view = viewDigest(approvalView({ request: shown }))
  const decision = decisionDigest({ approvalId: id, call: callDigest(shown.binding), view, scope, notAfter, nonce })
  const proof = provePin(on.pins.get(operator) ?? Buffer.alloc(32), decision)
  return { operator, nonce, notAfter, proof, view, scope, reason: 'looked at it' }
}

/** Opens a request without waiting and gives its id. */
export async function held(on: Rig, wanted = asked()): Promise<string> {
  const result = await on.approvals.request(wanted, 0)
  if (result.state !== 'pending') throw new Error(JSON.stringify(result))
  return result.approvalId
}

export async function approve(
  on: Rig,
  id: string,
  operator: string,
  scope?: GrantScope,
): ReturnType<ApprovalService['approve']> {
  return on.approvals.approve(id, await proofFor(on, id, operator, scope), 'test')
}
