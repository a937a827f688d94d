import type { LaunchSpec, SandboxProfile } from '@sallyport/core'
import type { RequestsConfig } from '../../config/requests-schema.ts'
import type { CommandNote } from '../commands/definitions.ts'

/** How a server behind the gateway is reached. Policy data (T-086): an argv array, never a shell line. */
export type ServerSpec = StdioServerSpec | CommandServerSpec | RequestServerSpec | RemoteServerSpec

interface ServerSpecBase {
  readonly alias: string
  /** Longest silence in ms before a request is given up; progress starts it anew, ten times it is the end. */
  readonly timeoutMs: number
}

export interface StdioServerSpec extends ServerSpecBase {
  readonly transport: 'stdio'
  readonly command: readonly string[]
  readonly cwd?: string
  /** Added to PATH, HOME, LANG and TERM; nothing else of the gateway's environment reaches the server. */
  readonly env: Readonly<Record<string, string>>
  /** Absent: it runs with the rights of the gateway's account. */
  readonly sandbox?: SandboxProfile
}

/** Commands of the configuration, which this process runs in sandboxes. */
export interface CommandServerSpec extends ServerSpecBase {
  readonly transport: 'commands'
  readonly commands: Readonly<Record<string, CommandNote>>
  readonly cwd?: string
  readonly env: Readonly<Record<string, string>>
  readonly sandbox: SandboxProfile
}

/** Tools by which this process asks other hosts. */
export interface RequestServerSpec extends ServerSpecBase {
  readonly transport: 'requests'
  readonly requests: RequestsConfig
}

export interface RemoteServerSpec extends ServerSpecBase {
  readonly transport: 'http' | 'sse'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * How a server is launched, as pins cover it and reviewers see it (T-083). Values of variables and headers are left out: they
 * are often secrets that rotate; their names say what the server is given.
 */
export function launchOf(spec: ServerSpec): LaunchSpec {
  if (spec.transport === 'commands') return { transport: 'commands', commands: JSON.stringify(spec.commands) }
  if (spec.transport === 'requests')
    return { transport: 'requests', requests: Object.keys(spec.requests).sort().join(', ') }
  if (spec.transport !== 'stdio') return { transport: spec.transport, url: spec.url }
  return { transport: 'stdio', command: spec.command, env: Object.keys(spec.env).sort() }
}

/** One word for what confines a server. */
export function confinementOf(spec: ServerSpec): string {
  switch (spec.transport) {
    case 'http':
    case 'sse':
      return 'remote'
    case 'requests':
      return 'gateway'
    default:
      return spec.sandbox === undefined ? 'unsandboxed' : 'sandboxed'
  }
}
