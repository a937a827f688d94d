import type {
  ApprovalDemand,
  ApprovalRequest,
  CallBinding,
  CallOutcome,
  Decision,
  ErrorCode,
  Json,
  JsonObject,
  Label,
  LogRecord,
  ArgumentFacts,
  PolicyRequest,
  Principal,
  Redacted,
  RegisteredTool,
  Severity,
  ArgRole,
  ArgumentScalar,
  Effect,
  FlowAssessment,
  Origin,
  UntrustedContent,
  WordsChannel,
  TokenClaims,
} from '@sallyport/core'
import type { ControlContext } from './contexts.ts'

/** Injected time. `now` is wall clock in ms since 1970, `monotonic` never goes back (T-165). */
export interface Clock {
  now(): number
  monotonic(): number
}

/** Injected randomness. */
export interface Random {
  bytes(length: number): Uint8Array
  /** UUID v7: sortable, unguessable. */
  uuid(): string
}

export type Ingress = 'mcp-stdio' | 'mcp-http' | 'hook' | 'api'
/** Who runs the effect: the gateway's executor, or the host after our answer (hooks). */
export type Enforcement = 'gateway' | 'host'

/** The connection a call came in on, as the gateway itself saw it. Session ids that agents choose are display hints. */
export interface Caller {
  readonly principal: Principal
  readonly ingress: Ingress
  readonly connection: string
  readonly sessionHint: string
  /** Of the principal (`Principal.surface`). */
  readonly surface: string
  readonly channel: string
  readonly chatType: string
  /** `trusted` · `semi-trusted` · `untrusted`. */
  readonly contentTrust: string
  readonly purpose: string
}

/** One call as it arrived. `argsText` is the exact JSON text that will be forwarded when the call is released. */
export interface IncomingCall {
  readonly requestId: string
  readonly server: string
  /** Tool name on its server, exactly as sent; for other MCP methods the pseudo tool `mcp:<method>`. */
  readonly tool: string
  readonly argsText: string
  /** Forwarded `_meta` members; part of the digest (T-069). */
  readonly meta: JsonObject
  /** Directory that relative paths of the arguments are relative to, where the ingress knows it. */
  readonly cwd?: string
  readonly enforcement: Enforcement
  /** Same key and same digest = same call: a retry joins or resumes it, never runs it twice. */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
  /** How long this caller waits for a human before it gets `pending`. */
  readonly approvalWaitMs: number
  onWaiting?(approvalId: string, expiresAt: number): void
  /** Progress of the running call, already inspected. */
  onProgress?(progress: JsonObject): void
}

/** What a gate says. There is no third possibility and no bare boolean. */
export type Verdict<T> = { readonly ok: true; readonly value: T } | Refusal
export interface Refusal {
  readonly ok: false
  readonly code: ErrorCode
  /** For the agent: what to change. Never detector internals. */
  readonly reason: string
}
export const pass = <T>(value: T): Verdict<T> => ({ ok: true, value })
export const refuse = (code: ErrorCode, reason = ''): Refusal => ({ ok: false, code, reason })

/** Step 2: kill switch, session lifetime, rate limit, budget. */
export interface AdmissionPort {
  admit(caller: Caller): Verdict<{ readonly sessionId: string }>
}

/** Step 3: exact name → pinned, enabled tool; arguments against its schema. Throws nothing. */
export interface RegistryPort {
  /** Pinned and enabled tools of a server. */
  list(server: string): readonly RegisteredTool[]
  resolve(server: string, tool: string): Verdict<RegisteredTool>
  /**
   * Tools of all servers that somebody may mean by a name, with why one that is not in use may not run: letter case, separators,
   * look-alikes and the server before the name do not matter.
   */
  named(name: string): readonly { readonly tool: RegisteredTool; readonly state: Refusal | undefined }[]
  validate(tool: RegisteredTool, args: JsonObject): Verdict<null>
  /** Facts for policy and the roles of each leaf. */
  describe(tool: RegisteredTool, args: JsonObject, cwd?: string): DescribedCall
  /** Facts of a call that is over, with the files that it changed (absolute paths below `cwd`) among its paths. */
  describeWritten(tool: RegisteredTool, facts: ArgumentFacts, written: readonly string[], cwd: string): ArgumentFacts
}
/** A leaf that a human agrees to and a grant is bound to: who, which one, who may see, how much (T-031). */
export interface Leaf {
  readonly path: string
  readonly role: ArgRole
  readonly value: string
  /** Where it came from and why we think so; part of what the approver sees. */
  readonly origin?: Origin
  readonly why?: string
}

/** Step 4: size, shape and content of the arguments (SEC-3.2). A bypass changes the action, never the scan or the record. */
export interface ContentPort {
  inspect(tool: RegisteredTool, args: JsonObject, call: GatedCall): ContentVerdict
}
export interface GatedCall {
  /** UTF-8 bytes of `argsText`. */
  readonly bytes: number
  readonly argsText: string
  readonly caller: Caller
  readonly enforcement: Enforcement
}
export type ContentVerdict =
  | {
      readonly ok: true
      /** What goes on: the text as it came, or with what hid in it taken out. */
      readonly argsText: string
      readonly report?: GateReport
    }
  | (Refusal & { readonly report?: GateReport })
/** Something was found in the arguments (AC-3.2.3). */
export interface GateReport {
  /** `ask`: a person decides, with what was found before them (HB-107). */
  readonly action: 'block' | 'ask' | 'sanitize' | 'warn' | 'allow'
  readonly auditLevel: 'full' | 'summary' | 'minimal'
  /** Why a configured trusted context let it through (AC-3.2.4). */
  readonly bypass?: string
  readonly findings: readonly GateFinding[]
}
export interface GateFinding {
  /** Argument in which it stands. */
  readonly path: string
  readonly rule: string
  readonly category: string
  readonly severity: Severity
  /** Somebody answers for it: recorded, and without effect. */
  readonly suppressed?: string
}

/** Step 5 and 11: what the agent instance has seen, and where the arguments of a call came from. */
export interface FlowPort {
  /** Label that counts every untrusted read in flight (T-073). */
  snapshot(instance: string): Label
  /** Step 5. Never throws for any arguments: what cannot be told apart is untrusted. */
  assess(instance: string, tool: RegisteredTool, call: DescribedCall, label: Label): FlowAssessment
  /** Policy asked about a call, or denied it: kept for people. */
  held(instance: string, tool: RegisteredTool, assessment: FlowAssessment, rules: readonly string[]): void
  /** Called before the call is executed: what its result may do to the label counts from the first byte on. */
  begin(instance: string, tool: RegisteredTool, assessment?: FlowAssessment): void
  /**
   * Takes in what the agent is about to see, sanitised, and makes the label durable before that (T-093). Without `seen` the
   * result is out of our sight, unless a host's report of it is `awaited`. Every `begin` is followed by one `settle`.
   */
  settle(instance: string, tool: RegisteredTool, seen?: SeenResult | 'awaited'): Promise<Label>
  /** Words of the user, and the channel they came over. */
  hear(instance: string, words: string, channel: WordsChannel): void
}
export interface SeenResult {
  /** JSON text as the agent gets it. */
  readonly text: string
  /** Something in it tries to steer the agent. */
  readonly hostile?: boolean
  /** The label was settled before, when the call was handed to the host. */
  readonly late?: true
}
/** The arguments of a call, taken apart once. */
export interface DescribedCall {
  readonly facts: ArgumentFacts
  readonly leaves: readonly ArgumentScalar[]
  /** Of this very call. */
  readonly effect: Effect
}

/** Steps 6 and 9. Never throws: an error is a deny. */
export interface PolicyPort {
  evaluate(request: PolicyRequest): Decision
  /**
   * False only when no arguments, labels or human could ever get a call with this head allowed: no permit matches it, or an
   * unconditional forbid does. What `tools/list` leaves out.
   */
  possible(head: Pick<PolicyRequest, 'principal' | 'action' | 'resource'>): boolean
  /** Digest and version in force now. */
  current(): { readonly bundle: string; readonly version: string }
}

/** What the executor gets as proof; it verifies all of it again and trusts no status. */
export type ReleaseEvidence =
  | { readonly kind: 'policy' }
  | { readonly kind: 'approval'; readonly approvalId: string; readonly callDigest: string }
  | { readonly kind: 'grant'; readonly grantId: string; readonly callDigest: string }

export type ApprovalResult =
  | { readonly state: 'approved'; readonly evidence: ReleaseEvidence; readonly voters: readonly string[] }
  | { readonly state: 'pending'; readonly approvalId: string; readonly expiresAt: number }
  | { readonly state: 'refused'; readonly code: ErrorCode; readonly reason: string; readonly approvalId?: string }

/** Step 8. */
export interface ApprovalPort {
  /** A valid grant for this call, or nothing. Consulted only after policy said `ask`, never before hard denials. */
  findGrant(binding: CallBinding, demand: ApprovalDemand, sinks: readonly Leaf[]): Promise<ReleaseEvidence | undefined>
  /** Digest of a binding, `sallyport/call/1`. */
  callDigest(binding: CallBinding): string
  /**
   * Opens (or joins, same digest) the request and waits up to `waitMs`. Idempotent per call digest. `onWaiting` is told the id
   * as soon as there is one.
   */
  request(
    request: NewApproval,
    waitMs: number,
    signal?: AbortSignal,
    onWaiting?: (approvalId: string, expiresAt: number) => void,
  ): Promise<ApprovalResult>
  /** Voids an approval whose call, policy, pin or labels changed after the human looked. */
  supersede(approvalId: string, reason: string): Promise<void>
  /** Verifies the evidence from the proofs alone and consumes it: true for exactly one caller on all nodes. */
  redeem(evidence: ReleaseEvidence, binding: CallBinding): Promise<Verdict<null>>
}
export type NewApproval = Omit<ApprovalRequest, 'id' | 'createdAt' | 'expiresAt'> & { readonly sinks: readonly Leaf[] }

/** Steps 7, 9, 12. Resolves when the records are durable; rejects with SP_AUDIT_* and then nothing may happen. */
export interface EvidencePort {
  append(records: readonly LogRecord[]): Promise<void>
  /** Queues without waiting (outcomes); loss is bounded to 10 ms, a failure raises an alert and closes the gate. */
  enqueue(records: readonly LogRecord[]): void
}

/** Step 9 and 10. */
export interface CapabilityPort {
  issue(claims: Omit<TokenClaims, 'jti' | 'iat' | 'exp'>): {
    readonly token: string
    readonly claims: TokenClaims
  }
  /** MAC, times, audience, action digest and single use; consumes the token. */
  redeem(
    token: string,
    expected: { readonly aud: string; readonly act: string; readonly sid: string },
  ): Promise<Verdict<TokenClaims>>
}

/** What comes back from an execution before inspection. */
export interface RawResult {
  readonly outcome: Exclude<CallOutcome, 'not_executed'>
  /** Exact JSON text of the result object as the upstream sent it; absent when there is none. */
  readonly resultText?: string
  readonly error?: { readonly code: ErrorCode; readonly reason: string }
  /** Protocol error of the upstream, passed on as it is. */
  readonly rpcError?: Json
  readonly confinement: string
  /** How long whoever carried it out took, ms; absent where that is not known. */
  readonly tookMs?: number
}

/** Step 10. Verifies token and evidence itself before anything else; a `ControlContext` is what only the boundary makes. */
export interface ExecutorPort {
  execute(control: ControlContext): Promise<RawResult>
}

/** Insert-only single-use ids, durable: true for exactly one caller on all nodes. */
export interface OncePort {
  spend(id: string, expiresAt: number): Promise<boolean>
}

/** A result as it may be passed on. */
export interface Inspected {
  readonly resultText: string
  readonly redactions: number
  /** What was redacted, for the record: kinds and keyed tags. */
  readonly redacted?: readonly Redacted[]
  readonly digest: string
  /** What looks like an attempt to steer the agent, worst first; `flag` findings included. */
  readonly findings: readonly GateFinding[]
  /** Something was found that is grave enough to act on: the result carries a notice, its label is the worst. */
  readonly suspicious: boolean
  /** Texts that were put between markers. */
  readonly wrapped: number
}

/**
 * Step 11: redact, strip our own namespace, find injections, wrap what came from outside (SEC-3.5). Takes nothing but wrapped
 * text; throws = the raw result is withheld.
 */
export interface InspectPort {
  inspect(tool: RegisteredTool, result: UntrustedContent): Inspected
  /** Redacts a value for the log: key segments, patterns, keyed tags (AC-1.2.3). */
  redact(value: Json, sensitive: readonly string[]): Json
}

/** What the boundary answers. A deny is a value. The agent sees code, reason and event id, nothing else. */
export type CrossingResult =
  | { readonly outcome: 'executed'; readonly auditId: string; readonly resultText: string; readonly decision: Decision }
  | { readonly outcome: 'delegated'; readonly auditId: string; readonly decision: Decision }
  | {
      readonly outcome: 'failed'
      readonly auditId: string
      readonly code: ErrorCode
      readonly reason: string
      readonly rpcError?: Json
    }
  | {
      readonly outcome: 'denied'
      readonly auditId: string
      readonly code: ErrorCode
      readonly reason: string
      /** When the same call may be let through, where that is known. */
      readonly retryAfterSeconds?: number
    }
  | {
      readonly outcome: 'pending'
      readonly auditId: string
      readonly approvalId: string
      readonly expiresAt: number
      readonly reason: string
    }

/** A result that a host reported, as it may be shown. */
interface ReportedResult {
  readonly resultText: string
  readonly redactions: number
  /** It is not the text that was reported. */
  readonly changed: boolean
}

/** The one way through. Every ingress holds this and nothing else of the boundary. */
export interface Boundary {
  cross(caller: Caller, call: IncomingCall): Promise<CrossingResult>
  /** Everything that is refused before it is a call (parse faults, unknown methods) still leaves a record (T-170). */
  refused(
    caller: Caller | undefined,
    what: { readonly code: ErrorCode; readonly reason: string; readonly ingress: Ingress },
  ): Promise<string>
  /** Host-enforced calls report what happened; may raise labels, never lower them (T-045). */
  report(
    caller: Caller,
    auditId: string,
    outcome: CallOutcome,
    resultText?: string,
  ): Promise<Verdict<ReportedResult | null>>
  /** Tools this caller could be allowed to use: what `tools/list` shows (TM-DISC-001). */
  visible(caller: Caller, server: string): readonly RegisteredTool[]
}
