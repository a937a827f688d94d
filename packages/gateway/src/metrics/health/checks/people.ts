import { countOf, quantile, type Spread } from '@sallyport/core'
import { fine, found, foundOr, NONE, type HealthCheck } from '../check.ts'

/** Somebody holds this gateway (threat-model §3.2). */
export const claimedCheck = (people: () => Promise<number>): HealthCheck => ({
  ...{ id: 'claimed', area: 'identity', title: 'Who holds this gateway' },
  run: async () => {
    const count = await people()
    if (count > 0) return fine('People hold this gateway', String(count))
    return found({
      id: 'identity.unclaimed',
      severity: 'high',
      title: 'Nobody holds this gateway',
      why: 'Whoever asks first becomes its operator. Until then everything that needs approval is denied.',
      next: 'sallyport init --claim',
    })
  },
})

export interface Answered {
  readonly approved: number
  readonly denied: number
  /** Times to an answer, ms. */
  readonly times: Spread
}

/** Fewer answers than this say nothing about how people read. */
const ENOUGH = 20
const TOO_OFTEN = 0.95
const TOO_FAST = 2_000

/** Whether answers are read or clicked away (T-159). */
export const attentionCheck = (week: () => Promise<Answered>): HealthCheck => ({
  ...{ id: 'attention', area: 'people', title: 'Whether questions are read' },
  run: async () => {
    const { approved, denied, times } = await week()
    const answers = approved + denied
    const median = quantile(times, 0.5)
    if (answers === 0 || median === undefined) return NONE
    const rate = approved / answers
    const said = `${Math.round(rate * 100)} % approved, median ${(median / 1000).toFixed(1)} s`
    if (answers < ENOUGH || countOf(times) < ENOUGH) return fine('Questions are read', `${said}, few answers yet`)
    const isTired = rate > TOO_OFTEN && median < TOO_FAST
    return foundOr(
      isTired
        ? [
            {
              id: 'people.attention',
              severity: 'medium',
              title: `Approved ${Math.round(rate * 100)} % with a median of ${(median / 1000).toFixed(1)} s`,
              why: `Nobody reads a call in that time. Of ${answers} answers in 7 days, one bad call among them would have passed.`,
              next: 'Let policy answer what is always approved: sallyport policy explain',
              page: '/policies',
            },
          ]
        : [],
      'Questions are read',
      said,
    )
  },
})
