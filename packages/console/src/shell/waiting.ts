import { useGet } from '../api/query.ts'

interface WaitingList {
  readonly items: readonly { readonly id: string; readonly state: string; readonly mayDecide?: boolean }[]
}

/** Every list of approvals asks the same, so that the page asks once. */
export const APPROVALS = { limit: 200 } as const

const isOpen = ({ state }: { readonly state: string }): boolean => state === 'pending' || state === 'partially_approved'

/** Approvals that wait and that this person may decide. */
export function useWaitingForMe(): number {
  const { data } = useGet<WaitingList>('/api/v1/approvals', APPROVALS, { topics: ['approvals'] })
  return data?.items.filter((item) => isOpen(item) && item.mayDecide !== false).length ?? 0
}

/** Whether anything waits for this person; undefined while it is not known. */
export function useAnythingWaits(): boolean | undefined {
  const { data, isError } = useGet<WaitingList>('/api/v1/approvals', APPROVALS, { topics: ['approvals'] })
  if (data === undefined) return isError ? true : undefined
  return data.items.some(isOpen)
}
