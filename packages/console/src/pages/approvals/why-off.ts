import type { Me } from '../../api/me.ts'
import type { Answer } from './model.ts'

interface Facts {
  readonly answer: Answer
  readonly me: Me | undefined
  readonly connected: boolean
  readonly seconds: number
  readonly missing: readonly string[]
  readonly reason: string
  readonly needsReason: boolean
}

/** Less than this and the answer would come too late. */
const LEAST_SECONDS = 5
const LEAST_REASON = 8

/** Why deciding or only approving is off, as a sentence; undefined where it is on. */
export function whyOff(facts: Facts): { readonly deny?: string; readonly approve?: string } {
  const { answer, me, connected, seconds, missing, reason, needsReason } = facts
  if (navigator.webdriver) return { deny: 'This browser is remote-controlled. Deciding is off here.' }
  if (me !== undefined && !me.scopes.includes('write')) {
    return { deny: `Requests are decided by approver or admin. You are ${me.roles.join(', ')}.` }
  }
  if (!connected) return { approve: 'Not connected. What you see may be old, so deciding is off.' }
  const approve =
    answer.mayDecide === false
      ? (answer.whyNot ?? 'You cannot approve this request.')
      : me !== undefined && !me.scopes.includes('approve')
        ? `Approving is for approvers. You are ${me.roles.join(', ')}.`
        : me !== undefined && answer.approvals.includes(me.id)
          ? 'You approved it. Another person is needed.'
          : seconds < LEAST_SECONDS
            ? 'Not enough time is left.'
            : (missing[0] ??
              (needsReason && reason.trim().length < LEAST_REASON
                ? 'Give a reason of at least 8 characters.'
                : undefined))
  return approve === undefined ? {} : { approve }
}
