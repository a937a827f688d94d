import { run } from '../../packages/gateway/src/cli/attack/attack.ts'
import type { attackReport } from '../../packages/gateway/src/cli/attack/report.ts'
import type { CliIo, CliOptions } from '../../packages/gateway/src/cli/command.ts'
import { cliFrame } from '../cli/frame.ts'

/** Runs `sallyport attack` in this process. */
export async function attack(
  options: CliOptions,
  more: Partial<CliIo> = {},
): Promise<{ readonly code: number; readonly out: string }> {
  const { io, said } = cliFrame(more)
  return { code: await run(io, [], options), out: said.out }
}

export type AttackReport = ReturnType<typeof attackReport>

/** The same with `--json`, read. */
export async function attackJson(
  options: CliOptions,
): Promise<{ readonly code: number; readonly report: AttackReport }> {
  const { code, out } = await attack(options, { json: true })
  return { code, report: JSON.parse(out) as AttackReport }
}
