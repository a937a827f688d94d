import type { Clock, Random } from '../../boundary/ports.ts'
import { createSteadyClock } from '../../clock.ts'
import type { LiveTickets } from '../../boundary/ports-live.ts'
import type { Store } from '../../store/ports.ts'
import { createOffers } from '../presence/offers.ts'

const LIFETIME = 30_000

/**
 * One-use tickets for WebSocket handshakes, which browsers let any page start: only a page of ours can have fetched one
 * (T-006). They say themselves for which session and until when, and are spent in the store: any gateway takes them, one does.
 */
export function createLiveTickets(deps: {
  readonly mac: Uint8Array
  readonly clock: Clock
  readonly random: Random
  readonly store: Pick<Store, 'spend'>
}): LiveTickets {
  const offers = createOffers({ ...deps, clock: createSteadyClock(deps.clock), lifetime: LIFETIME })
  return {
    issue: (session) => ({
      ticket: `${session}.${offers.fresh(`live ${session}`).toString('base64url')}`,
      expiresInSeconds: LIFETIME / 1000,
    }),
    async redeem(ticket, session) {
      const [of = '', offer = ''] = ticket.split('.')
      const until = offers.until(offer, `live ${of}`)
      // also of whoever is not the one it was given to: a ticket that was seen by others is worth nothing any more
      if (until === undefined || !(await deps.store.spend(`live-ticket:${offer}`, until))) return false
      return of === session
    },
  }
}
