import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import {
  operatorDecisionDigest,
  operatorDigest,
  viewDigest,
  type Json,
  type JsonObject,
  type LogRecord,
  type Principal,
  type Scope,
} from '@sallyport/core'
import { pass, refuse, type Clock, type EvidencePort, type Random, type Verdict } from '../../boundary/ports.ts'
import type { Store } from '../../store/ports.ts'
import { createSteadyClock } from '../../clock.ts'
import { createAttempts } from './attempts.ts'
import {
  readPresenceProof,
  signChallenge,
  type PresenceChallenge,
  type PresenceProof,
  type SignedChallenge,
} from './challenge.ts'
import { decisionView, needsPasskey } from './decisions.ts'
import {
  OPERATOR_ID,
  OPERATOR_NAME,
  openVerifier,
  operatorBody,
  operatorOf,
  operatorPrincipal,
  sealVerifier,
  type Operator,
} from './operator.ts'
import type { Passkeys } from './passkeys.ts'
import { PIN_COST, provePin } from './pin.ts'

export interface PresenceKeys {
  /** 32 bytes; challenge nonces are authenticated with a key derived from it. */
  readonly mac: Uint8Array
  /** 32 bytes outside the store: PIN verifiers are encrypted with a key derived from it. */
  readonly pepper: Uint8Array
  /** Ed25519 private key; clients pin its public half. */
  readonly identity: KeyObject
}

export interface PresenceDeps {
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly keys: PresenceKeys
  readonly passkeys: Passkeys
  /** What people may do, by operator id; undefined for nobody. Default: whoever proves presence may approve. */
  readonly scopesOf?: (operator: string) => Promise<readonly Scope[] | undefined>
  /** A further condition for the first claim, e.g. that no agent has made a call yet. Default: none. */
  readonly mayClaim?: () => Promise<Verdict<null>>
}

/** How long a challenge for an operator's decision can be answered, ms. */
const CHALLENGE_MS = 120_000

const REFUSALS_PER_MINUTE = 30

/** What a proof is about: everything but who proves it. */
export type Subject = Pick<PresenceChallenge, 'kind' | 'subject' | 'call' | 'view' | 'notAfter'>

interface PresenceStatus {
  readonly claimed: boolean
  readonly operators: readonly {
    readonly id: string
    readonly enrolledAt: number
    /** Of the PIN; `none` where there are only passkeys. */
    readonly state: 'ready' | 'paused' | 'off' | 'none'
    readonly passkeys: number
  }[]
}

/** Who proved presence, and how strongly. */
interface Proved {
  readonly operator: string
  readonly class: 'pin' | 'passkey' | 'device'
}

/**
 * Proof that a human is there (threat-model §3).
 * - The PIN never reaches this process: only HMAC(scrypt(PIN), digest of one decision) does.
 * - Every guess costs one challenge and is counted in the store before it is looked at.
 * - Lockout stops approving, never denying or killing, which need no proof.
 */
export interface Presence {
  status(): Promise<PresenceStatus>
  /** False until a human has set a PIN or enrolled a passkey. What this process knows now; `operators` asks the store. */
  claimed(): boolean
  /** Operators that have a PIN, as stored now; a tampered row is not among them. */
  operators(): Promise<readonly Operator[]>
  /** Ids of everybody who can prove presence, by PIN or by passkey. */
  people(): Promise<readonly string[]>
  /** The same with what each of them may do now. */
  principals(): Promise<ReadonlyMap<string, Principal>>
  readonly passkeys: Passkeys
  /** Salt and cost for the first PIN. Refused once there is an operator. */
  claimChallenge(clientNonce: string): Promise<Verdict<SignedChallenge>>
  /** Enrols the first operator. `verifier` is scrypt(PIN), hex; `source` is the connection. */
  claim(claim: ClaimRequest, source: string): Promise<Verdict<{ readonly operator: string }>>
  /** Asks for a human's proof for a decision that is not about a call. */
  challenge(kind: string, payload: Json, clientNonce: string): Promise<Verdict<SignedChallenge>>
  /** Checks such a proof against the payload that is about to take effect. Single use. */
  verify(
    kind: string,
    payload: Json,
    proof: PresenceProof | Json | undefined,
    source?: string,
    peer?: string,
  ): Promise<Verdict<Proved>>
  /** For approvals: the same with a subject and a digest of their own. */
  challengeFor(subject: Subject, request: JsonObject | null, clientNonce: string): Promise<Verdict<SignedChallenge>>
  verifyFor(
    subject: Subject,
    decision: string,
    proof: PresenceProof,
    source: string,
    peer?: string,
  ): Promise<Verdict<Proved>>
  /** A PIN that is off or paused counts from the beginning; whoever may do this proved it with a passkey. */
  resetPin(operator: string, by: string): Promise<Verdict<null>>
  /** A client refused to ask for a PIN (no terminal, an agent's terminal): one alert each, at most 30 a minute (T-001). */
  refused(command: string, reason: string, source: string): void
  /** Whether `proof` is this operator's over `decision`; counts nothing, for proofs that were accepted before. */
  proves(operator: Operator, decision: string, proof: string): boolean
}

interface ClaimRequest {
  readonly name: string
  readonly salt: string
  readonly verifier: string
  readonly nonce: string
  readonly notAfter: number
}

export function createPresence(deps: PresenceDeps): Presence {
  const { store, evidence, clock: wall, random, keys, passkeys, mayClaim } = deps
  const clock = createSteadyClock(wall)
  const attempts = createAttempts({ store, clock })
  const nonceKey = createHmac('sha256', keys.mac).update('sallyport/presence-nonce/1').digest()

  let known = false
  void people().catch(() => [])
  store.watch(({ kind }) => {
    if (kind === 'operator' || kind === 'passkey') void people().catch(() => [])
  })

  const nonceMac = (salt: Uint8Array, of: Subject): Buffer =>
    createHmac('sha256', nonceKey)
      .update(salt)
      .update(JSON.stringify([of.kind, of.subject, of.call, of.view, of.notAfter]))
      .digest()
      .subarray(0, 16)

  function freshNonce(of: Subject): string {
    const salt = random.bytes(16)
    return Buffer.concat([salt, nonceMac(salt, of)]).toString('hex')
  }

  /** True when this gateway gave the nonce out for exactly this subject. */
  function isOurs(nonce: string, of: Subject): boolean {
    const bytes = Buffer.from(nonce, 'hex')
    return (
      bytes.length === 32 &&
      nonce.length === 64 &&
      timingSafeEqual(bytes.subarray(16), nonceMac(bytes.subarray(0, 16), of))
    )
  }

  async function operators(): Promise<readonly Operator[]> {
    const documents = await store.list('operator', { state: 'active', limit: 1000 })
    return documents.map(operatorOf).filter((each) => each !== undefined)
  }

  async function people(): Promise<readonly string[]> {
    const [pins, keysOf] = await Promise.all([operators(), passkeys.all()])
    const found = new Set([...pins.map(({ id }) => id), ...keysOf.map(({ operator }) => operator)])
    known = found.size > 0
    return [...found]
  }

  async function principals(): Promise<ReadonlyMap<string, Principal>> {
    const found = new Map<string, Principal>()
    for (const id of await people()) {
      const scopes = deps.scopesOf === undefined ? operatorPrincipal(id).scopes : await deps.scopesOf(id)
      if (scopes !== undefined) found.set(id, { ...operatorPrincipal(id), scopes })
    }
    return found
  }

  const alert = (name: string, details: JsonObject): void => {
    evidence.enqueue([record('alert', random.uuid(), clock.now(), { name, severity: 'high', ...details }, 'warn')])
  }

  function proves(operator: Operator, decision: string, proof: string): boolean {
    const key = openVerifier(operator, keys.pepper)
    if (key === undefined) return false
    const expected = Buffer.from(provePin(key, decision))
    const given = Buffer.from(proof)
    return expected.length === given.length && timingSafeEqual(expected, given)
  }

  const challengeFor: Presence['challengeFor'] = async (subject, request, clientNonce) => {
    if (!CLIENT_NONCE.test(clientNonce))
      return refuse('SP_AUTHN_PRESENCE', 'A challenge needs a nonce of 32 bytes in hex.')
    const [enrolled, held] = await Promise.all([operators(), passkeys.all()])
    if (enrolled.length + held.length === 0) return refuse('SP_AUTHN_UNCLAIMED')
    const proving = {
      operators: enrolled.map(({ id, salt, cost }) => ({ id, salt, cost })),
      passkeys: held.map(({ id, operator }) => ({ id, operator })),
      rpId: passkeys.site.rpId,
    }
    const nonce = freshNonce(subject)
    return pass(signChallenge({ ...subject, nonce, ...proving, request }, clientNonce, keys.identity))
  }

  const verifyFor: Presence['verifyFor'] = async (subject, decision, proof, source, peer) => {
    const now = clock.now()
    if (now >= subject.notAfter) return refuse('SP_AUTHN_PRESENCE', 'The challenge has expired.')
    if (!OPERATOR_ID.test(proof.operator) || !isOurs(proof.nonce, subject))
      return refuse('SP_AUTHN_PRESENCE', 'The proof is for another decision.')
    if (!(await store.spend(`presence:${proof.nonce}`, subject.notAfter + CHALLENGE_MS))) {
      return refuse('SP_AUTHN_PRESENCE', 'The proof has been used.')
    }
    if ('assertion' in proof) {
      const accepted = await passkeys.accept(proof.operator, decision, proof.assertion, peer)
      return accepted.ok ? pass({ operator: proof.operator, class: accepted.value.class }) : accepted
    }
    const { proof: mac } = proof
    const attempt = await attempts.attempt(proof.operator, source, async () => {
      const operator = (await operators()).find(({ id }) => id === proof.operator)
      return operator !== undefined && proves(operator, decision, mac)
    })
    if (!attempt.ok) {
      alert('presence.locked', { operator: proof.operator, source })
      return attempt
    }
    if (!attempt.value) {
      alert('presence.failed', { operator: proof.operator, source, decisionKind: subject.kind })
      return refuse('SP_AUTHN_PRESENCE', 'The PIN is wrong.')
    }
    return pass({ operator: proof.operator, class: 'pin' })
  }

  /** Two claims at once, on one node or two: one gets the marker; a claim that died half-way frees it after a while. */
  async function takeClaim(now: number): Promise<boolean> {
    const marker = await store.get('meta', 'presence.claim')
    const since = marker?.body['at']
    if (typeof since === 'number' && now - since < CHALLENGE_MS) return false
    return store.put(
      { kind: 'meta', id: 'presence.claim', state: '', expiresAt: 0, body: { at: now } },
      marker?.version ?? 0,
    )
  }

  const subjectOf = (kind: string, payload: Json, notAfter: number): Subject => ({
    kind,
    subject: '',
    call: operatorDigest(kind, payload),
    view: viewDigest(decisionView(kind, payload)),
    notAfter,
  })

  const claimSubject = (salt: string, notAfter: number): Subject => subjectOf('claim', { salt }, notAfter)

  let minute = 0
  let alerts = 0
  function refused(command: string, reason: string, source: string): void {
    const now = Math.floor(clock.now() / 60_000)
    if (now !== minute) alerts = 0
    minute = now
    alerts += 1
    if (alerts > REFUSALS_PER_MINUTE) return
    const more = alerts === REFUSALS_PER_MINUTE ? { more: true } : {}
    alert('presence.refused', { command: command.slice(0, 64), reason: reason.slice(0, 300), source, ...more })
  }

  return {
    operators,
    people,
    principals,
    passkeys,
    refused,
    proves,
    challengeFor,
    verifyFor,
    claimed: () => known,
    async status() {
      const [enrolled, held] = await Promise.all([operators(), passkeys.all()])
      const count = (id: string): number => held.filter(({ operator }) => operator === id).length
      const list = await Promise.all(
        enrolled.map(async ({ id, enrolledAt }) => {
          const { off, pausedUntil } = await attempts.look(id)
          const state = off ? ('off' as const) : pausedUntil > clock.now() ? ('paused' as const) : ('ready' as const)
          return { id, enrolledAt, state, passkeys: count(id) }
        }),
      )
      const only = held.filter(({ operator }, index) => {
        const first = held.findIndex((each) => each.operator === operator) === index
        return first && enrolled.every(({ id }) => id !== operator)
      })
      const others = only.map(({ operator: id, createdAt: enrolledAt }) => {
        return { id, enrolledAt, state: 'none' as const, passkeys: count(id) }
      })
      return { claimed: list.length + others.length > 0, operators: [...list, ...others] }
    },
    async resetPin(operator, by) {
      if ((await operators()).every(({ id }) => id !== operator))
        return refuse('SP_API_INVALID', 'operator: has no PIN.')
      await evidence.append([
        record('identity', random.uuid(), clock.now(), { event: 'pin.reset', operator, by }, 'warn'),
      ])
      await attempts.open(operator)
      alert('presence.pin-reset', { operator, by })
      return pass(null)
    },
    async claimChallenge(clientNonce) {
      if (!CLIENT_NONCE.test(clientNonce))
        return refuse('SP_AUTHN_PRESENCE', 'A challenge needs a nonce of 32 bytes in hex.')
      const allowed = (await mayClaim?.()) ?? pass(null)
      if (!allowed.ok) return allowed
      if ((await people()).length > 0) return refuse('SP_AUTHN_PRESENCE', 'This gateway has an operator.')
      const salt = Buffer.from(random.bytes(16)).toString('hex')
      const subject = claimSubject(salt, clock.now() + CHALLENGE_MS)
      const own = [{ id: 'operator:', salt, cost: PIN_COST }]
      return pass(
        signChallenge(
          { ...subject, nonce: freshNonce(subject), operators: own, passkeys: [], rpId: '', request: null },
          clientNonce,
          keys.identity,
        ),
      )
    },
    async claim({ name, salt, verifier, nonce, notAfter }, source) {
      const subject = claimSubject(salt, notAfter)
      const now = clock.now()
      if (now >= notAfter || !isOurs(nonce, subject)) return refuse('SP_AUTHN_PRESENCE', 'Ask for a new challenge.')
      const allowed = (await mayClaim?.()) ?? pass(null)
      if (!allowed.ok) return allowed
      if (!OPERATOR_NAME.test(name))
        return refuse('SP_API_INVALID', 'name: 1 to 32 characters of a-z, 0-9, ".", "_", "-".')
      if (!/^[0-9a-f]{64}$/.test(verifier)) return refuse('SP_API_INVALID', 'verifier: 32 bytes in hex.')
      if (!(await store.spend(`presence:${nonce}`, notAfter + CHALLENGE_MS))) {
        return refuse('SP_AUTHN_PRESENCE', 'The challenge has been used.')
      }
      if ((await people()).length > 0 || !(await takeClaim(now))) {
        alert('presence.claim-refused', { source })
        return refuse('SP_AUTHN_PRESENCE', 'This gateway has an operator.')
      }
      const id = `operator:${name}`
      await evidence.append([
        record('identity', random.uuid(), now, { event: 'operator.enrolled', operator: id, source }, 'warn'),
      ])
      const sealed = sealVerifier(Buffer.from(verifier, 'hex'), id, keys.pepper, random)
      const operator: Operator = { id, salt, cost: PIN_COST, sealed, enrolledAt: now }
      await attempts.open(id)
      const first = await store.put(
        { kind: 'operator', id, state: 'active', expiresAt: 0, body: operatorBody(operator) },
        0,
      )
      return first ? pass({ operator: id }) : refuse('SP_AUTHN_PRESENCE', 'This gateway has an operator.')
    },
    challenge: (kind, payload, clientNonce) =>
      challengeFor(subjectOf(kind, payload, clock.now() + CHALLENGE_MS), null, clientNonce),
    async verify(kind, payload, shown, source = 'operator-socket', peer) {
      const proof = readPresenceProof(shown)
      if (proof === undefined) return refuse('SP_AUTHN_PRESENCE')
      const strong = 'assertion' in proof || needsPasskey(kind) === 'no'
      const anyPasskey = (await passkeys.all()).length > 0
      if (!strong && (anyPasskey || needsPasskey(kind) === 'always'))
        return refuse('SP_AUTHN_PRESENCE', 'A PIN is not enough for this: use your passkey in the console.')
      const subject = subjectOf(kind, payload, proof.notAfter)
      const decision = operatorDecisionDigest({ ...subject, nonce: proof.nonce })
      const verdict = await verifyFor(subject, decision, proof, source, peer)
      const outcome = { event: 'operator.decided', decisionKind: kind, operator: proof.operator, accepted: verdict.ok }
      const { call, view, notAfter } = subject
      const shownBy =
        'assertion' in proof ? { view, notAfter, nonce: proof.nonce, assertion: { ...proof.assertion } } : {}
      await evidence.append([record('identity', random.uuid(), clock.now(), { ...outcome, call, ...shownBy }, 'info')])
      return verdict
    },
  }
}

const CLIENT_NONCE = /^[0-9a-f]{64}$/

function record(
  kind: 'alert' | 'identity',
  auditId: string,
  at: number,
  details: JsonObject,
  level: 'info' | 'warn',
): LogRecord {
  return { kind, auditId, timestamp: new Date(at).toISOString(), level, ...details }
}
