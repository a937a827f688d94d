import { serverAlias } from '../../hosts/server-alias.ts'
import type { ServerEntry } from '../../hosts/server-entry.ts'

/** How a wrapped entry starts Sallyport: absolute paths only, never npx or PATH (T-038). */
export interface WrapCommand {
  readonly node: string
  readonly program: string
  readonly stateDir: string
  readonly agent: string
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
