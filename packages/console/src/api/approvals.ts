import { ask, type Ask } from './query.ts'

export interface ApprovalList<T> {
  readonly items: readonly T[]
  readonly maxPending?: number
}

/** Every list of approvals asks the same, so that the page asks once. */
export const approvals = <T>(): Ask<ApprovalList<T>> => ask('/api/v1/approvals', { limit: 200 }, ['approvals'])

/** One request with everything that is known about it. */
export const approval = <T>(id: string): Ask<T> => ask(`/api/v1/approvals/${encodeURIComponent(id)}`, {}, ['approvals'])
