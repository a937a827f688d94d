import type { EgressTarget } from '@sallyport/core'
import type { Lender } from './lend.ts'
import type { Over } from './limits.ts'
import type { Metered } from './pool.ts'
import { createSecond } from './pace.ts'
import type { EgressAttempt } from './proxy.ts'

export type Admission =
  | { readonly refused: { readonly limited: number; readonly reason: Over['reason'] } }
  | { readonly refused?: never; readonly meter?: Metered }
/** Asks the limits about a request or tunnel that is otherwise allowed, as it is to be recorded, to a place. */
export type Admit = (shown: Pick<EgressAttempt, 'target' | 'method'>, to: EgressTarget) => Promise<Admission>

/** What limits refuse is recorded once a second, and each connection that they cut. */
export function createAdmission(
  lender: Pick<Lender, 'admit'> | undefined,
  report: (attempt: EgressAttempt) => void | Promise<void>,
): Admit {
  const isNewSecond = createSecond()
  return async (shown, to) => {
    const said = lender?.admit(to) ?? { ok: true }
    if (said.ok) {
      if (said.meter === undefined) return {}
      const told: Metered['told'] = (over) =>
        void Promise.resolve(report({ ...shown, verdict: 'refused', ...over })).catch(() => undefined)
      return { meter: { meter: said.meter, told } }
    }
    const { reason, rule, retryAfterSeconds } = said
    if (isNewSecond()) await report({ ...shown, verdict: 'refused', reason, rule })
    return { refused: { limited: retryAfterSeconds, reason } }
  }
}
