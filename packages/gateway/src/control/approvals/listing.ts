import { OPEN_STATES, type Approval, type ApprovalState } from '@sallyport/core'
import type { Store } from '../../store/ports.ts'
import { approvalOf } from './documents.ts'

export interface ListQuery {
  /** `decided`: all that is over; absent: that, after what waits. */
  readonly state?: ApprovalState | 'decided'
  readonly limit: number
}

/** Approvals, what is over newest first. */
export async function listApprovals(
  store: Pick<Store, 'list'>,
  { state, limit }: ListQuery,
): Promise<readonly Approval[]> {
  const listed = async (
    states: readonly ApprovalState[],
    most: number,
    order: { readonly newest?: true } = {},
  ): Promise<readonly Approval[]> => {
    const lists = await Promise.all(states.map((one) => store.list('approval', { state: one, limit: most, ...order })))
    return lists.flatMap((list) => list.map((each) => approvalOf(each)?.approval)).filter((each) => each !== undefined)
  }
  if (state !== undefined && state !== 'decided') return (await listed([state], limit)).slice(0, limit)
  // what waits is never pushed out of the list by what is over
  const waiting = state === undefined ? await listed(OPEN_STATES, MOST_LISTED) : []
  // ids are made in the order of time; what was asked for a little earlier may have ended later
  const over = await listed(FINAL_STATES, limit + MARGIN, { newest: true })
  return [...waiting, ...over.toSorted((a, b) => endOf(b) - endOf(a))].slice(0, limit)
}

const MOST_LISTED = 1_000
const MARGIN = 50
const FINAL_STATES: readonly ApprovalState[] = ['consumed', 'denied', 'expired', 'superseded', 'cancelled']
const endOf = ({ request, votes }: Approval): number => votes.at(-1)?.at ?? request.createdAt
