import { lazy, Suspense, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { isWaiting, type Summary } from './model.ts'
import styles from './inbox.module.css'

const StopAgents = lazy(async () => ({ default: (await import('../../shell/stop-agents.tsx')).StopAgents }))

/** More than this waiting is not a list that somebody reads. */
const FLOOD = 100

interface FloodProps {
  readonly items: readonly Summary[]
  /** Requests of one session that may wait at once; further calls are denied. */
  readonly limit: number | undefined
}

/** Above the list: a flood, and sessions that may not ask any more. Both can be stopped from here. */
export function Flood({ items, limit }: FloodProps) {
  const [stopping, setStopping] = useState<string>()
  const waiting = items.filter(isWaiting)
  const [[loudest, most] = ['', 0]] = counted(waiting, ({ agentId }) => agentId)
  const full = counted(waiting, keyOf).filter(([, count]) => limit !== undefined && count >= limit)
  const agents = [...new Set(full.map(([key]) => agentOf(key)))]
  return (
    <>
      {waiting.length > FLOOD && (
        <p className={styles.flood} role="status">
          <span>
            {waiting.length} requests wait, {most} of them from {loudest}. Further ones are denied. Stop it?
          </span>
          <Button kind="stop" small onClick={() => setStopping(loudest)}>
            Stop {loudest}…
          </Button>
        </p>
      )}
      {agents.slice(0, MOST_ROWS).map((agent) => (
        <p key={agent} className={styles.flood}>
          <span>
            {agent} has reached its limit of {limit}. Further calls are denied.
          </span>
          <Button small onClick={() => setStopping(agent)}>
            End session
          </Button>
        </p>
      ))}
      {stopping !== undefined && (
        <Suspense fallback={null}>
          <StopAgents agent={stopping} onClose={() => setStopping(undefined)} />
        </Suspense>
      )}
    </>
  )
}

const MOST_ROWS = 3

// the cap counts what one instance of an agent asks; names have no line breaks
const keyOf = ({ agentId, instance = '' }: Summary): string => `${agentId}\n${instance}`
const agentOf = (key: string): string => key.split('\n')[0] ?? ''

/** How often each key comes, most often first. */
function counted(items: readonly Summary[], key: (item: Summary) => string): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)
}
