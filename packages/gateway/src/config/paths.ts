import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'

type Environment = Readonly<Record<string, string | undefined>>

/** Where a gateway keeps what is its own. Never relative to the working directory (T-057). */
export function stateDirectory(flag: string | undefined, env: Environment): string {
  if (flag !== undefined) return resolve(flag)
  const data = env['XDG_DATA_HOME']
  return join(data?.startsWith('/') === true ? data : join(homedir(), '.local', 'share'), 'sallyport')
}

/** Flag, then the user's, then the machine's configuration. The working directory never counts (T-039). */
export function findConfig(flag: string | undefined, env: Environment): string | undefined {
  if (flag !== undefined) return resolve(flag)
  const home = env['XDG_CONFIG_HOME']
  const user = join(home?.startsWith('/') === true ? home : join(homedir(), '.config'), 'sallyport', 'sallyport.yaml')
  return [user, '/etc/sallyport/sallyport.yaml'].find((path) => existsSync(path))
}

/** Files of one gateway, by state directory. */
export const layout = (stateDir: string) =>
  Object.freeze({
    stateDir,
    keys: join(stateDir, 'keys'),
    store: join(stateDir, 'state.db'),
    run: join(stateDir, 'run'),
    agentSocket: join(stateDir, 'run', 'agent.sock'),
    operatorSocket: join(stateDir, 'run', 'operator.sock'),
    info: join(stateDir, 'run', 'gateway.json'),
    lock: join(stateDir, 'run', 'gateway.lock'),
    log: join(stateDir, 'gateway.log'),
    agents: join(stateDir, 'agents'),
    /** What `sallyport run` keeps: sockets of ways out, and files that are shown inside. */
    confined: join(stateDir, 'run', 'confined'),
    /** Home directories of agents that run confined, by name. */
    homes: join(stateDir, 'homes'),
    cache: join(stateDir, 'cache'),
    rules: join(stateDir, 'rules'),
    /** Skills that were taken in: their register, kept copies, and what is in force or waits. */
    skills: join(stateDir, 'skills'),
    /** The console's own authority and certificate. */
    tls: join(stateDir, 'tls'),
  })
export type Layout = ReturnType<typeof layout>

/** What `sun_path` holds on Linux without its ending NUL, in bytes (unix(7)). */
const LONGEST_SOCKET = 107

/** @throws SallyportError SP_CONFIG_INVALID for a path at which the kernel makes no socket */
export function requireSocketPath(path: string): void {
  const length = Buffer.byteLength(path)
  if (length <= LONGEST_SOCKET) return
  const what = `${path} has ${length} bytes, and the path of a socket may have ${LONGEST_SOCKET}.`
  throw new SallyportError('SP_CONFIG_INVALID', `${what} Choose a shorter state directory with --state.`)
}
