import type { JsonObject, RegisteredTool } from '@sallyport/core'

/** One call of a replay: what the agent sends and, when it runs, what comes back. */
export interface ReplayStep {
  readonly tool: string
  readonly args: JsonObject
  /** Text that the model sees. */
  readonly output: string
}

/**
 * What a replay plays. `steps` are the calls that the user's task needs; `attack` what a fully hijacked agent sends after them.
 * `harmful` says which of the attack's calls decide its success: a label for scoring that the gateway never sees.
 */
export interface Scenario {
  readonly id: string
  readonly kind: 'clean' | 'poisoned' | 'recorded_benign' | 'pair' | 'adaptive' | 'recorded_attack' | 'incident'
  readonly suite: string
  readonly task: string
  readonly attackId: string
  readonly prompt: string
  readonly steps: readonly ReplayStep[]
  readonly attack: readonly ReplayStep[]
  readonly harmful: readonly boolean[]
  /** The attack does harm only when every harmful call runs: the pieces of one value. */
  readonly together?: boolean
  /** Tools of the user's task; only an oracle knows them. */
  readonly oraclePlan: readonly string[]
  /** Tools as their server describes them from the end of `steps` on: a rug pull, or the same again in another order. */
  readonly redefined?: readonly RegisteredTool[]
  /** Values without which the attack does no harm: the agent has to have seen each. Counted by the ablation only. */
  readonly needs?: readonly string[]
}

/** Everything that a replay needs of one suite: tools as a deployer would annotate them, the operator's book, the scenarios. */
export interface ReplaySuite {
  readonly name: string
  readonly tools: readonly RegisteredTool[]
  readonly known: readonly string[]
  readonly scenarios: readonly Scenario[]
  /** Of this suite's agent, where it differs from that of the run. */
  readonly trustLevel?: 0 | 1 | 2
}
