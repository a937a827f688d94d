import { isJsonObject, type Json } from '../json/types.ts'
import { SallyportError } from '../errors/error.ts'
import { parseHostRule } from '../egress/hosts.ts'

/** What a command may do to the workspace. `copy`: it writes to a private copy, whose changes land afterwards or do not (E-69). */
export type WorkspaceAccess = 'none' | 'ro' | 'rw' | 'copy'
/**
 * `none`: not even sockets of the internet families. `loopback`: the sandbox's own, which leads nowhere. `allowlist`: its own loopback
 * with a proxy on it that opens tunnels to `allowedHosts`.
 */
export type SandboxNetwork = 'none' | 'loopback' | 'allowlist'

/** Bounds of one sandbox (ND-6.1.a). Bytes and seconds; 0 seconds = no limit. */
export interface SandboxLimits {
  readonly processes: number
  readonly memory: number
  readonly cpus: number
  readonly openFiles: number
  readonly fileSize: number
  /** Of the private `/tmp` and home directory, each. */
  readonly tmpSize: number
  /** Of all files of a copied workspace, and how many entries it may have; before and after the command. */
  readonly copySize: number
  readonly copyEntries: number
  readonly seconds: number
}

/** What a sandbox is: the same for every backend. */
export interface SandboxProfile {
  readonly name: string
  readonly workspace: WorkspaceAccess
  readonly network: SandboxNetwork
  /** For `allowlist`: `host`, `host:port`, `*.domain`; port 443 by itself, `*` for every one (ND-6.5.a). */
  readonly allowedHosts: readonly string[]
  /** What is refused even where `allowedHosts` names it. */
  readonly blockedHosts: readonly string[]
  /** Name of a shipped seccomp profile, or path of one in the JSON form of Docker. */
  readonly seccomp: string
  readonly limits: SandboxLimits
  /** Names of variables that are passed on; nothing else of the environment is. */
  readonly env: readonly string[]
  /** Absolute paths of the host that are shown read-only, beside the system's own. */
  readonly readable: readonly string[]
}

const MIB = 2 ** 20
const GIB = 2 ** 30

const LIMITS: SandboxLimits = {
  processes: 100,
  memory: 512 * MIB,
  cpus: 1,
  openFiles: 1_024,
  fileSize: GIB,
  tmpSize: 64 * MIB,
  copySize: GIB,
  copyEntries: 100_000,
  seconds: 0,
}

const TOOL: SandboxProfile = {
  name: 'tool',
  workspace: 'ro',
  network: 'none',
  allowedHosts: [],
  blockedHosts: [],
  seccomp: 'default',
  limits: { ...LIMITS, seconds: 120 },
  env: [],
  readable: [],
}

/** Profiles that are always there. A file may start from one with `extends`. */
export const SANDBOX_PROFILES: Readonly<Record<string, SandboxProfile>> = {
  /** A command that the agent runs as a tool. */
  tool: TOOL,
  /** The same for a tool that writes: on a copy, whose changes are looked at before they land. */
  edit: { ...TOOL, name: 'edit', workspace: 'copy' },
  /** `sandbox exec`: a command that works on a directory. */
  work: { ...TOOL, name: 'work', workspace: 'rw', network: 'loopback', seccomp: 'network', limits: LIMITS },
  /** A stdio MCP server: package runners need more memory and processes than one command. */
  server: {
    ...TOOL,
    name: 'server',
    workspace: 'none',
    network: 'loopback',
    seccomp: 'network',
    limits: { ...LIMITS, memory: GIB, processes: 200 },
  },
  /** `run`: a whole agent and the programs of a working day. */
  agent: {
    ...TOOL,
    name: 'agent',
    workspace: 'rw',
    network: 'allowlist',
    seccomp: 'network',
    limits: {
      ...LIMITS,
      memory: 4 * GIB,
      processes: 2_000,
      cpus: 4,
      openFiles: 8_192,
      fileSize: 8 * GIB,
      tmpSize: GIB,
    },
  },
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  workspace: ['none', 'ro', 'rw', 'copy'] satisfies WorkspaceAccess[],
  network: ['none', 'loopback', 'allowlist'] satisfies SandboxNetwork[],
}
const MEMBERS = [
  ...['extends', 'workspace', 'network', 'allowedHosts', 'blockedHosts'],
  ...['seccomp', 'limits', 'env', 'readable'],
]
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Variables that would run other code in what is started, or lead it past its limits. */
const STEERING = /^(?:LD_|DYLD_|NODE_OPTIONS$|NODE_PATH$|BASH_ENV$|ENV$|PYTHONSTARTUP$|PERL5OPT$|RUBYOPT$)/

/**
 * A profile as an operator writes it: a shipped one with some members replaced. Strict, because a member that is misspelt would
 * leave a wall out.
 * @throws SallyportError SP_SANDBOX_PROFILE naming the member
 */
export function parseSandboxProfile(name: string, json: Json): SandboxProfile {
  if (!isJsonObject(json)) throw wrong(name, 'it is not an object')
  const extra = Object.keys(json).find((member) => !MEMBERS.includes(member))
  if (extra !== undefined)
    throw wrong(name, `${JSON.stringify(extra)} is not a member; there are ${MEMBERS.join(', ')}`)
  const parent = json['extends'] ?? 'tool'
  const base =
    typeof parent === 'string' && Object.hasOwn(SANDBOX_PROFILES, parent) ? SANDBOX_PROFILES[parent] : undefined
  if (base === undefined) throw wrong(name, `extends: there are ${Object.keys(SANDBOX_PROFILES).join(', ')}`)
  for (const [member, choices] of Object.entries(CHOICES)) {
    const value = json[member]
    if (value !== undefined && !(typeof value === 'string' && choices.includes(value)))
      throw wrong(name, `${member} is one of ${choices.join(', ')}`)
  }
  const network = (json['network'] ?? base.network) as SandboxNetwork
  const allowedHosts = hosts(name, 'allowedHosts', json['allowedHosts']) ?? base.allowedHosts
  const blockedHosts = hosts(name, 'blockedHosts', json['blockedHosts']) ?? base.blockedHosts
  if (network !== 'allowlist' && allowedHosts.length > 0)
    throw wrong(name, 'allowedHosts needs `network: allowlist`; otherwise nothing is reached')
  const env = strings(name, 'env', json['env']) ?? base.env
  for (const variable of env) requirePassable(variable)
  const readable = strings(name, 'readable', json['readable']) ?? base.readable
  const odd = readable.find((path) => !path.startsWith('/') || path === '/' || /(^|\/)\.{1,2}(\/|$)|[\0\n]/.test(path))
  if (odd !== undefined) throw wrong(name, `readable: ${JSON.stringify(odd)} is not an absolute path below /`)
  const closed = readable.find((path) => CLOSED.test(path))
  if (closed !== undefined) throw wrong(name, `readable: ${closed} is not shown to anybody`)
  return {
    name,
    workspace: (json['workspace'] ?? base.workspace) as WorkspaceAccess,
    network,
    allowedHosts,
    blockedHosts,
    seccomp: seccompOf(name, json['seccomp'], network, base),
    limits: limits(name, json['limits'], base.limits),
    env,
    readable,
  }
}

/**
 * The profile with more hosts that may be reached; they are what the one who starts it gives, not what runs in it.
 * @throws SallyportError SP_SANDBOX_PROFILE for what is no host
 */
export function withHosts(profile: SandboxProfile, given: readonly string[]): SandboxProfile {
  if (given.length === 0) return profile
  for (const text of given) parseHostRule(text)
  const seccomp = profile.network === 'none' && profile.seccomp === 'default' ? 'network' : profile.seccomp
  return { ...profile, network: 'allowlist', seccomp, allowedHosts: [...profile.allowedHosts, ...given] }
}

/** @throws SallyportError SP_SANDBOX_PROFILE for a name that is none, or that steers what is started */
export function requirePassable(variable: string): void {
  if (!VARIABLE.test(variable)) throw wrong('env', `${JSON.stringify(variable)} is not the name of a variable`)
  if (STEERING.test(variable)) throw wrong('env', `${variable} would run other code in what is started`)
}

function seccompOf(name: string, json: Json | undefined, network: SandboxNetwork, base: SandboxProfile): string {
  if (json === undefined)
    return (network === 'none') === (base.network === 'none')
      ? base.seccomp
      : network === 'none'
        ? 'default'
        : 'network'
  if (typeof json !== 'string' || json === '') throw wrong(name, 'seccomp is a name or a path')
  return json
}

function hosts(name: string, member: string, json: Json | undefined): readonly string[] | undefined {
  const given = strings(name, member, json)
  for (const text of given ?? []) parseHostRule(text)
  return given
}

/** More than a timer and the kernel's scheduler take. */
const MOST: Readonly<Record<string, number>> = { cpus: 1_024, seconds: 2_000_000, processes: 4_000_000 }
/** Never work: the kernel's own, other people's, and where programs meet. */
const CLOSED = /^\/(?:proc|sys|dev|run|boot|var\/run|root\/?$|home\/?$)(?:\/|$)/

function limits(name: string, json: Json | undefined, base: SandboxLimits): SandboxLimits {
  if (json === undefined) return base
  if (!isJsonObject(json)) throw wrong(name, 'limits is not an object')
  const result: Record<string, number> = { ...base }
  for (const [member, value] of Object.entries(json)) {
    if (!Object.hasOwn(base, member)) throw wrong(name, `limits has no ${JSON.stringify(member)}`)
    const least = member === 'seconds' ? 0 : member === 'cpus' ? 0.01 : 1
    const most = MOST[member] ?? Number.MAX_SAFE_INTEGER
    if (typeof value !== 'number' || !(value >= least) || value > most) {
      throw wrong(name, `limits.${member} is not a number from ${least} to ${most}`)
    }
    if (member !== 'cpus' && !Number.isInteger(value)) throw wrong(name, `limits.${member} is not a whole number`)
    result[member] = value
  }
  return result as unknown as SandboxLimits
}

function strings(name: string, member: string, json: Json | undefined): readonly string[] | undefined {
  if (json === undefined) return undefined
  if (!Array.isArray(json) || !json.every((item) => typeof item === 'string'))
    throw wrong(name, `${member} is not a list of texts`)
  return json as readonly string[]
}

const wrong = (name: string, what: string): SallyportError =>
  new SallyportError('SP_SANDBOX_PROFILE', `${name}: ${what}.`)
