import type { RegisteredTool } from '@sallyport/core'
import type { Bill } from './ports-budget.ts'
import type { Caller } from './ports.ts'
import type { CallFacts } from './records.ts'

/** A call that was allowed and handed to the host, which runs it (`enforcement: host`). */
export interface Delegation {
  readonly facts: CallFacts
  readonly tool: RegisteredTool
  /** Closed; a report can only make it more. */
  readonly bill?: Bill | undefined
  readonly started: number
}

/** Open delegations, by audit id and only for the instance that made the call (T-045). Bounded; the oldest goes first. */
export class Delegations {
  readonly #open = new Map<string, Delegation>()
  readonly #limit: number

  constructor(limit = 10_000) {
    this.#limit = limit
  }

  add(delegation: Delegation): void {
    this.#open.set(delegation.facts.auditId, delegation)
    if (this.#open.size <= this.#limit) return
    const oldest = this.#open.keys().next().value
    if (oldest !== undefined) this.#open.delete(oldest)
  }

  /** Takes the delegation out when `caller` is of the instance that opened it. */
  take(auditId: string, caller: Caller): Delegation | undefined {
    const found = this.#open.get(auditId)
    if (found?.facts.caller.principal.instance !== caller.principal.instance) return undefined
    this.#open.delete(auditId)
    return found
  }
}
