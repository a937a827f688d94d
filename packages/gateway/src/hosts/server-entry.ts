import { isJsonObject } from '@sallyport/core'

/** One MCP server entry of a client's configuration. */
export interface ServerEntry {
  /** Keys from the root of the file. */
  readonly path: readonly (string | number)[]
  readonly name: string
  readonly command: string | undefined
  readonly args: readonly string[]
  /** Names of variables. */
  readonly env: readonly string[]
  readonly url: string | undefined
}

export type EntryState = 'stdio' | 'wrapped' | 'remote' | 'unreadable'

/** An entry in any of the spellings that clients use; undefined for what is no object. */
export function readEntry(path: ServerEntry['path'], value: unknown): ServerEntry | undefined {
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

/** The command that a wrapped entry wraps; undefined for an entry that is not ours. */
export function unwrapped(entry: Pick<ServerEntry, 'args'>): { command: string; args: readonly string[] } | undefined {
  const [program = '', mcp, wrap] = entry.args
  const end = entry.args.indexOf('--')
  const command = entry.args[end + 1]
  if (!/(^|[\\/])sallyport(\.js)?$/.test(program) || mcp !== 'mcp' || wrap !== 'wrap') return undefined
  return end === -1 || command === undefined ? undefined : { command, args: entry.args.slice(end + 2) }
}
