import { cpus } from 'node:os'
import { crashRounds } from '../test/crash/rounds.ts'
import { killRounds } from '../test/e2e/kill.ts'

const ROUNDS = 200

/**
 * kill -9 under load: of the process that writes the log, and of a whole gateway in front of a real server.
 *
 *   npm run bench -- crash [--rounds=N] [--json]
 */
export async function run(args: readonly string[]): Promise<number> {
  const asked = args.find((arg) => arg.startsWith('--rounds='))?.slice('--rounds='.length)
  const rounds = asked === undefined ? ROUNDS : Number(asked)
  const tell =
    (what: string) =>
    (round: number): void => {
      if (round % 10 === 0) process.stderr.write(`${what}: round ${round} of ${rounds}\n`)
    }
  const { acknowledged, lost, written, report } = await crashRounds(rounds, tell('log'))
  const gateway = await killRounds(rounds, 16, tell('gateway'))
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`
  const log = { acknowledged, lost, written, verifies: report.ok }
  const result = { what: 'kill -9 under load', rounds, log, gateway, machine }
  const { answered, executed, twice, withoutIntent, fault } = gateway
  process.stdout.write(
    args.includes('--json')
      ? `${JSON.stringify(result)}\n`
      : `${rounds} kills of the log writer, 64 callers: ${acknowledged} records acknowledged, ${lost} lost, ${written} in the log, ${
          report.ok ? 'the log verifies' : 'THE LOG DOES NOT VERIFY'
        }
${rounds} kills of a gateway, 16 callers: ${answered} calls answered, ${executed} executed, ${twice.length} twice, ${
          withoutIntent.length
        } without intent, ${fault === '' ? 'the log verifies' : `THE LOG DOES NOT VERIFY: ${fault}`}
${machine}
`,
  )
  const sound = lost === 0 && report.ok && twice.length + withoutIntent.length === 0 && fault === ''
  return sound ? 0 : 1
}
