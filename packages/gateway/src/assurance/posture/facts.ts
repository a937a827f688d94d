import type { PolicyPosture, PostureFinding, SandboxProfile } from '@sallyport/core'
import type { Config } from '../../config/schema.ts'
import type { RiskyVariable } from './variables.ts'

/** Something that was to be looked at. `hides`: what could not be seen may be bad, so that the audit is not complete (E-76). */
export type Looked<T> =
  | { readonly state: 'known'; readonly value: T }
  | { readonly state: 'unknown'; readonly why: string; readonly hides: boolean }
  | { readonly state: 'not-installed'; readonly what: string }

export const known = <T>(value: T): Looked<T> => ({ state: 'known', value })
export const unseen = (why: string, hides = true): Looked<never> => ({ state: 'unknown', why, hides })
export const notInstalled = (what: string): Looked<never> => ({ state: 'not-installed', what })

/** The configuration in force, and how it was written. */
export interface ConfigFacts {
  readonly config: Config
  /** Absolute; absent: the defaults are in force. */
  readonly file?: string
  /** As it stands in the file, before variables are put in. */
  readonly text: string
  /** Options that switch protections off elsewhere, as the file spells them (E-29). */
  readonly bypasses: readonly string[]
  /** Where each of them stands: keys and indices down to it. */
  readonly bypassPlaces?: readonly (readonly (string | number)[])[]
}

/** What a file or directory of the gateway is for: who else may read or write it depends on that. */
export type FileRole = 'state' | 'key' | 'config' | 'policy' | 'login' | 'log' | 'socket'

export interface FileFact {
  readonly path: string
  readonly role: FileRole
  readonly uid: number
  /** Permission bits. */
  readonly mode: number
  readonly isLink: boolean
  readonly isDirectory: boolean
}

export interface FilesFacts {
  /** Who runs the audit; -1 where there are no accounts. */
  readonly uid: number
  readonly files: readonly FileFact[]
  /** Why somebody else could put other files in the place of the gateway's; absent: nobody can. */
  readonly unsafePath?: string
  /** Path of ours → service that copies it to other machines. */
  readonly synced: readonly { readonly path: string; readonly service: string }[]
  /** Path of ours → workspace (a repository) that it lies in. */
  readonly inWorkspace: readonly { readonly path: string; readonly workspace: string }[]
}

/** What agents under this account can do beside the gateway (threat-model §2). */
interface LevelFacts {
  readonly level: 'L0' | 'L1' | 'L2'
  readonly because: readonly string[]
}

/** A sandbox profile of the configuration, as it is after `extends`. */
export interface ProfileFact {
  /** Setting that names it. */
  readonly at: string
  readonly profile: SandboxProfile
}

export interface AgentFact {
  readonly name: string
  readonly scopes: readonly string[]
  /** It runs under `sallyport run` now. */
  readonly confined: boolean
}

/** A finding of the running gateway about itself (`sallyport health`). */
export interface HealthFact {
  readonly id: string
  readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'info'
  readonly title: string
  readonly why: string
  readonly next: string
}

/** What a gateway that runs says. */
export interface GatewayFacts {
  readonly claimed: boolean
  readonly forwardedSeen: boolean
  /** Of its last check of itself. */
  readonly health: readonly HealthFact[]
  /** What that check could not look at. */
  readonly unknown: readonly { readonly id: string; readonly why: string }[]
  /** Hosts whose hooks let something run that was never allowed. */
  readonly unenforced: readonly string[]
  readonly tools: readonly { readonly id: string; readonly state: string }[]
}

/** Attempt → what came of it. */
export interface Tried {
  readonly what: string
  readonly ok: boolean
  readonly said: string
}

/** What was tried with `--deep`. Each is an attempt that has to be refused, or a proof that has to hold. */
export interface DeepFacts {
  /** Addresses inside that the gateway's way out was asked for. */
  readonly ssrf: Looked<readonly Tried[]>
  /** Entries and unlisted paths, asked without a credential. */
  readonly routes: Looked<readonly Tried[]>
  readonly sandbox: Looked<readonly Tried[]>
  readonly log: Looked<Tried>
  /** A call that has to be refused, through every way in. */
  readonly canaries: Looked<readonly Tried[]>
}

interface CharterFact {
  readonly agent: string
  /** Boundaries that its charter spells out; absent: it has no charter. */
  readonly boundaries?: number
}

export interface SkillFact {
  readonly name: string
  readonly state: 'quarantine' | 'internal' | 'external' | 'disabled'
  readonly scope?: 'internal' | 'external' | 'both'
  readonly isForeign: boolean
  readonly reviewedBy?: string
  /** Whether its instructions and code are pinned, and whether they still are what was pinned. */
  readonly pinned: boolean
  readonly drifted: boolean
  /** Secrets that stand in its instructions. */
  readonly secrets: number
}

interface PeerFact {
  readonly name: string
  readonly listed: boolean
  readonly tokenHashed: boolean
  /** ms since 1970; 0: never. */
  readonly rotatedAt: number
  /** ms; 0: no schedule. */
  readonly rotateEvery: number
}

interface MemoryFacts {
  readonly tiers: readonly {
    readonly name: string
    readonly untagged: number
    readonly erasable: boolean
  }[]
}

interface ProviderFact {
  readonly name: string
  readonly acceptance?: { readonly by: string; readonly on: string }
}

interface ModelFact {
  readonly name: string
  readonly legacy: boolean
  /** 10⁹ parameters; absent: not known. */
  readonly size?: number
}

interface DependencyFacts {
  readonly packages: number
  /** What is known against them, and against the snapshot that says so. */
  readonly findings: readonly PostureFinding[]
}

interface ChannelFact {
  readonly name: string
  readonly admission: 'pairing' | 'allowlist' | 'open'
}

/** Everything that checks may look at. They only judge; looking is done at the edge. */
export interface Facts {
  /** ms since 1970. */
  readonly now: number
  readonly config: Looked<ConfigFacts>
  readonly files: Looked<FilesFacts>
  readonly policy: Looked<PolicyPosture>
  readonly level: Looked<LevelFacts>
  /** Variables with which this process was started that change what programs load or trust. */
  readonly environment: Looked<readonly RiskyVariable[]>
  readonly profiles: Looked<readonly ProfileFact[]>
  readonly agents: Looked<readonly AgentFact[]>
  readonly gateway: Looked<GatewayFacts>
  readonly deep: Looked<DeepFacts>
  readonly charters: Looked<readonly CharterFact[]>
  readonly skills: Looked<readonly SkillFact[]>
  readonly peers: Looked<readonly PeerFact[]>
  readonly memory: Looked<MemoryFacts>
  readonly providers: Looked<readonly ProviderFact[]>
  readonly models: Looked<readonly ModelFact[]>
  readonly dependencies: Looked<DependencyFacts>
  readonly channels: Looked<readonly ChannelFact[]>
}

export type Need = Exclude<keyof Facts, 'now'>

/** What a check is given: the parts that it needs, as they are known. */
export type Given<N extends Need> = {
  readonly [K in N]: Facts[K] extends Looked<infer T> ? T : never
} & { readonly now: number }

/** Features that this version does not have; their checks say so. */
export const NOT_INSTALLED = {
  charters: notInstalled('Charters of agents are not part of this version.'),
  skills: notInstalled('No skill was admitted here.'),
  peers: notInstalled('Agents of others (A2A) cannot be connected in this version.'),
  memory: notInstalled('Memory of agents is not part of this version.'),
  providers: notInstalled('The gateway calls no model provider; agents bring their own.'),
  models: notInstalled('The gateway calls no model; agents bring their own.'),
  dependencies: notInstalled('No snapshot of advisories was imported, so dependencies are not verified.'),
  channels: notInstalled('Messaging channels cannot be connected in this version.'),
} as const
