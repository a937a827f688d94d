import type { Caller, IncomingCall, Refusal } from './ports.ts'

/** What was set aside for one call, until it is known what became of it. */
export interface Bill {
  /** From here on something may happen: what was set aside is spent, whatever is heard of it. */
  began(): void
  /** Nothing has happened after all. */
  undone(): void
  /** The result, in which the tool may say what it cost. After the bill is closed it can only get more: then a host says it. */
  answered(resultText: string): void
  /** Settles. Waits where more was spent than was set aside; what cannot be written now is written later. Never rejects. */
  close(): Promise<void>
}

/** A budget has no room; `budget` is its name, `retryAfterSeconds` when it has some again, where that is known. */
export type Reserved<T> =
  | { readonly ok: true; readonly value: T }
  | (Refusal & { readonly retryAfterSeconds?: number; readonly budget?: string })

/** Step 2: what may be spent (HB-135). */
export interface BudgetPort {
  /** Sets aside what the call costs, on all nodes at once; undefined, and nothing done, where it costs nothing. Never rejects. */
  reserve(caller: Caller, call: IncomingCall, auditId: string): Promise<Reserved<Bill>> | undefined
}

/** A request to a model's API that is about to go out. */
export interface ModelRequest {
  readonly holder: string
  readonly instance: string
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  /** Decoded; absent: there is none. */
  readonly body?: Uint8Array
}

/** What was set aside for a request to a model. */
export interface ModelBill {
  /** It goes out now. */
  began(): void
  /** The head of the answer. @returns sees the chunks of its body as they go by; undefined: they say nothing */
  answered(head: {
    readonly status: number
    readonly type: string
    readonly encoding: string
  }): ((chunk: Uint8Array) => void) | undefined
  /** The answer is through, or broke off. Never rejects. */
  close(): Promise<void>
}

/** The same for what leaves by the ways out. */
export interface ModelBudgetPort {
  /** Hosts of models whose use is counted for this holder. */
  covers(holder: string, host: string, port: number): boolean
  /** Names of them: `host` or `*.domain`. */
  hostsOf(holder: string): readonly string[]
  /** Undefined: this request costs nothing. */
  reserve(request: ModelRequest): Promise<Reserved<ModelBill>> | undefined
}
