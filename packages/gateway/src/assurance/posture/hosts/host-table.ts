import type { Json, PostureSeverity } from '@sallyport/core'
import type { SettingsFormat, SettingsPath } from '../../../hosts/settings-text.ts'

/** Where an audit looks; everything absolute. */
export interface Ground {
  readonly home: string
  /** The project that an agent would be started in. */
  readonly project?: string
  readonly platform: NodeJS.Platform
  /** Variables that move configurations. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** In front of the paths of administrators; `` on a machine, a folder in a test. */
  readonly root: string
}

/** A setting that weakens a host. `*` in `at` stands for any key or index. */
export interface SettingRule {
  readonly id: string
  readonly severity: PostureSeverity
  readonly at: SettingsPath
  /** Given the value there, and the whole file. */
  readonly bad: (value: unknown, root: unknown) => boolean
  /** What is so, as a sentence. */
  readonly what: string
  readonly why: string
  readonly remedy: string
  /** What `--fix` may do: only what tightens and keeps the host working. */
  readonly fix?: 'remove' | { readonly set: Json }
}

/** A setting of a project that acts for whoever opens it. */
export interface Override {
  readonly at: SettingsPath
  readonly severity: PostureSeverity
  readonly what: string
}

/** How hooks are written. `matcher`: `hooks.<Event>[]{matcher, hooks[]}` · `flat`: `hooks.<event>[]{command…}`. */
export interface HookForm {
  readonly form: 'matcher' | 'flat'
  /** Events whose hooks can stop a call. */
  readonly gates: readonly string[]
  /** Member that makes a failing hook block, and its value; absent where the host has none. */
  readonly closed?: { readonly member: string; readonly value: Json }
}

/** One file of a host. */
export interface Place {
  readonly path: string
  readonly scope: 'user' | 'project' | 'managed'
  /** Absent: the file holds credentials and is not read, only who else can. */
  readonly format?: SettingsFormat
  readonly servers?: readonly SettingsPath[]
  readonly hooks?: HookForm
  readonly rules?: readonly SettingRule[]
  readonly overrides?: readonly Override[]
  /** Its name has a star: every file of the folder that ends so. */
  readonly every?: string
  /** `$include` members are files of their own (OpenClaw). */
  readonly includes?: true
}

export interface HostTable {
  readonly id: string
  readonly title: string
  /** Any of these is there when the host is. */
  traces(ground: Ground): readonly string[]
  places(ground: Ground): readonly Place[]
  /** What `sallyport init` wires; absent where there is no hook of ours. */
  readonly wired?: boolean
  /** Runs tools of its own, besides MCP servers. */
  readonly ownTools: boolean
}
