import { SallyportError, sha256, type JsonObject } from '@sallyport/core'
import type { Boundary, Caller, Clock, CrossingResult, Enforcement, Random } from '../../boundary/ports.ts'
import type { ApiIdentity } from './ports.ts'

/** A call that an agent made over the API and may ask about until it is forgotten. */
export interface ApiCall {
  readonly id: string
  readonly state: 'running' | 'pending' | 'done'
  readonly result?: CrossingResult
  /** While a human is asked. */
  readonly approval?: { readonly id: string; readonly expiresAt: number }
}

export interface NewCall {
  readonly server: string
  readonly tool: string
  readonly argsText: string
  readonly meta: JsonObject
  readonly enforcement: Enforcement
  readonly idempotencyKey?: string
}

export interface CallsDeps {
  readonly boundary: Pick<Boundary, 'cross'>
  readonly identity: Pick<ApiIdentity, 'whileAlive'>
  readonly clock: Clock
  readonly random: Random
}

interface Entry {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly digest: string
  readonly caller: Caller
  readonly call: NewCall
  readonly abort: AbortController
  state: ApiCall['state']
  result?: CrossingResult
  approval?: { readonly id: string; readonly expiresAt: number }
  settled: Promise<void>
  bytes: number
}

/** Calls an agent may have open, and what all finished ones may take, in bytes. */
const PER_AGENT = 256
const FINISHED = 5000
const FINISHED_BYTES = 64 * 1024 * 1024
/** A crossing waits for a human for as long as the approval lives, not for as long as a client polls. */
const APPROVAL_WAIT = 3_600_000

/**
 * Calls over the API (202, poll, idempotency key). One crossing per call runs here while clients come and go; the boundary
 * remembers keys beyond a restart, so that a repeated call joins and never runs twice.
 */
export class Calls {
  readonly #deps: CallsDeps
  readonly #byId = new Map<string, Entry>()
  readonly #byName = new Map<string, Entry>()
  readonly #open = new Map<string, number>()
  #finishedBytes = 0

  constructor(deps: CallsDeps) {
    this.#deps = deps
  }

  /** Starts a call or joins the one that has this key. @throws SallyportError SP_API_CONFLICT, SP_AUTHZ_RATE */
  start(caller: Caller, call: NewCall): ApiCall {
    const id = this.#deps.random.uuid()
    const owner = caller.principal.id
    const name = `${owner}\n${call.enforcement}\n${call.idempotencyKey ?? id}`
    const digest = sha256(`${call.server}\n${call.tool}\n${call.argsText}`)
    const known = this.#byName.get(name)
    if (known !== undefined) {
      if (known.digest !== digest) throw new SallyportError('SP_API_CONFLICT')
      if (known.state === 'pending' && known.result !== undefined) this.#drive(known)
      return view(known)
    }
    if ((this.#open.get(owner) ?? 0) >= PER_AGENT) throw new SallyportError('SP_AUTHZ_RATE', 'Too many calls are open.')
    const entry: Entry = {
      id,
      name,
      owner,
      digest,
      caller,
      call: { ...call, idempotencyKey: call.idempotencyKey ?? id },
      abort: new AbortController(),
      state: 'running',
      settled: Promise.resolve(),
      bytes: 0,
    }
    this.#byId.set(id, entry)
    this.#byName.set(name, entry)
    this.#drive(entry)
    return view(entry)
  }

  /** A call of this agent; another agent's call does not exist. @throws SallyportError SP_API_UNKNOWN_CALL */
  find(caller: Caller, id: string): ApiCall {
    return view(this.#entry(caller, id))
  }

  /** Waits until the call is decided and done, for at most `ms`. A call that only waited for a human is taken up again. */
  async wait(caller: Caller, id: string, ms: number, signal: AbortSignal): Promise<ApiCall> {
    const entry = this.#entry(caller, id)
    if (entry.state === 'pending' && entry.result !== undefined) this.#drive(entry)
    if (entry.state === 'done' || ms <= 0) return view(entry)
    let wake = (): void => undefined
    const waited = new Promise<void>((resolve) => (wake = resolve))
    const timer = setTimeout(wake, ms)
    signal.addEventListener('abort', wake, { once: true })
    await Promise.race([entry.settled, waited])
    clearTimeout(timer)
    signal.removeEventListener('abort', wake)
    return view(entry)
  }

  /** The client is gone before it had an answer and left no key to come back with. */
  abandon(caller: Caller, id: string): void {
    const entry = this.#byId.get(id)
    if (entry?.owner === caller.principal.id && entry.state !== 'done') entry.abort.abort()
  }

  /** Aborts what is running, for a stop. */
  close(): void {
    for (const entry of this.#byId.values()) if (entry.state !== 'done') entry.abort.abort()
  }

  #entry(caller: Caller, id: string): Entry {
    const entry = this.#byId.get(id)
    if (entry?.owner !== caller.principal.id) throw new SallyportError('SP_API_UNKNOWN_CALL')
    return entry
  }

  #drive(entry: Entry): void {
    const { boundary, identity } = this.#deps
    const { owner, caller, call } = entry
    entry.state = 'running'
    delete entry.result
    this.#open.set(owner, (this.#open.get(owner) ?? 0) + 1)
    const unwatch = identity.whileAlive(caller.principal, () => entry.abort.abort())
    const crossing = boundary.cross(caller, {
      requestId: entry.id,
      ...call,
      signal: entry.abort.signal,
      approvalWaitMs: APPROVAL_WAIT,
      onWaiting: (approvalId, expiresAt) => {
        entry.approval = { id: approvalId, expiresAt }
        entry.state = 'pending'
      },
    })
    entry.settled = crossing
      .then((result) => this.#settle(entry, result))
      .catch(() => this.#settle(entry, { outcome: 'denied', auditId: '', code: 'SP_INTERNAL', reason: '' }))
      .finally(() => {
        unwatch()
        const open = (this.#open.get(owner) ?? 1) - 1
        if (open > 0) this.#open.set(owner, open)
        else this.#open.delete(owner)
      })
  }

  #settle(entry: Entry, result: CrossingResult): void {
    entry.result = result
    entry.state = result.outcome === 'pending' ? 'pending' : 'done'
    if (result.outcome === 'pending') {
      entry.approval = { id: result.approvalId, expiresAt: result.expiresAt }
      return
    }
    // As the boundary does: a denied call may be made again under its key, and is then decided anew.
    if (result.outcome === 'denied') this.#byName.delete(entry.name)
    entry.bytes = entry.call.argsText.length + (result.outcome === 'executed' ? result.resultText.length : 0)
    this.#finishedBytes += entry.bytes
    this.#forget()
  }

  /** The oldest finished calls go first; their keys stay known to the boundary. */
  #forget(): void {
    for (const entry of this.#byId.values()) {
      if (this.#byId.size <= FINISHED && this.#finishedBytes <= FINISHED_BYTES) return
      if (entry.state !== 'done') continue
      this.#byId.delete(entry.id)
      if (this.#byName.get(entry.name) === entry) this.#byName.delete(entry.name)
      this.#finishedBytes -= entry.bytes
    }
  }
}

function view({ id, state, result, approval }: Entry): ApiCall {
  return {
    id,
    state,
    ...(result === undefined ? {} : { result }),
    ...(approval === undefined ? {} : { approval }),
  }
}
