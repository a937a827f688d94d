import type { ArgumentFacts, Decision } from '@sallyport/core'
import { pass, refuse, type Verdict } from './ports.ts'

/**
 * Policy once more, on what a released call did. What it denies does not land. A question that nobody was asked before the call is
 * not answered by running it: a human's yes covers the rules that asked then, and no others.
 * @param ask policy about this call with these facts
 * @param answered rules whose questions a human or a grant answered
 */
export function decideWritten(
  ask: (approved: boolean, facts: ArgumentFacts) => Decision,
  facts: ArgumentFacts,
  answered: readonly string[],
): Verdict<null> {
  const first = ask(false, facts)
  const open = first.outcome === 'ask' ? first.determining.filter((rule) => !answered.includes(rule)) : []
  if (open.length > 0)
    return refuse('SP_SANDBOX_LANDING', `Policy asks about what it wrote (${open.join(', ')}), which nobody was asked.`)
  const decision = first.outcome === 'ask' ? ask(true, facts) : first
  if (decision.outcome === 'allow') return pass(null)
  return refuse(decision.code ?? 'SP_POLICY_DENIED', `What it wrote may not land: ${decision.reason}`)
}
