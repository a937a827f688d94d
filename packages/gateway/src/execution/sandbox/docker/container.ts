import type { SandboxProfile } from '@sallyport/core'
import { HOME, HOSTNAME, MASKED_DIRECTORIES, MASKED_FILES, RUN_SIZE, SHM_SIZE } from '../inside.ts'
import { SYSTEM_PATH } from '../launch.ts'
import type { Shown, View } from '../view.ts'
import { DOOR } from './hand-over.ts'

/** One sandbox in the terms of a Docker engine. */
export interface DockerCall {
  readonly image: string
  readonly profile: SandboxProfile
  /** With what else is shown in `/etc`. */
  readonly view: View
  /** Command line of the first process. */
  readonly args: readonly string[]
  /** Where a shown path is found while the sandbox is made. */
  readonly sourceOf: (shown: Shown) => string
  /** Directory that holds the door. */
  readonly place: string
  readonly uid: number
  readonly gid: number
  /** RLIMIT_* by their lower-case names. */
  readonly rlimits: Readonly<Record<string, number>>
  /** Processes that the engine counts. */
  readonly processes: number
  /** Says whether the host has this entry of `/proc`. */
  readonly inProc: (name: string) => boolean
  /** Profile that the kernel has; undefined: none of ours. */
  readonly appArmor: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

export const PROC_SYS = '/proc/sys'
const SYS = '/sys'

/** Private places with their options: of nobody else's, and gone with the sandbox. */
const privateOf = ({ profile, uid, gid }: DockerCall): Readonly<Record<string, string>> => {
  const { tmpSize } = profile.limits
  const own = `uid=${uid},gid=${gid}`
  return {
    '/tmp': `exec,mode=1777,size=${tmpSize}`,
    '/var/tmp': `exec,mode=1777,size=${tmpSize}`,
    '/dev/shm': `exec,mode=1777,size=${SHM_SIZE}`,
    '/run': `exec,mode=0755,size=${RUN_SIZE},${own}`,
    [HOME]: `exec,mode=0700,size=${tmpSize},${own}`,
  }
}

/** What of the host is bound where: the view and the door. */
const boundOf = ({
  view,
  sourceOf,
  place,
}: DockerCall): readonly { source: string; path: string; writable: boolean }[] => [
  ...view.shown.map((one) => ({ source: sourceOf(one), path: one.path, writable: one.writable })),
  { source: `${place}/${DOOR.name}`, path: DOOR.inside, writable: false },
]

const maskedOf = ({ inProc }: DockerCall): readonly string[] => [
  SYS,
  ...[...MASKED_FILES, ...MASKED_DIRECTORIES].filter(inProc).map((name) => `/proc/${name}`),
]

/**
 * Every mount point but the root's: of file systems that are the container's alone, of what is bound, and of what covers parts of
 * `/proc` and `/sys`.
 */
export const mountPointsOf = (call: DockerCall): Readonly<Record<'own' | 'bound' | 'covers', readonly string[]>> => ({
  own: ['/proc', '/dev', '/dev/pts', '/dev/mqueue', ...Object.keys(privateOf(call))],
  bound: boundOf(call).map(({ path }) => path),
  covers: [PROC_SYS, ...maskedOf(call)],
})

/** What SEC-6.1 asks of a container (ND-6.1.a), as data: nothing is read, nothing is started. */
export function containerOf(call: DockerCall): object {
  const { profile, args, uid, gid, rlimits, appArmor } = call
  const { limits } = profile
  const [program = '', ...rest] = args
  return {
    Image: call.image,
    Entrypoint: [program],
    Cmd: rest,
    User: `${uid}:${gid}`,
    Hostname: HOSTNAME,
    WorkingDir: '/',
    // the command's own goes past the engine
    Env: [`PATH=${SYSTEM_PATH}`],
    Labels: call.labels,
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      AutoRemove: true,
      NetworkMode: 'none',
      IpcMode: 'none',
      PidMode: '',
      UTSMode: '',
      CgroupnsMode: 'private',
      Privileged: false,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: [
        'no-new-privileges',
        // the first process sets ours: an engine would compile another from its rules
        'seccomp=unconfined',
        ...(appArmor === undefined ? [] : [`apparmor=${appArmor}`]),
      ],
      MaskedPaths: maskedOf(call),
      ReadonlyPaths: ['/dev', PROC_SYS],
      Tmpfs: privateOf(call),
      Mounts: boundOf(call).map(({ source, path, writable }) => ({
        ...{ Type: 'bind', Source: source, Target: path, ReadOnly: !writable },
        BindOptions: { NonRecursive: true, Propagation: 'rprivate' },
      })),
      Memory: limits.memory,
      MemorySwap: limits.memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: call.processes,
      Ulimits: Object.entries(rlimits).map(([Name, most]) => ({ Name, Soft: most, Hard: most })),
      LogConfig: { Type: 'none' },
      RestartPolicy: { Name: 'no' },
    },
  }
}
