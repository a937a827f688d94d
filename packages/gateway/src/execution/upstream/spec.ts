import { digest, type JsonObject } from '@sallyport/core'

/** How a server behind the gateway is reached. Policy data (T-086): an argv array, never a shell line. */
export type ServerSpec = StdioServerSpec | RemoteServerSpec

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
}

export interface RemoteServerSpec extends ServerSpecBase {
  readonly transport: 'http' | 'sse'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Digest of how a server is launched; part of every pin (T-083). Values of environment variables and headers are left out:
 * they are often secrets that rotate, and their names say what the server is given.
 */
export function launchDigest(spec: ServerSpec): string {
  return digest('sallyport/launch/1', launchView(spec))
}

/** What a reviewer sees of a launch spec, without values that may be secret. */
export function launchView(spec: ServerSpec): JsonObject {
  if (spec.transport === 'stdio') {
    const { transport, command, env } = spec
    return { transport, command, cwd: spec.cwd ?? '', env: Object.keys(env).sort() }
  }
  const { transport, url, headers } = spec
  return { transport, url, headers: Object.keys(headers).map((name) => name.toLowerCase()).sort() }
}
