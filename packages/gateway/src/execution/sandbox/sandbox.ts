import type { ChildProcess, StdioOptions } from 'node:child_process'
import type { SandboxProfile, SeccompProfile } from '@sallyport/core'
import type { WayOut } from '../egress/listener.ts'
import type { CopyKind } from '../copy/take-copy.ts'
import type { GroupKind } from './control-groups.ts'
import type { Namespaces } from './verify.ts'

/** What can make a sandbox. `runsc` (gVisor) is a kernel of its own; the others share that of the host. `docker` is an engine of this machine. */
export const SANDBOX_BACKENDS = ['bubblewrap', 'crun', 'runsc', 'docker'] as const
export type SandboxBackend = (typeof SANDBOX_BACKENDS)[number]

/** What is to run, and what it may see and use. */
export interface SandboxOrder {
  /** Unique among the sandboxes of this machine; names its control groups. */
  readonly id: string
  readonly profile: SandboxProfile
  readonly seccomp: SeccompProfile
  readonly command: readonly string[]
  /** Canonical path of the workspace. */
  readonly workspace: string | undefined
  /** What is shown besides, for the one who runs in it; never chosen by it. */
  readonly mounts?: readonly Mount[]
  /** For a profile with `workspace: copy`: what is shown in the place of the workspace. */
  readonly copy?: { readonly at: string; readonly kind: CopyKind } | undefined
  readonly env: Readonly<Record<string, string>>
  /** What the first three descriptors are, as for `child_process.spawn`. */
  readonly stdio: readonly [StdioOption, StdioOption, StdioOption]
  /** The command keeps the terminal that it was given. */
  readonly terminal: boolean
  /**
   * For a profile with `network: allowlist`: answers at a listener on the loopback of the sandbox, whose clients are the sandbox and
   * nobody else. @returns closes it
   */
  readonly wayOut?: WayOut
  /** Told what is in force before anything runs; when it throws, nothing does. */
  readonly ready?: (inForce: InForce) => void
}
/** A file, directory or socket of this user's at another place inside. */
export interface Mount {
  readonly path: string
  /** Canonical. */
  readonly source: string
  readonly writable: boolean
}

type StdioOption = Exclude<StdioOptions, string | undefined>[number]

/** What is in force for one sandbox, for the record and for `--json-status`. */
export interface InForce {
  readonly backend: SandboxBackend
  readonly profile: string
  /** Uid outside. */
  readonly uid: number
  readonly namespaces: Namespaces
  /** SHA-256 of the program that the kernel runs on every call; for `runsc` of the profile that its own kernel was given. */
  readonly seccomp: string
  readonly cgroup: GroupKind
  readonly network: SandboxProfile['network']
  readonly workspace: SandboxProfile['workspace']
  /** How the copy was made, for `workspace: copy`. */
  readonly copy?: CopyKind
  /** Whether the bound on processes is this sandbox's own, or one over all processes of the user. */
  readonly processLimit: 'sandbox' | 'user'
  readonly memoryLimit: 'sandbox' | 'process'
  /** What was ordered and cannot be seen from outside with this backend. */
  readonly unverified: readonly string[]
}

export interface SandboxExit {
  /** As a shell says it: 128 and more for a signal, 124 for time that ran out. */
  readonly code: number
  readonly timedOut: boolean
  /** Files that git would have obeyed outside; they have these names now. */
  readonly setAside: readonly string[]
  /** Why it was ended while it ran: walls that were gone. */
  readonly faults: readonly string[]
}

export interface RunningSandbox {
  readonly child: ChildProcess
  readonly inForce: InForce
  /** Resolves when nothing of the sandbox is left. */
  readonly exited: Promise<SandboxExit>
  /** Ends everything in it. */
  readonly kill: () => void
}
