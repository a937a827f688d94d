import type { JsonObject, ToolDefinition } from '@sallyport/core'
import type { CanonicalEvent, HookAnswer, HookEvent, NativeAnswer } from './event.ts'

/** What a host does with a tool call when its hook misbehaves. `open` = the tool runs. */
export type FailureMode = 'open' | 'closed' | 'unknown'

/** One thing known about a host: where it comes from, for which versions, and the test that proves it. */
export interface HostFact {
  readonly id: string
  readonly statement: string
  /** `measured` with the real program, or the documentation or issue it rests on. */
  readonly source: string
  /** ISO date of the observation. */
  readonly date: string
  readonly versions: string
  /** File of the proving test, or `not verified`. */
  readonly test: string
}

export interface HostFailure {
  readonly crash: FailureMode
  readonly timeout: FailureMode
  readonly badOutput: FailureMode
  readonly silent: FailureMode
}

/** What every row of the matrix says, wired or not. */
export interface HostProfile {
  readonly id: string
  readonly title: string
  /** Version range the facts were tried with. */
  readonly versions: string
  readonly events: Readonly<Record<string, CanonicalEvent>>
  readonly canAsk: boolean
  readonly failure: HostFailure
  /** The same with the strictest switch the host has, written by `init`; absent when it has none. */
  readonly hardened?: { readonly by: string; readonly since: string; readonly failure: HostFailure }
  readonly facts: readonly HostFact[]
}

/** One edit of a configuration text. Pure: `undefined` before = the file does not exist. */
export interface HookFile {
  /** Below the home directory, or below the variable that moves the host's configuration. */
  readonly path: string
  install(before: string | undefined, command: HookCommand): string
  uninstall(before: string): string
  /** Commands of ours found in the text, by native event. Throws SP_CONFIG_INVALID when the text cannot be read. */
  installed(text: string): Readonly<Record<string, readonly InstalledHook[]>>
}

/** How the host is to call us: one command line for gating events and one for events that only report. */
export interface HookCommand {
  readonly gate: string
  readonly observe: string
}

export interface InstalledHook {
  readonly command: string
  readonly matcher: string | undefined
  readonly timeoutSeconds: number | undefined
  readonly onFailure: string | undefined
  readonly async: boolean
}

/** A setting of the host that switches our hook off or weakens it. */
export interface Disabling {
  readonly setting: string
  readonly effect: string
}

/** What is known of a host that is not connected: rows of the matrix and nothing that could be called. */
export interface FactHost {
  readonly wired: false
  readonly profile: HostProfile
}

/** A host that Sallyport connects to. Data and pure functions; the ingress and `init` do the rest. */
export interface WiredHost {
  readonly wired: true
  readonly profile: HostProfile
  /** Alias under which the host's built-in tools are registered. */
  readonly server: string
  readonly tools: readonly ToolDefinition[]
  /** Seconds that `init` writes for gating events; our own deadline is half of it. */
  readonly timeoutSeconds: number
  readonly observeTimeoutSeconds: number
  readonly hookFile: HookFile
  /** Settings of the machine's administrator, where the host obeys hooks that its user cannot take out, and what else stands there. */
  readonly managed?: {
    readonly path: string
    readonly more: JsonObject
    /** Where the administrator lists MCP servers; then there are no others. */
    readonly servers: string
  }
  /** Printed after wiring: what the user still has to do. Empty when nothing. */
  readonly afterInstall: string
  /** Settings in the host's files that switch us off. */
  disabling(text: string): readonly Disabling[]
  /** Throws SallyportError SP_JSON_* or SP_HOOK_PAYLOAD for what it does not know. */
  decode(payloadText: string): HookEvent
  encode(event: Pick<HookEvent, 'event' | 'native'>, answer: HookAnswer): NativeAnswer
  /** What the hook prints when nobody answers it: the strongest deny of this host. */
  readonly unreachable: NativeAnswer
}

export type Host = FactHost | WiredHost
