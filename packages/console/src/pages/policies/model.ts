/** What the gateway says of policies; see docs/reference/api.md. */
export type Outcome = 'allow' | 'ask' | 'deny'

export interface PolicyFile {
  readonly path: string
  readonly origin: 'preset' | 'file'
  readonly language: 'cedar' | 'yaml'
  readonly text: string
}

/** The policy in force. */
export interface Live {
  readonly number: number
  readonly digest: string
  readonly version: string
  readonly files: readonly PolicyFile[]
  /** Ids of the tools that policies are about. */
  readonly actions: readonly string[]
}

export interface DraftHead {
  readonly id: string
  readonly base: { readonly number: number; readonly digest: string; readonly version: string }
  readonly createdBy: string
  readonly updatedBy: string
  /** ms since 1970. */
  readonly updatedAt: number
  readonly agreed: { readonly digest: string; readonly by: readonly string[] }
  readonly revision: number
}
export type Draft = DraftHead & { readonly files: readonly PolicyFile[] }

export interface Issue {
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly col: number
  readonly message: string
}

export interface TestResult {
  readonly file: string
  readonly line: number
  readonly test: string
  readonly call: string
  readonly expected: Outcome | 'refuse'
  readonly expectedBy?: string
  readonly got?: Outcome
  readonly by: readonly string[]
  readonly reason: string
  readonly ok: boolean
}

interface Lint {
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly id: string
  readonly file: string
  readonly line: number
  readonly message: string
}

export interface RuleDiff {
  readonly rulesAdded: readonly string[]
  readonly rulesRemoved: readonly string[]
  readonly rulesModified: readonly string[]
}

export interface Check {
  readonly ok: boolean
  readonly problem: { readonly code: string; readonly text: string } | null
  readonly digest: string
  readonly version: string
  readonly ms: number
  readonly issues: readonly Issue[]
  readonly lint: readonly Lint[]
  readonly tests: { readonly passed: number; readonly failed: number; readonly results: readonly TestResult[] }
  readonly diff: RuleDiff
  readonly widening: readonly string[]
  readonly changed: readonly string[]
  readonly conflict: boolean
}

interface ToolEffect {
  readonly tool: string
  readonly session: 'clean' | 'tainted'
  readonly before: Outcome
  readonly after: Outcome
}

export interface DraftDiff {
  readonly widening: readonly string[]
  readonly effects: readonly ToolEffect[]
  readonly diff: RuleDiff
  readonly texts: readonly { readonly path: string; readonly before: string; readonly after: string }[]
}

export interface Change {
  readonly number: number
  readonly timestamp: string
  readonly action: string
  readonly source: string
  readonly actor: string
  readonly previousVersion: string
  readonly newVersion: string
  readonly digest: string
  readonly diff: RuleDiff
  readonly widening: readonly string[]
  readonly valid: boolean
  readonly error?: string
  readonly reviewers?: readonly string[]
}

export interface Simulation {
  readonly id: string
  readonly draft: string
  readonly window: 'day' | 'week' | 'month'
  readonly state: 'running' | 'done' | 'cancelled' | 'failed'
  readonly problem: string
  readonly progress: number
  readonly calls: number
  readonly callsPerSecond: number
  readonly left: number
  readonly drifted: number
  readonly groups: readonly (Pick<SimulatedCall, 'agent' | 'tool' | 'before' | 'after'> & { readonly count: number })[]
  readonly changes: readonly SimulatedCall[]
}
interface SimulatedCall {
  readonly auditId: string
  readonly at: string
  readonly agent: string
  readonly tool: string
  readonly before: Outcome
  readonly after: Outcome
  readonly by: readonly string[]
}

export interface Explained {
  readonly call: {
    readonly auditId: string
    readonly at: string
    readonly agent: string
    readonly tool: string
    readonly outcome: Outcome
    readonly by: readonly string[]
  }
  readonly labels: { readonly integrity: number; readonly confidentiality: number; readonly tainted: boolean }
  readonly explanation: {
    readonly decision: { readonly outcome: Outcome; readonly reason: string; readonly determining: readonly string[] }
    readonly trace: readonly Trace[]
    readonly problem: string
  }
  readonly texts: Readonly<Record<string, string>>
}
export interface Trace {
  readonly id: string
  readonly kind: string
  readonly file: string
  readonly line: number
  readonly result: 'matched' | 'not-matched' | 'error'
  readonly stoppedAt?: string
  readonly error?: string
  readonly nearMiss: boolean
}

/** Name of a file as people say it: presets without their prefix. */
export const shortName = (path: string): string => path.replace(/^preset:/, '').replace(/^.*\//, '')
export const isTestFile = (path: string): boolean => /\.test\.ya?ml$/.test(path)
/** Shipped and always in force: nobody edits it. */
export const isFixed = (path: string): boolean => path.startsWith('preset:base.')
export const STATE_OF = { allow: 'allowed', ask: 'asked', deny: 'denied' } as const

/** `1.4` → `1.5`: the least version that is higher. */
export function raisedVersion(text: string): string {
  return text.replace(
    /^(\/\/\s*version:\s*|version:\s*["']?)(\d+)\.(\d+)/m,
    (_, head: string, major: string, minor: string) => `${head}${major}.${Number(minor) + 1}`,
  )
}
