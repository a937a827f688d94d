import { isatty } from 'node:tty'
import { findConfig, layout, stateDirectory } from '../config/paths.ts'
import { operatorClient } from './client.ts'
import type { CliIo, GatewayClient } from './command.ts'

export interface GlobalOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly color?: boolean
  readonly config?: string
  readonly state?: string
}

/** The process as commands see it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly signal: AbortSignal
  readonly commandPaths?: readonly string[]
}

export function createIo(options: GlobalOptions, around: Surroundings): CliIo {
  const stateDir = stateDirectory(options.state, around.env)
  const isTerminal = isatty(1)
  const color = options.color !== false && isTerminal && (around.env['NO_COLOR'] ?? '') === ''
  let client: GatewayClient | undefined
  const line = (write: (text: string) => void) => (text: string) => write(text.endsWith('\n') ? text : `${text}\n`)
  return {
    out: line(around.out),
    err: options.quiet === true ? () => undefined : line(around.err),
    json: options.json === true,
    quiet: options.quiet === true,
    color,
    isTerminal,
    cwd: around.cwd,
    stateDir,
    configPath: findConfig(options.config, around.env),
    get gateway() {
      return (client ??= operatorClient(layout(stateDir).operatorSocket, around.signal))
    },
    signal: around.signal,
    commandPaths: around.commandPaths ?? [],
  }
}
