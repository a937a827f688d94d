import { isJsonObject } from '@sallyport/core'
import { serverAlias } from '../../hosts/server-alias.ts'
import type { ConfigPath } from './text/config-text.ts'

/** How a wrapped entry starts Sallyport: absolute paths only, never npx or PATH (T-038). */
export interface WrapCommand {
  readonly node: string
  readonly program: string
  readonly stateDir: string
  readonly agent: string
}

/** One MCP server entry of a client's configuration. */
export interface ServerEntry {
  readonly path: ConfigPath
  readonly name: string
  readonly command: string | undefined
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly url: string | undefined
}

export type EntryState = 'stdio' | 'wrapped' | 'remote' | 'unreadable'

export function readEntry(path: ConfigPath, value: unknown): ServerEntry | undefined {
  if (!isJsonObject(value)) return undefined
  const args: unknown = value['args'] ?? []
  const env: unknown = value['env'] ?? {}
  const strings = Array.isArray(args) && args.every((word): word is string => typeof word === 'string')
  const url = value['url'] ?? value['serverUrl'] ?? value['httpUrl']
  return {
    path,
    name: String(path.at(-1)),
    command: typeof value['command'] === 'string' && strings && isJsonObject(env) ? value['command'] : undefined,
    args: strings ? args : [],
    env: isJsonObject(env) ? Object.keys(env) : [],
    url: typeof url === 'string' ? url : undefined,
  }
}

export function entryState(entry: ServerEntry): EntryState {
  if (entry.command === undefined) return entry.url === undefined ? 'unreadable' : 'remote'
  return unwrapped(entry) === undefined ? 'stdio' : 'wrapped'
}

/** The arguments that run the entry's own command through the gateway. The environment stays where the client keeps it. */
export function wrappedArgs(entry: ServerEntry, alias: string, of: WrapCommand): readonly string[] {
  return [
    of.program,
    'mcp',
    'wrap',
    '--state',
    of.stateDir,
    '--agent',
    of.agent,
    '--server',
    alias,
    ...(entry.env.length === 0 ? [] : ['--env', entry.env.join(',')]),
    '--',
    entry.command ?? '',
    ...entry.args,
  ]
}

/** The command that a wrapped entry wraps; undefined for an entry that is not ours. */
export function unwrapped(entry: Pick<ServerEntry, 'args'>): { command: string; args: readonly string[] } | undefined {
  const [program = '', mcp, wrap] = entry.args
  const end = entry.args.indexOf('--')
  const command = entry.args[end + 1]
  if (!/(^|[\\/])sallyport(\.js)?$/.test(program) || mcp !== 'mcp' || wrap !== 'wrap') return undefined
  return end === -1 || command === undefined ? undefined : { command, args: entry.args.slice(end + 2) }
}

/** The agent that a wrapped entry speaks for. */
export const agentOf = (args: readonly string[]): string | undefined => {
  const at = args.indexOf('--agent')
  return at === -1 || at > args.indexOf('--') ? undefined : args[at + 1]
}

/**
 * Gives every entry an alias: the name in the form that aliases have, made unique. The same command under the same name in
 * two clients is one server; another command under the same name gets the client's name behind it.
 */
export function assignAlias(entry: ServerEntry, client: string, taken: Map<string, string>): string {
  const launch = JSON.stringify([entry.command, entry.args, entry.env])
  const base = serverAlias(entry.name)
  const candidates = [base, serverAlias(`${base.slice(0, 31 - client.length)}-${client}`)]
  for (let n = 2; ; n++) {
    const alias = candidates.shift() ?? serverAlias(`${base.slice(0, 28)}-${n}`)
    const holder = taken.get(alias)
    if (holder === undefined || holder === launch) {
      taken.set(alias, launch)
      return alias
    }
  }
}
