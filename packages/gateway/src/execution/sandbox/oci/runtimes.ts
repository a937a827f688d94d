import { sha256, type SandboxNetwork, type SeccompProfile } from '@sallyport/core'
import { ATTEND, gateScript, type GateDescriptors } from '../gate.ts'
import { realOf } from '../host.ts'
import { rlimitsOf, type Rlimits } from '../launch.ts'
import { INNER_ID } from '../inside.ts'
import type { InForce, SandboxOrder } from '../sandbox.ts'
import { namespacesOf, requireVerified } from '../verify.ts'
import type { Shown } from '../view.ts'
import type { OciConfig } from './config.ts'
import { lookAtGvisor } from './gvisor.ts'
import { ociSeccomp } from './seccomp.ts'

/** Descriptors of an OCI runtime beyond the command's three. */
export const FD: GateDescriptors = { gate: 3, channel: 4 }

/** Host ids of what starts a sandbox and of what waits at its gate, and what they should be. */
export interface LookedAt {
  readonly maker: number
  readonly waiting: number
  readonly shown: readonly Shown[]
  readonly uid: number
}
export type Looked = Pick<InForce, 'uid' | 'namespaces'>

/** What a runtime is told beyond what all are told. */
export interface OciRuntime {
  readonly name: 'crun' | 'runsc'
  /** Of the process, inside. */
  readonly innerId: number
  /** Command line, behind which the words of `run` follow. */
  readonly command: (state: string) => readonly string[]
  readonly run: readonly string[]
  /** What runs first inside. */
  readonly args: (order: SandboxOrder) => readonly string[]
  /** Those bounds of processes that it sets itself. */
  readonly bounds: (all: Required<Rlimits>) => Rlimits
  /** Bounds of the runtime itself, outside. */
  readonly limits: (order: SandboxOrder) => Rlimits
  readonly complete: (config: OciConfig, seccomp: Seccomp, outerId: number | undefined) => OciConfig
  /** SHA-256 of what filters calls. */
  readonly filter: (seccomp: Seccomp) => string
  readonly networks: readonly SandboxNetwork[]
  readonly needsRoot: boolean
  /** The kernel of the host is the one that the command runs on: what is mounted below a shown directory is there as well. */
  readonly sharesKernel: boolean
  /** Every shown path is staged as it may be used where the mounts of the runtime do not say it. */
  readonly stages: 'private' | 'every'
  /** @throws SallyportError SP_SANDBOX_UNVERIFIED */
  readonly look: (at: LookedAt) => Looked
  readonly unverified: readonly string[]
}

interface Seccomp {
  readonly profile: SeccompProfile
  /** Compiled. */
  readonly program: Uint8Array
}

/** The first process inside, which is counted with the command's. */
export const OWN_PROCESSES = 1
const SHELL = ['/bin/sh', '-c']

/** crun shares the kernel, so all that is looked at with bubblewrap is looked at here, and the gate stands inside. */
const CRUN: OciRuntime = {
  name: 'crun',
  innerId: INNER_ID,
  command: (state) => ['crun', '--root', state, '--cgroup-manager=disabled'],
  run: ['--preserve-fds=2', '--no-new-keyring'],
  // crun sets bounds before there is a user namespace: there it would be one over all processes of this user
  args: ({ command, profile }) => [
    ...['prlimit', `--nproc=${rlimitsOf(profile.limits, OWN_PROCESSES).nproc}`, '--'],
    ...[...SHELL, gateScript(realOf(process.execPath), FD, ATTEND), ...command],
  ],
  bounds: ({ fsize, data, core, nofile }) => ({ fsize, data, core, nofile }),
  limits: () => ({ core: 1 }),
  complete: (config, { program }, outerId = process.getuid?.() ?? -1) => {
    const map = [{ containerID: INNER_ID, hostID: outerId, size: 1 }]
    const namespaces = [...config.linux.namespaces, { type: 'user' }, { type: 'cgroup' }]
    return {
      ...config,
      linux: { ...config.linux, namespaces, uidMappings: map, gidMappings: map },
      // the very program that bubblewrap loads
      annotations: { 'run.oci.seccomp_bpf_data': Buffer.from(program).toString('base64') },
    }
  },
  filter: ({ program }) => sha256(program),
  networks: ['none', 'loopback', 'allowlist'],
  needsRoot: false,
  sharesKernel: true,
  stages: 'private',
  look: ({ waiting, shown, uid }) => ({
    uid: requireVerified({ pid: waiting, shown, uid }),
    namespaces: namespacesOf(waiting),
  }),
  unverified: [],
}

/** Threads of gVisor's kernel and its file server, which the host counts with the processes of the command. */
const RUNSC_THREADS = 100
/** gVisor is a kernel of its own: the filter and the capabilities are that kernel's, and the gate stands before it is told to run. */
const RUNSC: OciRuntime = {
  name: 'runsc',
  // without root there is one id, which its file server shows as 0; it has no capability
  innerId: 0,
  command: (state) => [
    ...['runsc', '--rootless', '--root', state, '--ignore-cgroups', '--network=none', '--platform=ptrace'],
    '--oci-seccomp',
  ],
  run: [],
  args: ({ command }) => [...SHELL, ATTEND, ...command],
  bounds: (all) => all,
  limits: ({ profile }) => ({ core: 1, nproc: rlimitsOf(profile.limits, RUNSC_THREADS).nproc }),
  complete: (config, { profile }) => ({
    ...config,
    linux: { ...config.linux, seccomp: ociSeccomp(profile) },
    hooks: { prestart: [{ path: '/bin/sh', args: ['sh', '-c', `read -r word <&${FD.gate} && test "$word" = go`] }] },
  }),
  filter: ({ profile }) => sha256(JSON.stringify(ociSeccomp(profile))),
  // what listens inside listens in gVisor's own network, which cannot be handed out
  networks: ['none', 'loopback'],
  needsRoot: true,
  sharesKernel: false,
  stages: 'every',
  look: lookAtGvisor,
  unverified: [
    'capabilities, filter of system calls and network inside: they are those of gVisor’s own kernel',
    'the filter of gVisor’s kernel itself, which it sets when the command starts',
  ],
}

export const OCI_RUNTIMES = { crun: CRUN, runsc: RUNSC } as const
