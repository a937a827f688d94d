import { toSallyportError } from '@sallyport/core'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import type { CommandRun } from '../command.ts'
import { findSite } from '../init/site.ts'
import { fail, type Check, type Examination, type Finding } from './check.ts'
import { configurationCheck, filesCheck } from './files.ts'
import { clockCheck, gatewayCheck, logCheck } from './gateway.ts'
import { hooksCheck } from './hooks.ts'
import { levelCheck } from './level.ts'
import { sandboxCheck } from './sandbox.ts'
import { coverageCheck, lookupCheck } from './surroundings.ts'
import { vaultCheck } from './vault.ts'

/** In the order in which a person would repair things. */
const CHECKS: readonly (readonly [id: string, check: Check])[] = [
  ['state', filesCheck],
  ['configuration', configurationCheck],
  ['gateway', gatewayCheck],
  ['hooks', hooksCheck],
  ['mcp', coverageCheck],
  ['path', lookupCheck],
  ['sandbox', sandboxCheck],
  ['vault', vaultCheck],
  ['level', levelCheck],
  ['log', logCheck],
  ['clock', clockCheck],
]

/** Exit 1 when anything fails. `--fix` does what tightens, then looks again. */
export const run: CommandRun = async (io, _args, options) => {
  const on: Examination = {
    io,
    site: { ...findSite(io, {}), agent: undefined },
    env: environment(),
    uid: process.getuid?.() ?? -1,
    now: systemClock.now(),
  }
  let findings = await examine(on)
  const repairs = options['fix'] === true ? findings.filter(({ tighten }) => tighten !== undefined) : []
  for (const { tighten } of repairs) tighten?.()
  if (repairs.length > 0) findings = await examine(on)
  if (io.json) {
    io.out(
      JSON.stringify({
        ok: !findings.some(isFailure),
        fixed: repairs.map(({ id }) => id),
        checks: findings.map(plain),
      }),
    )
  } else {
    for (const finding of findings) io.out(line(finding))
    if (repairs.length > 0) io.out(`Fixed: ${repairs.map(({ id, detail }) => `${id} (${detail})`).join(' ')}`)
  }
  return findings.some(isFailure) ? 1 : 0
}

async function examine(on: Examination): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const [id, check] of CHECKS) {
    try {
      findings.push(...(await check(on)))
    } catch (thrown) {
      findings.push(fail(id, `The check itself failed: ${toSallyportError(thrown).message}`, 'Report this.'))
    }
  }
  return findings
}

const isFailure = ({ status }: Finding): boolean => status === 'fail'
const plain = ({ id, status, detail, fix }: Finding) => ({ id, status, detail, ...(fix === undefined ? {} : { fix }) })
const line = ({ id, status, detail, fix }: Finding): string =>
  `${status.padEnd(4)}  ${id.padEnd(20)}  ${detail}${fix === undefined ? '' : `\n      ${' '.repeat(20)}  → ${fix}`}`
