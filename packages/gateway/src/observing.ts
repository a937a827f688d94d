import type { LogRecord } from '@sallyport/core'
import type { Clock } from './boundary/ports.ts'
import type { PublishLive } from './boundary/ports-live.ts'
import { Activity } from './control/activity/activity.ts'
import type { ApprovalService } from './control/approvals/approvals.ts'
import type { Identity } from './control/identity/identity.ts'
import { observeRoutes } from './ingress/api/observe-routes.ts'
import type { Route } from './ingress/api/route.ts'
import type { Store } from './store/ports.ts'

export interface Observing {
  /** From now on what happens is told here too. */
  publishTo(publish: PublishLive): void
  /** Takes in every record as it is written; never throws and waits for nothing. */
  readonly onRecord: (record: LogRecord) => void
  /** Routes that show it, once the parts they ask are there. */
  routes(parts: {
    readonly store: Store
    readonly approvals: Pick<ApprovalService, 'list'>
    readonly identity: Pick<Identity, 'sessions'>
  }): readonly Route[]
}

/** What people watch: activity as it happens, and the sessions of the log. */
export function createObserving(clock: Clock): Observing {
  let tell: PublishLive = () => undefined
  const activity = new Activity({ now: () => clock.now(), publish: (event) => tell(event) })
  return {
    publishTo(publish) {
      tell = publish
    },
    onRecord: (record) => activity.note(record),
    routes: ({ store, approvals, identity }) =>
      observeRoutes({
        activity,
        log: store,
        waiting: async () => {
          const pending = await approvals.list({ state: 'pending' })
          return new Set(pending.map(({ request }) => request.sessionId))
        },
        open: async () => {
          const sessions = await identity.sessions.list()
          return new Set(sessions.filter(({ state }) => state === 'active').map(({ id }) => id))
        },
      }),
  }
}
