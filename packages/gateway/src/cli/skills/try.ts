import { escapeText } from '@sallyport/core/approval/escape'
import { keepTrial } from '../../assurance/admission/decide.ts'
import { trySkill } from '../../assurance/admission/trial/try-skill.ts'
import { systemClock } from '../../clock.ts'
import { SANDBOX_MODES } from '../../execution/sandbox/start.ts'
import { systemRandom } from '../../random.ts'
import { safeJson } from '../approvals/json.ts'
import type { CommandRun } from '../command.ts'
import { printTrial, shortHash } from './print.ts'
import { accountName, asJson, reviewOf, storeOf } from './room.ts'

/** `skills try NAME`: 0 it did what its review found · 1 it did more · 2 usage, nothing to run · 3 there is no sandbox. */
export const run: CommandRun = async (io, [name = '', ...command], options) => {
  const { hash, capabilities } = (await reviewOf(io, name, options)).version
  const store = storeOf(io, 'change')
  const deps = { clock: systemClock, random: systemRandom, backends: SANDBOX_MODES.auto, by: accountName() }
  const files = await store.kept(hash)
  const trial = await trySkill({ capabilities }, files, deps, command.length === 0 ? undefined : [command])
  await keepTrial(name, hash, trial, store)
  if (io.json) io.out(safeJson(asJson({ name, hash, trial })))
  else {
    io.out(escapeText(`${name} ${shortHash(hash)}`))
    printTrial(io, trial)
  }
  return trial.beyond.length === 0 ? 0 : 1
}
