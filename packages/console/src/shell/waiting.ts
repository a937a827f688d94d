import { approvals } from '../api/approvals.ts'
import { useAsk } from '../api/query.ts'

interface Waiting {
  readonly state: string
  readonly mayDecide?: boolean
}

const isOpen = ({ state }: Waiting): boolean => state === 'pending' || state === 'partially_approved'

/** Approvals that wait and that this person may decide. */
export function useWaitingForMe(): number {
  const { data } = useAsk(approvals<Waiting>())
  return data?.items.filter((item) => isOpen(item) && item.mayDecide !== false).length ?? 0
}

/** Whether anything waits for this person; undefined while it is not known. */
export function useAnythingWaits(): boolean | undefined {
  const { data, isError } = useAsk(approvals<Waiting>())
  if (data === undefined) return isError ? true : undefined
  return data.items.some(isOpen)
}
