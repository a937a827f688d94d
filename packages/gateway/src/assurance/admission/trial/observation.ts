import { CAPABILITIES, type Capability } from '../capabilities.ts'
import type { SkillVersion } from '../register.ts'

/** What one command of a trial did, as far as it was seen. Texts are those of the skill: escape them where they are shown. */
export interface TrialRun {
  readonly command: readonly string[]
  readonly code: number
  readonly timedOut: boolean
  /** The end of what it said, cut. */
  readonly said: string
}

/** What a skill did in its trial, against what its review found that it can do (E-80). */
export interface Trial {
  /** ms since 1970. */
  readonly at: number
  readonly by: string
  readonly runs: readonly TrialRun[]
  /** Paths below the scratch workspace (`skill/…` its own, `work/…` the data) and below the home (`~/…`). */
  readonly files: readonly { readonly path: string; readonly did: 'added' | 'changed' | 'removed' }[]
  /** Places that were asked for; none was reached. */
  readonly connections: readonly string[]
  /** Names of programs that were seen running; short ones may be missed. */
  readonly programs: readonly string[]
  /** False secrets that were read, or said again. */
  readonly secrets: readonly string[]
  readonly capabilities: readonly Capability[]
  /** Of those, what the review did not find. */
  readonly beyond: readonly Capability[]
}

/** Files that something obeys later: shells, schedulers, agents, editors, Git. */
const STARTS =
  /(?:^|\/)(?:\.(?:bashrc|bash_profile|profile|zshrc|zprofile|envrc)|\.git\/hooks\/|\.config\/(?:autostart|systemd)\/|\.(?:claude|codex|cursor|vscode)\/|crontab|AGENTS\.md|CLAUDE\.md)/

/** The programs that run a script itself are no programs of its own. */
const RUNNERS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'python3', 'node', 'perl', 'ruby', 'MainThread'])

/** What was seen as capabilities, so that it can be held against a review. */
export function trialOf(
  seen: Omit<Trial, 'capabilities' | 'beyond'>,
  reviewed: Pick<SkillVersion, 'capabilities'>,
): Trial {
  const { files, connections, programs, secrets } = seen
  const own = (path: string): boolean => path.startsWith('skill/')
  const does: Readonly<Record<Capability, boolean>> = {
    network: connections.length > 0,
    'changes-data': files.some(({ path, did }) => !own(path) || did !== 'added'),
    'runs-programs': programs.some((name) => !RUNNERS.has(name)),
    'reads-secrets': secrets.length > 0,
    'starts-itself': files.some(({ path }) => STARTS.test(path)),
  }
  const capabilities = CAPABILITIES.filter((one) => does[one])
  return { ...seen, capabilities, beyond: capabilities.filter((one) => !reviewed.capabilities.includes(one)) }
}
