import {
  approvalView,
  callDigest,
  decisionDigest,
  grantTerms,
  isOpen,
  MAX_GRANT_MS,
  viewDigest,
  whyClassIsTooWeak,
  whyMayNotApprove,
  type Approval,
  type ApprovalRequest,
  type ApprovalStory,
  type ApprovalVote,
  type EvidenceClass,
  type Grant,
  type GrantScope,
  type JsonObject,
  type Principal,
  type ProofChecker,
} from '@sallyport/core'
import {
  pass,
  refuse,
  type ApprovalResult,
  type NewApproval,
  type Refusal,
  type Verdict,
} from '../../boundary/ports.ts'
import { createSteadyClock } from '../../clock.ts'
import type { Change } from '../../store/ports.ts'
import { operatorPrincipal } from '../presence/operator.ts'
import type { Subject } from '../presence/presence.ts'
import { clientApprover, clientKey, macOver, proofChecker, webhookClaim } from './asserted.ts'
import { approvalOf, approvalRow, grantOf, grantRow, indexId } from './documents.ts'
import { HeldPresence, heldKey } from './held.ts'
import { listApprovals, type ListQuery } from './listing.ts'
import { OpenRequests } from './open-requests.ts'
import { requestedRecord, resolvedRecord } from './records.ts'
import { createRedeem } from './redeem.ts'
import { follow } from './follow.ts'
import { DEFAULT_APPROVAL_LIMITS, type ApprovalsDeps, type ApprovalService, type Decided } from './service.ts'
import { sharedRead } from './shared-read.ts'
import { scopesFor, standings } from './standing.ts'
import { createTransitions } from './transitions.ts'

export type { ApprovalsDeps, ApprovalService, ApproveInput } from './service.ts'

const CAS_TRIES = 20
const GRANT_CLOCK_SLACK_MS = 60_000
/** How long a request that another node is just opening is waited for. */
const OPENING_MS = 2_000

/** The approval workflow over a store: requests, decisions, grants, redemption (policy.md §7). Call `close` to stop its timer. */
export function createApprovals(deps: ApprovalsDeps): ApprovalService {
  const { store, evidence, random, presence, keys, channels = [] } = deps
  const limits = { ...DEFAULT_APPROVAL_LIMITS, ...deps.limits }
  const clock = createSteadyClock(deps.clock)
  const open = new OpenRequests()
  const held = new HeldPresence(clock)
  const grantsHere = new Map<string, Grant>()
  const watchers = new Set<(approval: Approval) => void>()
  const flooding = new Set<string>()
  const opening = new Map<string, number>()
  let openTurn: Promise<unknown> = Promise.resolve()

  const alert = (name: string, severity: string, details: JsonObject): void => {
    const timestamp = new Date(clock.now()).toISOString()
    evidence.enqueue([{ kind: 'alert', auditId: random.uuid(), timestamp, level: 'warn', name, severity, ...details }])
  }

  const { transition, current } = createTransitions({
    store,
    evidence,
    clock,
    alert,
    changed(approval) {
      changed(approval)
      deps.notify?.(approval)
    },
  })

  const checker = async (): Promise<ProofChecker> => {
    const [operators, passkeys, principals] = await Promise.all([
      presence.operators(),
      presence.passkeys.all(),
      presence.principals(),
    ])
    return proofChecker({ presence, operators, passkeys, principals, mac: keys.mac, channels })
  }
  const { redeem, whyGrantFails } = createRedeem({
    store,
    clock,
    checker,
    consume: async (id) => {
      const done = await transition(id, (at) => ({ kind: 'consume', at }))
      return done.ok ? pass(null) : done
    },
    forged: ({ id, reason }) => alert('approval.forged', 'critical', { approvalId: id, reason }),
  })

  const ready = load()
  ready.catch(() => undefined)
  const unwatch = store.watch((change) => void refresh(change).catch(() => undefined))
  const standing = sharedRead((_of: null) => standings(presence))
  const listing = sharedRead(async (query: ListQuery) => {
    await ready
    await sweep()
    return listApprovals(store, query)
  })
  const timer = setInterval(() => void sweep().catch(() => undefined), 1000)
  timer.unref()

  async function load(): Promise<void> {
    const [last] = await store.checkpoints(store.stream, 1)
    if (last !== undefined) clock.raise(last.ts)
    for (const state of ['pending', 'partially_approved', 'approved']) {
      for (const document of await store.list('approval', { state, limit: 10_000 })) {
        const stored = approvalOf(document)
        if (stored === undefined) continue
        open.note(stored.approval)
        if (state === 'approved' && (await wasReleased(stored.approval))) {
          await transition(document.id, (at) => ({ kind: 'supersede', at }), 'supersede', 'It was released before.')
        }
      }
    }
    for (const document of await store.list('grant', { state: 'active', limit: 10_000 })) {
      const grant = grantOf(document)
      if (grant !== undefined) grantsHere.set(grant.id, grant)
    }
  }

  /** The log remembers a release even where somebody put back an older row and took the spent id away (T-009, T-163). */
  async function wasReleased({ request }: Approval): Promise<boolean> {
    const { createdAt: from, binding } = request
    const releases = await store.readLog({ kind: 'release', agent: binding.principal, from, limit: 100_000 })
    return releases.some(({ body }) => body.includes(`"approvalId":${JSON.stringify(request.id)}`))
  }

  async function refresh({ kind, id }: Change): Promise<void> {
    if (kind === 'grant') {
      const grant = grantOf(await store.get('grant', id))
      if (grant === undefined) grantsHere.delete(id)
      else grantsHere.set(id, grant)
    }
    if (kind !== 'approval') return
    const stored = approvalOf(await store.get('approval', id))
    if (stored === undefined) open.forget(id)
    else changed(stored.approval)
  }

  function changed(approval: Approval): void {
    open.note(approval)
    if (open.pending(approval.request.binding.instance) < limits.maxPending) {
      flooding.delete(approval.request.binding.instance)
    }
    for (const watcher of watchers) watcher(approval)
  }

  async function sweep(): Promise<void> {
    await ready
    for (const id of open.due(clock.now())) {
      const expired = await transition(id, (at) => ({ kind: 'expire', at }), 'expire')
      if (!expired.ok) open.forget(id)
    }
    for (const [id, grant] of grantsHere) if (clock.now() >= grant.until) grantsHere.delete(id)
  }

  /** Joins the open request for the same call, or opens one. */
  async function joinOrOpen(wanted: NewApproval): Promise<Verdict<Approval>> {
    const { instance } = wanted.binding
    const waiting = opening.get(instance) ?? 0
    if (!open.hasCall(wanted.callDigest) && open.pending(instance) + waiting >= limits.maxPending)
      return flood(instance)
    opening.set(instance, waiting + 1)
    const mine = openTurn.then(() => openNow(wanted))
    openTurn = mine.catch(() => undefined)
    try {
      return await mine
    } finally {
      const left = (opening.get(instance) ?? 1) - 1
      if (left > 0) opening.set(instance, left)
      else opening.delete(instance)
    }
  }

  function flood(instance: string): Refusal {
    if (!flooding.has(instance)) {
      flooding.add(instance)
      alert('approval.flood', 'high', { instance, limit: limits.maxPending })
    }
    return refuse('SP_APPROVAL_FLOOD')
  }

  async function openNow(wanted: NewApproval): Promise<Verdict<Approval>> {
    const key = indexId(wanted.callDigest)
    const { instance } = wanted.binding
    for (let tries = 0; tries < CAS_TRIES; tries++) {
      const index = await store.get('meta', key)
      const known = typeof index?.body['approvalId'] === 'string' ? await current(index.body['approvalId']) : undefined
      if (known !== undefined && joins(known.approval)) return pass(known.approval)
      if (
        index !== undefined &&
        known === undefined &&
        Math.abs(clock.now() - index.updatedAt) < OPENING_MS &&
        tries < 5
      ) {
        await new Promise((resolve) => setTimeout(resolve, 40))
        continue
      }
      if ((await pendingOf(instance)) >= limits.maxPending) return flood(instance)
      const request = newRequest({ ...wanted, story: await surroundings(wanted) })
      const body = { approvalId: request.id }
      const pointer = { kind: 'meta', id: key, state: '', expiresAt: request.expiresAt, body } as const
      if (!(await store.put(pointer, index?.version ?? 0))) continue
      await evidence.append([requestedRecord(request, deps.redact?.(request.args) ?? null)])
      const approval: Approval = { request, state: 'pending', votes: [] }
      if (!(await store.put(approvalRow(approval), 0))) return refuse('SP_APPROVAL_STATE', 'The id is taken.')
      changed(approval)
      deps.notify?.(approval)
      return pass(approval)
    }
    return refuse('SP_APPROVAL_STATE', 'Too many requests for this call at once.')
  }

  /** Nobody decides on it, so that a call may be held without it too. */
  const surroundings = async (wanted: NewApproval): Promise<ApprovalStory> =>
    (await deps.background?.(wanted, grantsHere.values()).catch(() => undefined)) ?? wanted.story ?? {}

  /** A denial answers the same call until it would have expired: asking again is not a way to another answer. */
  const joins = ({ state, request }: Approval): boolean =>
    isOpen(state) || (state === 'denied' && clock.now() < request.expiresAt)

  /** With PostgreSQL the other nodes' requests count too, also those this node has not heard of yet. */
  async function pendingOf(instance: string): Promise<number> {
    if (store.driver === 'sqlite') return open.pending(instance)
    const lists = await Promise.all(
      ['pending', 'partially_approved'].map((state) => store.list('approval', { state, limit: 10_000 })),
    )
    return lists.flat().filter((document) => approvalOf(document)?.approval.request.binding.instance === instance)
      .length
  }

  function newRequest({ sinks: _sinks, ...wanted }: NewApproval): ApprovalRequest {
    const createdAt = clock.now()
    const { ttlSeconds } = wanted.demand
    const ttl = ttlSeconds > 0 ? ttlSeconds * 1000 : limits.ttlMs
    return { ...wanted, id: random.uuid(), createdAt, expiresAt: createdAt + Math.min(ttl, MAX_GRANT_MS) }
  }

  function resultOf({ request, state, votes }: Approval): ApprovalResult {
    const { id: approvalId, expiresAt } = request
    if (state === 'approved') {
      const voters = votes.map((vote) => vote.approver)
      return { state, evidence: { kind: 'approval', approvalId, callDigest: request.callDigest }, voters }
    }
    if (isOpen(state)) return { state: 'pending', approvalId, expiresAt }
    const code = REFUSED[state as keyof typeof REFUSED]
    const reason = [...votes].reverse().find((vote) => vote.verdict === 'deny') === undefined ? '' : 'A person said no.'
    return { state: 'refused', code, reason, approvalId }
  }

  const subjectOf = (request: ApprovalRequest): Subject => ({
    kind: 'approval',
    subject: request.id,
    call: callDigest(request.binding),
    view: viewDigest(approvalView({ request })),
    notAfter: request.expiresAt,
  })

  /** Everything that must hold before a proof is even looked at. */
  function whyNoVote(
    approval: Approval,
    approver: Principal,
    channel: EvidenceClass,
    scope: GrantScope,
  ): Refusal | undefined {
    const { request, state } = approval
    if (!isOpen(state)) return refuse(REFUSED[state as keyof typeof REFUSED], `It is ${state}.`)
    const why = whyMayNotApprove(approver, request) ?? whyClassIsTooWeak(channel, request)
    if (why !== undefined) return refuse(why.code, why.reason)
    if (scope.kind !== 'once' && !request.demand.remember) {
      return refuse('SP_API_INVALID', 'scope: policy wants a decision each time, so only "once" is possible.')
    }
    const now = clock.now()
    if (scope.kind === 'tool' && (scope.until <= now || scope.until > now + MAX_GRANT_MS + GRANT_CLOCK_SLACK_MS)) {
      return refuse('SP_API_INVALID', 'scope.until: within the next 24 hours.')
    }
    return undefined
  }

  async function cast(id: string, vote: ApprovalVote, reason: string): Promise<Verdict<Decided>> {
    const said = reason === '' ? vote : { ...vote, reason: reason.slice(0, 500) }
    const done = await transition(id, (at) => ({ kind: 'vote', vote: { ...said, at } }), vote.verdict, reason)
    if (!done.ok) return done
    if (done.value.state === 'approved') await remember(done.value)
    return pass({ id, state: done.value.state })
  }

  async function remember({ request, votes }: Approval): Promise<void> {
    const terms = grantTerms({ request, votes })
    if (terms === undefined || grantsHere.size >= limits.maxGrants) return
    const grant: Grant = { id: random.uuid(), origin: { request, votes }, ...terms }
    if (await store.put(grantRow(grant, 'active'), 0)) grantsHere.set(grant.id, grant)
  }

  const denyVote = (approver: string, channel: EvidenceClass): ApprovalVote => ({
    approver,
    verdict: 'deny',
    class: channel,
    nonce: '',
    viewDigest: '',
    notAfter: 0,
    scope: { kind: 'once' },
    proof: '',
    at: 0,
  })

  /** A vote that the gateway itself vouches for. */
  function vouchedVote(
    request: ApprovalRequest,
    approver: string,
    channel: 'client' | 'held',
    key: Uint8Array,
    scope: GrantScope,
  ): ApprovalVote {
    const { call, view, notAfter } = subjectOf(request)
    const nonce = Buffer.from(random.bytes(32)).toString('hex')
    const decision = decisionDigest({ approvalId: request.id, call, view, scope, notAfter, nonce })
    const proof = macOver(key, webhookClaim(approver, decision))
    const base = { approver, verdict: 'approve', class: channel, proof, at: clock.now() } as const
    return { ...base, nonce, viewDigest: view, notAfter, scope }
  }

  const decided = (done: Verdict<Approval>): Verdict<Decided> =>
    done.ok ? pass({ id: done.value.request.id, state: done.value.state }) : done

  return {
    callDigest,
    redeem: async (evidenceShown, binding) => {
      await ready
      return redeem(evidenceShown, binding)
    },
    async findGrant(binding, demand) {
      await ready
      for (const grant of grantsHere.values()) {
        const { principal, tool } = grant.origin.request.binding
        if (principal !== binding.principal || tool !== binding.tool) continue
        if ((await whyGrantFails(grant, binding, demand)) !== undefined) continue
        return { kind: 'grant', grantId: grant.id, callDigest: callDigest(binding) }
      }
      return undefined
    },
    async request(wanted, waitMs, signal, onWaiting) {
      await ready
      if (callDigest(wanted.binding) !== wanted.callDigest) {
        return { state: 'refused', code: 'SP_APPROVAL_EVIDENCE', reason: 'The request does not fit its digest.' }
      }
      if ((await presence.people()).length === 0 && channels.length === 0) {
        return { state: 'refused', code: 'SP_AUTHN_UNCLAIMED', reason: '' }
      }
      const joined = await joinOrOpen(wanted)
      if (!joined.ok) return { state: 'refused', code: joined.code, reason: joined.reason }
      const { id, expiresAt } = joined.value.request
      let result = resultOf(joined.value)
      if (result.state !== 'pending') return result
      onWaiting?.(id, expiresAt)
      const started = performance.now()
      while (result.state === 'pending') {
        const left = waitMs - (performance.now() - started)
        if (left <= 0 || signal?.aborted === true) return result
        await open.changed(id, left, signal)
        const stored = await current(id)
        if (stored === undefined) return { state: 'refused', code: 'SP_APPROVAL_EVIDENCE', reason: '', approvalId: id }
        result = resultOf(stored.approval)
      }
      return result
    },
    async supersede(id, reason) {
      await ready
      await transition(id, (at) => ({ kind: 'supersede', at }), 'supersede', reason)
    },
    list: ({ state, limit = 100 } = {}) => listing({ limit, ...(state === undefined ? {} : { state }) }),
    maxPending: limits.maxPending,
    standings: () => standing(null),
    async show(id) {
      await ready
      const stored = await current(id)
      if (stored === undefined) return refuse('SP_APPROVAL_UNKNOWN')
      const { approval } = stored
      const { request } = approval
      const people = (await standings(presence)).all(approval)
      return pass({ approval, view: approvalView({ request }), people, scopes: scopesFor(request) })
    },
    async challenge(id, clientNonce) {
      await ready
      const stored = await current(id)
      if (stored === undefined) return refuse('SP_APPROVAL_UNKNOWN')
      const { request, state } = stored.approval
      if (!isOpen(state)) return refuse(REFUSED[state as keyof typeof REFUSED], `It is ${state}.`)
      const weak = whyClassIsTooWeak('pin', request)
      if (weak !== undefined && (await presence.passkeys.all()).length === 0)
        return refuse(weak.code, `${weak.reason} Enrol a passkey in the console.`)
      return presence.challengeFor(subjectOf(request), request as unknown as JsonObject, clientNonce)
    },
    async approve(id, input, source, { peer = '', connection = '' } = {}) {
      await ready
      const { view, scope, reason, operator } = input
      const stored = await current(id)
      if (stored === undefined) return refuse('SP_APPROVAL_UNKNOWN')
      const { request } = stored.approval
      const { instance } = request.binding
      const asks = 'assertion' in input ? 'device' : 'held' in input ? 'held' : 'pin'
      const known = (await presence.principals()).get(operator)
      // for who is not known the proof fails like a wrong one: nobody learns here who is enrolled
      const why = whyNoVote(stored.approval, known ?? operatorPrincipal(operator), asks, scope)
      if (why !== undefined) return why
      const subject = subjectOf(request)
      if (view !== subject.view) return refuse('SP_APPROVAL_EVIDENCE', 'What was shown is not this call.')
      if ('held' in input) {
        if (scope.kind !== 'once') return refuse('SP_API_INVALID', 'scope: without a proof of its own only "once".')
        if (known === undefined || !held.holds(operator, connection, instance))
          return refuse('SP_AUTHN_PRESENCE', 'Nobody proved presence here for this agent in the last five minutes.')
        return cast(id, vouchedVote(request, operator, 'held', heldKey(keys.mac), scope), reason)
      }
      if (input.notAfter !== subject.notAfter) return refuse('SP_AUTHN_PRESENCE', 'Ask for a new challenge.')
      const { nonce, notAfter } = input
      const shown = 'assertion' in input ? { assertion: input.assertion } : { proof: input.proof }
      const decision = decisionDigest({ approvalId: id, call: subject.call, view, scope, notAfter, nonce })
      const proved = await presence.verifyFor(subject, decision, { operator, nonce, notAfter, ...shown }, source, peer)
      if (!proved.ok) return proved
      if (known === undefined) return refuse('SP_AUTHZ_SCOPE', 'This person has no role here.')
      const vote: ApprovalVote = {
        ...{ approver: operator, verdict: 'approve', class: proved.value.class, proof: '', ...shown },
        ...{ nonce, viewDigest: view, notAfter, scope, at: clock.now() },
      }
      const weak = whyClassIsTooWeak(vote.class, request)
      if (weak !== undefined) return refuse(weak.code, weak.reason)
      const unfit = (await checker()).whyUnfit?.(vote, request)
      if (unfit !== undefined) return refuse('SP_AUTHN_PRESENCE', unfit)
      held.note(operator, connection, instance)
      return cast(id, vote, reason)
    },
    async holds(id, operator, connection) {
      await ready
      const stored = await current(id)
      if (stored === undefined || whyClassIsTooWeak('held', stored.approval.request) !== undefined) return false
      return held.holds(operator, connection, stored.approval.request.binding.instance)
    },
    async deny(id, by, reason) {
      await ready
      return cast(id, denyVote(by.id, 'pin'), reason)
    },
    async cancel(id, reason) {
      await ready
      return decided(await transition(id, (at) => ({ kind: 'cancel', at }), 'cancel', reason))
    },
    async cancelInstance(instance, reason) {
      await ready
      for (const id of open.of(instance)) await transition(id, (at) => ({ kind: 'cancel', at }), 'cancel', reason)
    },
    async clientAsserted(id, accepted, by) {
      await ready
      const stored = await current(id)
      if (stored === undefined || stored.approval.request.binding.instance !== by.instance)
        return refuse('SP_APPROVAL_UNKNOWN')
      const { request } = stored.approval
      const approver = clientApprover(by.instance)
      if (!accepted) return cast(id, denyVote(approver, 'client'), 'The client said no.')
      const scope = { kind: 'once' } as const
      const why = whyNoVote(stored.approval, operatorPrincipal(approver), 'client', scope)
      if (why !== undefined) return why
      const vote = vouchedVote(request, approver, 'client', clientKey(keys.mac), scope)
      return cast(id, vote, 'Answered through the agent’s client.')
    },
    async webhookDecided(id, { verdict, approver, nonce, view, notAfter, proof, reason }) {
      await ready
      const stored = await current(id)
      if (stored === undefined) return refuse('SP_APPROVAL_UNKNOWN')
      const speaking = channels.filter(({ approvers }) => approvers.includes(approver))
      if (speaking.length === 0) return refuse('SP_AUTHZ_SCOPE', 'The channel does not speak for this person.')
      if (verdict === 'deny') return cast(id, denyVote(approver, 'webhook'), reason)
      const scope = { kind: 'once' } as const
      const spokenFor = (await presence.principals()).get(approver) ?? operatorPrincipal(approver)
      const why = whyNoVote(stored.approval, spokenFor, 'webhook', scope)
      if (why !== undefined) return why
      const subject = subjectOf(stored.approval.request)
      if (view !== subject.view || notAfter !== subject.notAfter) {
        return refuse('SP_APPROVAL_EVIDENCE', 'What was shown is not this call.')
      }
      const decision = decisionDigest({ approvalId: id, call: subject.call, view, scope, notAfter, nonce })
      const claim = webhookClaim(approver, decision)
      if (!speaking.some(({ secret }) => macOver(secret, claim) === proof)) {
        return refuse('SP_APPROVAL_EVIDENCE', 'The proof does not verify.')
      }
      if (!/^[0-9a-f]{64}$/.test(nonce) || !(await store.spend(`webhook:${nonce}`, notAfter))) {
        return refuse('SP_APPROVAL_STATE', 'The proof has been used.')
      }
      const at = clock.now()
      const vote = { approver, verdict, class: 'webhook', nonce, viewDigest: view, notAfter, scope, proof, at } as const
      return cast(id, vote, reason)
    },
    webhookSubject(request) {
      const { call, view, notAfter } = subjectOf(request)
      return { call, view, notAfter }
    },
    async grants() {
      await ready
      const documents = await store.list('grant', { state: 'active', limit: 1000 })
      return documents.map(grantOf).filter((each) => each !== undefined && clock.now() < each.until) as readonly Grant[]
    },
    async revokeGrant(id, by) {
      await ready
      for (let tries = 0; tries < CAS_TRIES; tries++) {
        const document = await store.get('grant', id)
        const grant = grantOf(document)
        if (document === undefined || grant === undefined)
          return refuse('SP_APPROVAL_UNKNOWN', 'There is no such grant.')
        if (!(await store.put(grantRow(grant, 'revoked'), document.version))) continue
        grantsHere.delete(id)
        const approval: Approval = { ...grant.origin, state: 'cancelled' }
        const said = { reason: `Grant ${id} revoked by ${by.id}.` }
        await evidence.append([resolvedRecord(approval, 'cancel', clock.now(), said)])
        return pass(null)
      }
      return refuse('SP_APPROVAL_STATE', 'Too many changes at once.')
    },
    watch: (signal) => follow(watchers, signal),
    sweep,
    close() {
      clearInterval(timer)
      unwatch()
    },
  }
}

const REFUSED = {
  consumed: 'SP_APPROVAL_STATE',
  denied: 'SP_APPROVAL_DENIED',
  expired: 'SP_APPROVAL_EXPIRED',
  superseded: 'SP_APPROVAL_SUPERSEDED',
  cancelled: 'SP_APPROVAL_STATE',
} as const
