import { severityRank } from '@sallyport/core'
import type { CallHold } from './held.ts'
import type { CodePort, CodeVerdict } from './ports-code.ts'
import type { SkillUse, SkillUsePort } from './ports-skills.ts'

/** The rest of step 4: the code that a call carries (HB-107) and the skills that it uses (HB-33, E-80). */
export function lookFurther(
  ports: { readonly code?: CodePort | undefined; readonly skills?: SkillUsePort | undefined },
  use: SkillUse,
): Promise<CodeVerdict> | undefined {
  const { tool, args, call, caller } = use
  const { cwd, enforcement } = call
  const skills = ports.skills?.look(use)
  const code = ports.code?.look(tool, args, { cwd, agent: caller.principal.id, enforcement })
  if (skills === undefined) return code
  return Promise.all([skills, code]).then(([first, second]) => ({ ...second, ...first, ...bothHolds(first, second) }))
}

/** One question for both: neither is answered by an answer to the other. */
function bothHolds(
  { hold: first }: Pick<CodeVerdict, 'hold'>,
  second: Pick<CodeVerdict, 'hold'> | undefined,
): Pick<CodeVerdict, 'hold'> {
  const holds = [first, second?.hold].filter((hold) => hold !== undefined)
  const [one, other] = holds
  if (one === undefined || other === undefined) return one === undefined ? {} : { hold: one }
  const hold: CallHold = {
    reason: `${one.reason} ${other.reason}`,
    severity: severityRank(one.severity) >= severityRank(other.severity) ? one.severity : other.severity,
    rules: [...one.rules, ...other.rules],
  }
  return { hold }
}
