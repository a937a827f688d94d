/** What a probe is about; the boundaries of SC6 and of the isolation suite. */
export const PROBE_CATEGORIES = [
  'namespaces',
  'files',
  'persistence',
  'syscalls',
  'capabilities',
  'network',
  'resources',
  'proc',
  'descriptors',
  'terminal',
  'secrets',
  'usable',
] as const
export type ProbeCategory = (typeof PROBE_CATEGORIES)[number]

/**
 * One attempt to get out, or, in `usable`, one thing that ordinary work needs. The script ends with 0 when it got what it wanted: for an
 * attempt that is an escape. Harmless where nothing stops it, so that it can be shown to bite.
 */
export interface Probe {
  readonly id: string
  readonly category: ProbeCategory
  readonly language: 'sh' | 'perl' | 'python3' | 'node'
  /** `@NAME@` stands for a member of {@link ProbeGround}. */
  readonly script: string
}

/** What a runner puts on the host for probes to reach, and where to. */
export interface ProbeGround {
  /** A directory outside of the workspace with a file `secret` that everybody may read and write. */
  readonly outside: string
  /** What `secret` holds. */
  readonly canary: string
  /** The workspace, a git repository. */
  readonly workspace: string
  /** Host process that anybody could signal, if they saw it. */
  readonly pid: number
  /** TCP port of a listener on 127.0.0.1 and ::1 of the host. */
  readonly port: number
  /** UDP port on 127.0.0.1 of the host; what arrives there is an escape. */
  readonly udp: number
  /** Name of a listener in the abstract namespace of Unix sockets. */
  readonly abstract: string
  /** MD5 of the command line of the host's kernel. */
  readonly boot: string
  /** A variable of the runner's environment with the canary in it. */
  readonly variable: string
}

/** The script with the ground filled in. */
const probeScript = ({ script }: Probe, ground: ProbeGround): string =>
  script.replace(/@([A-Z]+)@/g, (all, name: string) => String(ground[name.toLowerCase() as keyof ProbeGround] ?? all))

/** Command line that runs a script. */
export function probeCommand(probe: Probe, ground: ProbeGround): readonly string[] {
  const script = probeScript(probe, ground)
  return [probe.language, probe.language === 'sh' || probe.language === 'python3' ? '-c' : '-e', script]
}

export const probes = (
  category: ProbeCategory,
  language: Probe['language'],
  scripts: Readonly<Record<string, string>>,
): readonly Probe[] =>
  Object.entries(scripts).map(([id, script]) => ({ id: `${category}/${id}`, category, language, script }))
