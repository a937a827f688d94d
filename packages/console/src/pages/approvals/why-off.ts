import type { Me } from '../../api/me.ts'
import type { Answer } from './model.ts'

interface Facts {
  readonly answer: Answer
  readonly me: Me | undefined
  readonly connected: boolean
  readonly seconds: number
  /** What is to be done first, as sentences. */
  readonly missing: readonly string[]
}

/** Less than this and the answer would come too late. */
const LEAST_SECONDS = 5

const you = ({ me }: Facts): string => `You are ${me?.roles.join(', ') ?? 'nobody'}.`

/** First that holds wins. */
const NO_DECIDING: readonly Check[] = [
  [() => navigator.webdriver, () => 'This browser is remote-controlled. Deciding is off here.'],
  [({ me }) => lacks(me, 'write'), (facts) => `Requests are decided by approver or admin. ${you(facts)}`],
]
const NO_APPROVING: readonly Check[] = [
  [({ connected }) => !connected, () => 'Not connected. What you see may be old, so deciding is off.'],
  [({ me }) => lacks(me, 'approve'), (facts) => `Approving is for approvers. ${you(facts)}`],
  [({ answer, me }) => answer.approvals.includes(me?.id ?? ''), () => 'You approved it. Another person is needed.'],
  [({ answer }) => answer.mayDecide === false, ({ answer }) => answer.whyNot ?? 'You cannot approve this request.'],
  [({ seconds }) => seconds < LEAST_SECONDS, () => 'Not enough time is left.'],
  [({ missing }) => missing.length > 0, ({ missing }) => missing[0] ?? ''],
]

type Check = readonly [holds: (facts: Facts) => boolean, say: (facts: Facts) => string]

const lacks = (me: Me | undefined, scope: string): boolean => me !== undefined && !me.scopes.includes(scope)

/** Why deciding or only approving is off, as a sentence; undefined where it is on. */
export function whyOff(facts: Facts): { readonly deny?: string; readonly approve?: string } {
  const first = (checks: readonly Check[]): string | undefined => checks.find(([holds]) => holds(facts))?.[1](facts)
  const deny = first(NO_DECIDING)
  if (deny !== undefined) return { deny }
  const approve = first(NO_APPROVING)
  return approve === undefined ? {} : { approve }
}
