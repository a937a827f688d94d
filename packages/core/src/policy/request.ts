import type { JsonObject } from '../json/types.ts'
import type { FlowFacts } from '../flow/facts.ts'
import type { TrustLevel } from '../identity/principal.ts'

/**
 * What policy sees. `action` is the tool id, `resource` its server. The context is typed by the generated Cedar schema:
 * one type for all actions but for `args`, which each tool's JSON Schema types.
 */
export interface PolicyRequest {
  readonly principal: { readonly type: 'Agent' | 'User' | 'Service'; readonly id: string }
  readonly action: string
  readonly resource: { readonly type: 'Server'; readonly id: string }
  readonly context: PolicyContext
}

export interface PolicyContext {
  readonly args: JsonObject
  readonly facts: ArgumentFacts
  readonly tool: {
    readonly name: string
    /** Of this very call: an argument that is left out can make it smaller than the tool's. */
    readonly effect: string
    readonly groups: readonly string[]
    readonly irreversible: boolean
    readonly persist: boolean
    /** Changes credentials, access or account data. */
    readonly sensitive: boolean
    readonly annotated: boolean
    /** Listed under `tools.elevated` (AC-5.3.1). */
    readonly elevated: boolean
  }
  readonly labels: { readonly tainted: boolean; readonly integrity: number; readonly confidentiality: number }
  /** Where the arguments came from and what the agent has seen (policy.md §2.2). */
  readonly flow: FlowFacts
  readonly session: {
    readonly key: string
    readonly surface: string
    readonly channel: string
    readonly chatType: string
    readonly contentTrust: string
    readonly trustLevel: TrustLevel
    readonly ingress: string
    readonly purpose: string
  }
  /** True only when the executor will be shown evidence for a human's decision on this exact call. */
  readonly approved: boolean
}

/** Derived from the arguments so that policies need no string surgery (policy.md §3). */
export interface ArgumentFacts {
  /** Lower-case host names in punycode of every URL and address argument. */
  readonly hosts: readonly string[]
  /** Registrable domains (public suffix list) of `hosts`; the host itself where there is none. */
  readonly domains: readonly string[]
  readonly schemes: readonly string[]
  /** Ports of the URLs, or the usual ones of their schemes. */
  readonly ports: readonly number[]
  /**
   * Where the hosts of URLs lie: `public`, `private`, `loopback`, `link-local`, `metadata`, `special`, `embedded`; `name`: not
   * told. Mail goes by servers of its own.
   */
  readonly networks: readonly string[]
  /** What is odd about a URL: a fault of `readUrl`, `address-spelling`, `punycode`, `mixed-scripts`. */
  readonly urlSigns: readonly string[]
  /** Mail-like addresses, lower-case. */
  readonly addresses: readonly string[]
  /** Absolute, normalised paths (no `.`, `..`, double slashes). */
  readonly paths: readonly string[]
  /** Other strings that could name a file: what `facts.protected` looks at besides `paths`. */
  readonly named: readonly string[]
  /** `paths` with links followed, where the kernel would arrive. */
  readonly canonical: readonly string[]
  /** Where those lie from the working directory: `inside`, `workspace`, `above`, `outside`; `unknown` without one. */
  readonly where: readonly string[]
  /** What lies there, in any reading: `credentials`, `system`, `kernel`, `devices` and the classes of `protected`. */
  readonly places: readonly string[]
  /** What is odd about a path: a form of another system (`windows-drive` …), `link`, `link-outside`, `disguised` … */
  readonly pathSigns: readonly string[]
  /** True when a sink or audience argument of an external tool gave no host, address, path or command. */
  readonly hostUnresolved: boolean
  /** True when a path argument could not be resolved to an absolute one. */
  readonly pathUnresolved: boolean
  /** First words of shell-like arguments: the programs that would run. */
  readonly commands: readonly string[]
  /** What reading the command lines came to: `none` · `clean`: every part is known and ordinary · `ask` · `block`. */
  readonly command: 'none' | 'clean' | 'ask' | 'block'
  /** What the command lines would do: `delete.outside`, `net.upload`, `exec.encoded` … */
  readonly commandEffects: readonly string[]
  /** How many objects the call names or touches: the longest array, addresses, a map, or a quantity argument. */
  readonly count: number
  /** Largest amount in minor units (cents); 0 when there is none. */
  readonly amountMinor: number
  /** Role sink/selector/audience arguments that the schema allows and the call leaves out (T-082). */
  readonly omitted: readonly string[]
  /** Arguments the schema does not declare (T-081). */
  readonly undeclared: readonly string[]
  readonly bytes: number
}
