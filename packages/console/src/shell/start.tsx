import { Navigate } from '@tanstack/react-router'
import { useGet } from '../api/query.ts'
import { Loading } from '../ui/states.tsx'

/** Where one lands: at the approvals when something waits, else at what happens now. */
export function Start() {
  const { data, isError } = useGet<{ items: readonly unknown[] }>('/api/v1/approvals', { state: 'open' })
  if (data === undefined && !isError) return <Loading />
  return <Navigate to={(data?.items.length ?? 1) > 0 ? '/approvals' : '/activity'} replace />
}
