import { Navigate } from '@tanstack/react-router'
import { Loading } from '../ui/states.tsx'
import { useAnythingWaits } from './waiting.ts'

/** Where one lands: at the approvals when something waits, else at what happens now. */
export function Start() {
  const waits = useAnythingWaits()
  if (waits === undefined) return <Loading />
  return <Navigate to={waits ? '/approvals' : '/activity'} replace />
}
