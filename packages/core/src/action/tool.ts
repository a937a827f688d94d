import type { Label } from '../flow/label.ts'
import type { JsonObject } from '../json/types.ts'

/** `stateChange` = write ∪ external in policies. */
export type Effect = 'read' | 'write' | 'external'

/**
 * What an argument is for: `sink` who or where it goes · `selector` which object · `content` what · `param` a plain
 * parameter · `secret` never logged · `audience` who may see · `quantity` how much or how many.
 */
export type ArgRole = 'sink' | 'selector' | 'content' | 'param' | 'secret' | 'audience' | 'quantity'

/** A tool as its server describes it, byte for byte what the pin covers. */
export interface ToolDefinition {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly inputSchema: JsonObject
  readonly outputSchema?: JsonObject
  readonly annotations?: JsonObject
}

export type ResultLabel = Pick<Label, 'integrity' | 'confidentiality'>

/** What the operator (or the shipped catalogue) says about a tool. Policy data, never taken from the server. */
export interface ToolAnnotation {
  readonly effect: Effect
  /** Group names with their prefix, e.g. `group:fs`. */
  readonly groups: readonly string[]
  /** Argument path (`to`, `files[].path`) → role. Paths that are not named are sinks. */
  readonly args: Readonly<Record<string, ArgRole>>
  readonly irreversible: boolean
  readonly persist: boolean
  /** Changes credentials, access or account data: guarded by kind, whatever the value. */
  readonly sensitive?: boolean
  /** Calls whose effect is smaller than `effect` says, by an argument that is left out or empty. */
  readonly narrower?: readonly Narrowing[]
  /** Label of what the tool returns, the worst of all its fields; untrusted and internal when nobody said so. */
  readonly result?: ResultLabel
  /** Field of a structured result that names the hosts it came from (`hops[].host`): they become sources of its label. */
  readonly cameFrom?: string
  /** Labels of fields of a structured result (`tickets[].id`); what is not named has the label of the whole. */
  readonly fields?: Readonly<Record<string, ResultLabel>>
}

/** `{ absent: 'participants', effect: 'write' }`: without participants an invitation is an entry in the own calendar. */
interface Narrowing {
  readonly absent: string
  readonly effect: Effect
}

/** A tool in the registry. `id` is `<server>.<name>` and is the Cedar action id. */
export interface RegisteredTool {
  readonly id: string
  readonly server: string
  readonly name: string
  readonly definition: ToolDefinition
  /** Digest of definition and launch spec that was reviewed. */
  readonly pin: string
  readonly annotation: ToolAnnotation
  /** False when nobody annotated the tool: then it is external, unclassified, every argument a sink (E-18). */
  readonly annotated: boolean
  readonly elevated: boolean
}

/** What a tool returns when nobody said otherwise: untrusted and internal. */
export const UNKNOWN_RESULT: ResultLabel = Object.freeze({ integrity: 1, confidentiality: 1 })

export const UNCLASSIFIED: ToolAnnotation = Object.freeze({
  effect: 'external',
  groups: Object.freeze(['group:unclassified']),
  args: Object.freeze({}),
  irreversible: false,
  persist: false,
})
