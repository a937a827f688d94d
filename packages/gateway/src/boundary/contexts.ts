import type { CallBinding, JsonObject, RegisteredTool } from '@sallyport/core'
import type { Caller, Enforcement, ReleaseEvidence } from './ports.ts'
import type { DecideWritten } from './ports-landing.ts'

/**
 * The two sides of the boundary as types that cannot be confused (AC-1.1.3, E-17). Private fields make them nominal for
 * the compiler; the static brand checks defeat an `any` cast at run time.
 */

/** What the reasoning side says of itself: hints for people and records, never an input to authority. */
export class ReasoningContext {
  readonly #brand = true
  readonly conversation: string
  readonly purpose: string

  constructor(said: { readonly conversation: string; readonly purpose: string }) {
    this.conversation = said.conversation.slice(0, 200)
    this.purpose = said.purpose.slice(0, 500)
    Object.freeze(this)
  }

  static is(value: unknown): value is ReasoningContext {
    return typeof value === 'object' && value !== null && #brand in value
  }
}

export interface ControlState {
  readonly tool: RegisteredTool
  /** Exact JSON text of the arguments that will run. */
  readonly argsText: string
  readonly meta: JsonObject
  readonly binding: CallBinding
  readonly evidence: ReleaseEvidence
  /** One-use capability token for exactly this call. */
  readonly token: string
  readonly sessionId: string
  readonly enforcement: Enforcement
  readonly caller: Caller
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: JsonObject) => void) | undefined
  readonly decideWritten: DecideWritten
}

/** A released call: the only thing an executor accepts. Made by `crossing.ts` alone (an AST test holds this). */
export class ControlContext {
  readonly #state: ControlState

  constructor(state: ControlState) {
    this.#state = Object.freeze({ ...state })
    Object.freeze(this)
  }

  /** @throws TypeError when the value was not made by the boundary. */
  static open(value: ControlContext): ControlState {
    if (typeof value !== 'object' || value === null || !(#state in value)) {
      throw new TypeError('Only the boundary releases calls.')
    }
    return value.#state
  }
}
