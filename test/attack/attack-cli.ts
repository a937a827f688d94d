import { run } from '../../packages/gateway/src/cli/attack/attack.ts'
import type { attackReport } from '../../packages/gateway/src/cli/attack/report.ts'
import type { CliIo, CliOptions, GatewayClient } from '../../packages/gateway/src/cli/command.ts'

const NEVER: GatewayClient = {
  request: () => Promise.reject(new Error('no gateway')),
  stream: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no gateway')) }) }),
  alive: async () => false,
}

/** Runs `sallyport attack` in this process. */
export async function attack(
  options: CliOptions,
  io: Partial<CliIo> = {},
): Promise<{ readonly code: number; readonly out: string }> {
  let out = ''
  const base: CliIo = {
    out: (text) => void (out += `${text}\n`),
    err: () => undefined,
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
    ...io,
  }
  return { code: await run(base, [], options), out }
}

export type AttackReport = ReturnType<typeof attackReport>

/** The same with `--json`, read. */
export async function attackJson(
  options: CliOptions,
): Promise<{ readonly code: number; readonly report: AttackReport }> {
  const { code, out } = await attack(options, { json: true })
  return { code, report: JSON.parse(out) as AttackReport }
}
