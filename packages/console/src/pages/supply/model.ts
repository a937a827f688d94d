import type { Severity } from '../../ui/severities.ts'

type State = 'pending_review' | 'internal' | 'external' | 'refused' | 'disabled'
type Serves = 'nobody' | 'internal' | 'everybody'
type Verdict = 'allow' | 'ask' | 'block' | 'failed'
type Capability = 'network' | 'changes-data' | 'runs-programs' | 'reads-secrets' | 'starts-itself'

/** One version in `GET /api/v1/skills`. Times in ms since 1970. */
export interface SkillRow {
  readonly name: string
  readonly hash: string
  readonly version?: string
  readonly state: State
  readonly capabilities: readonly Capability[]
  readonly verdict: Verdict
  readonly found: number
  readonly requiresApproval: boolean
  readonly serves: Serves
  readonly source: string
  readonly since: number
}

export interface BlockRule {
  readonly name?: string
  readonly hash?: string
  readonly publisher?: string
  readonly by: string
  readonly reason: string
  readonly at: number
}

export interface AllowRule {
  readonly name: string
  readonly hash: string
  readonly source: string
  readonly to: 'internal' | 'external'
  readonly by: string
  readonly reason: string
  readonly at: number
}

/** `GET /api/v1/skills` */
export interface Skills {
  readonly skills: readonly SkillRow[]
  readonly block: readonly BlockRule[]
  readonly allow: readonly AllowRule[]
}

/** What the scan says of one place; `file` and `evidence` are words of the skill. */
export interface Finding {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly file: string
  readonly line: number
  readonly evidence: string
  readonly why: string
  readonly fix: string
}

export interface Changes {
  readonly gained: readonly Capability[]
  readonly lost: readonly Capability[]
  readonly findings: readonly Pick<Finding, 'id' | 'severity' | 'file' | 'line' | 'evidence'>[]
  readonly parts: readonly string[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
  readonly modes: readonly string[]
  /** Lines begin with `- `, `+ ` or two spaces; `…` where some are left out. */
  readonly texts: readonly { readonly path: string; readonly lines: readonly string[] }[]
}

interface Step {
  readonly at: number
  readonly to: State
  readonly by: string
  readonly reason: string
  readonly of: 'person' | 'block-list' | 'allow-list' | 'scan' | 'gateway'
}

export interface SkillVersion extends Omit<SkillRow, 'name' | 'serves' | 'source' | 'since'> {
  readonly provenance: {
    readonly source: 'folder' | 'archive' | 'registry' | 'npm' | 'github'
    readonly url?: string
    readonly integrity?: string
    readonly signature?: 'verified' | 'absent' | 'unverified'
    readonly signedBy?: string
    readonly notes: readonly string[]
  }
  readonly publishers: readonly string[]
  /** The worst ones; `found` counts all. */
  readonly findings: readonly Finding[]
  readonly files: readonly {
    readonly path: string
    readonly size: number
    readonly executable: boolean
    readonly part: string
  }[]
  /** Oldest first. */
  readonly history: readonly Step[]
}

/** `GET /api/v1/skills/:name` */
export interface SkillReview {
  readonly name: string
  readonly version: SkillVersion
  readonly serves: Serves
  readonly against?: { readonly hash: string; readonly changes: Changes }
  /** Hash that a rollback would put into force. */
  readonly rollback?: string
  readonly versions: readonly { readonly hash: string; readonly state: State }[]
}

export const STATES: Readonly<Record<State, string>> = {
  pending_review: 'In quarantine',
  disabled: 'Off',
  internal: 'Inside',
  external: 'Outside too',
  refused: 'Refused',
}
export const SERVES: Readonly<Record<Serves, string>> = {
  nobody: 'nobody',
  internal: 'agents inside',
  everybody: 'everybody',
}
export const CAN: Readonly<Record<Capability, string>> = {
  network: 'reaches the network',
  'changes-data': 'changes data',
  'runs-programs': 'runs programs',
  'reads-secrets': 'reads secrets',
  'starts-itself': 'starts by itself',
}
/** The same in a list. */
export const CAN_SHORT: Readonly<Record<Capability, string>> = {
  network: 'network',
  'changes-data': 'changes',
  'runs-programs': 'programs',
  'reads-secrets': 'secrets',
  'starts-itself': 'starts itself',
}
/** Findings that say that a manifest does not declare what the code does. */
export const UNDECLARED: Readonly<Partial<Record<Capability, string>>> = {
  network: 'skill.capability.undeclared-network',
  'runs-programs': 'skill.capability.undeclared-programs',
}

/** True where a person has to agree to what it does each time, unless its manifest says so (HB-33). */
export const acts = ({ capabilities }: Pick<SkillRow, 'capabilities'>): boolean =>
  capabilities.includes('network') || capabilities.includes('changes-data')

export const shortHash = (hash: string): string => hash.slice(0, 12)

/** Address of a version below `/supply`. */
export const idOf = (name: string, hash: string): string => `skill/${encodeURIComponent(name)}/${shortHash(hash)}`

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** `3 findings, critical`: what a list can say of a scan. */
export function scanned({ verdict, found }: Pick<SkillRow, 'verdict' | 'found'>): string {
  if (verdict === 'failed') return 'not scanned completely'
  if (found === 0) return 'nothing found'
  const worst = { allow: '', ask: ', high', block: ', critical' }[verdict]
  return `${counted(found, 'finding')}${worst}`
}
