import { useGet } from '../api/query.ts'

interface WaitingList {
  readonly items: readonly { readonly id: string; readonly severity: string; readonly mayDecide?: boolean }[]
}

/** Approvals that wait and that this person may decide. */
export function useWaitingForMe(): number {
  const { data } = useGet<WaitingList>('/api/v1/approvals', { state: 'open' }, { topics: ['approvals'] })
  return data?.items.filter(({ mayDecide }) => mayDecide !== false).length ?? 0
}
