/** 200 rounds of kill -9 under 64 callers. `npm run bench -- crash [--rounds=N] [--json]` */
import { cpus } from 'node:os'
import { crashRounds } from '../test/crash/rounds.ts'

const ROUNDS = 200

export async function run(args: readonly string[]): Promise<number> {
  const asked = args.find((arg) => arg.startsWith('--rounds='))?.slice('--rounds='.length)
  const rounds = asked === undefined ? ROUNDS : Number(asked)
  const { acknowledged, lost, written, report } = await crashRounds(rounds, (round) => {
    if (round % 10 === 0) process.stderr.write(`round ${round} of ${rounds}\n`)
  })
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`
  const result = { what: 'kill -9 under 64 callers', rounds, acknowledged, lost, written, verifies: report.ok, machine }
  process.stdout.write(
    args.includes('--json')
      ? `${JSON.stringify(result)}\n`
      : `${rounds} rounds of kill -9: ${acknowledged} records acknowledged, ${lost} lost, ${written} in the log, ${
          report.ok ? 'the log verifies' : 'THE LOG DOES NOT VERIFY'
        }\n${machine}\n`,
  )
  return lost === 0 && report.ok ? 0 : 1
}
