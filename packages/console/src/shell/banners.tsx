import { useLive } from '../api/live.ts'
import { useMe } from '../api/me.ts'
import { Notice } from '../ui/states.tsx'
import { clock } from './clock.ts'
import { Stopped } from './stopped.tsx'

/** What holds for every page: no connection, agents that are stopped. */
export function Banners() {
  const state = useLive()
  const { error, data } = useMe()
  const unreached = data !== undefined && error?.status === 0
  if (state.kind === 'offline' || unreached) {
    const since = state.kind === 'offline' ? ` since ${clock(state.since)}` : ''
    return <Notice>Not connected{since}. What you see may be old, so deciding is off.</Notice>
  }
  return <Stopped />
}
