import type { SandboxProfile } from '@sallyport/core'
import { HOSTNAME, MASKED_DIRECTORIES, MASKED_FILES, RUN_SIZE, SHM_SIZE, HOME } from '../inside.ts'
import type { Shown, View } from '../view.ts'

/** One sandbox in the terms of the OCI runtime specification (1.0.2), before a runtime adds what is its own. */
export interface OciCall {
  readonly profile: SandboxProfile
  readonly view: View
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Where a shown path is found while the sandbox is made. */
  readonly sourceOf: (shown: Shown) => string
  /** Whether file systems may be mounted below it, which are then told apart. */
  readonly hasBelow: (shown: Shown) => boolean
  /** Of the process, inside. */
  readonly id: number
  /** RLIMIT_* by their lower-case names. */
  readonly rlimits: Readonly<Record<string, number>>
  /** Says whether the host has this entry of `/proc`. */
  readonly inProc: (name: string) => boolean
  /** Profile that the kernel has; undefined: none. */
  readonly appArmor: string | undefined
}

export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

/** The part of a `config.json` that every runtime gets. */
export interface OciConfig {
  readonly ociVersion: string
  readonly process: Readonly<Record<string, unknown>>
  readonly root: { readonly path: string; readonly readonly: true }
  readonly hostname: string
  readonly mounts: readonly OciMount[]
  readonly linux: { readonly namespaces: readonly { readonly type: string }[] } & Readonly<Record<string, unknown>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly hooks?: Readonly<Record<string, unknown>>
}

export const ROOT_DIRECTORY = 'rootfs'
const CAPABILITY_SETS = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient']
const NAMESPACES = ['pid', 'network', 'ipc', 'uts', 'mount']

/** The same for what is mounted below, which would keep its own options. */
const below = ({ writable }: Shown): readonly string[] => [...(writable ? [] : ['rro']), 'rnosuid', 'rnodev']

const tmpfs = (destination: string, size: number, mode: string): OciMount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'nodev', `mode=${mode}`, `size=${size}`],
})

/**
 * Mounts of a sandbox, outer ones first: the same allow-list and the same private places as with every backend. The root itself is
 * the bundle's, read-only, and holds nothing but mount points, links and the account database.
 */
function mountsOf({ profile, view, sourceOf, hasBelow }: OciCall): readonly OciMount[] {
  const { tmpSize } = profile.limits
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'noexec', 'mode=755', 'size=65536'] },
    {
      ...{ destination: '/dev/pts', type: 'devpts', source: 'devpts' },
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
    tmpfs('/dev/shm', SHM_SIZE, '1777'),
    tmpfs('/tmp', tmpSize, '1777'),
    tmpfs('/var/tmp', tmpSize, '1777'),
    tmpfs('/run', RUN_SIZE, '0755'),
    tmpfs(HOME, tmpSize, '0700'),
    ...view.shown.map((one) => ({
      destination: one.path,
      type: 'bind',
      source: sourceOf(one),
      options: ['rbind', one.writable ? 'rw' : 'ro', 'nosuid', 'nodev', ...(hasBelow(one) ? below(one) : [])],
    })),
  ]
}

/** What SEC-6.1 asks of a container (ND-6.1.a), as data: nothing is read, nothing is started. */
export function ociConfig(call: OciCall): OciConfig {
  const { args, env, cwd, id, rlimits, inProc } = call
  const masked = [...MASKED_FILES, ...MASKED_DIRECTORIES].filter(inProc).map((name) => `/proc/${name}`)
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: id, gid: id, umask: 0o022 },
      args,
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd,
      capabilities: Object.fromEntries(CAPABILITY_SETS.map((set) => [set, []])),
      noNewPrivileges: true,
      ...(call.appArmor === undefined ? {} : { apparmorProfile: call.appArmor }),
      rlimits: Object.entries(rlimits).map(([name, most]) => ({
        type: `RLIMIT_${name.toUpperCase()}`,
        ...{ soft: most, hard: most },
      })),
    },
    root: { path: ROOT_DIRECTORY, readonly: true },
    hostname: HOSTNAME,
    mounts: mountsOf(call),
    linux: {
      namespaces: NAMESPACES.map((type) => ({ type })),
      maskedPaths: masked,
      readonlyPaths: ['/dev', '/proc/sys'],
    },
  }
}

/** Mount points that must be there before; what another shown path holds is there with it. */
export const mountPointsOf = (mounts: readonly OciMount[]): readonly OciMount[] =>
  mounts.filter(
    ({ destination }) =>
      !mounts.some((outer) => outer.type === 'bind' && destination.startsWith(`${outer.destination}/`)),
  )
