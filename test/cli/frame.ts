import type { CliIo, GatewayClient } from '../../packages/gateway/src/cli/command.ts'

const NEVER: GatewayClient = {
  request: () => Promise.reject(new Error('no gateway')),
  stream: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no gateway')) }) }),
  alive: async () => false,
}

/** What a command of the command line is run with in a test: it is heard, and there is no gateway and no configuration. */
export function cliFrame(more: Partial<CliIo> = {}): {
  readonly io: CliIo
  readonly said: { out: string; err: string }
} {
  const said = { out: '', err: '' }
  const io: CliIo = {
    out: (text) => void (said.out += `${text}\n`),
    err: (text) => void (said.err += `${text}\n`),
    json: false,
    quiet: false,
    color: false,
    isTerminal: false,
    cwd: '/',
    stateDir: '/nonexistent',
    configPath: undefined,
    commandPaths: [],
    gateway: NEVER,
    signal: new AbortController().signal,
    ...more,
  }
  return { io, said }
}
