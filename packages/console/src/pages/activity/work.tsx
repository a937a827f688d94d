import { OctagonPause } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { serverNow } from '../../api/clock.ts'
import { IconButton } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Labels } from '../../ui/labels.tsx'
import type { Work } from './model.ts'
import styles from './work.module.css'

const StopAgents = lazy(async () => ({ default: (await import('../../shell/stop-agents.tsx')).StopAgents }))

interface AtWorkProps {
  readonly work: readonly Work[]
  readonly chosen: string
  readonly choose: (agent: string) => void
}

/** Who works, on what, and what it carries; pressing one keeps only its calls. */
export function AtWork({ work, chosen, choose }: AtWorkProps) {
  const now = useSeconds()
  const [stopping, setStopping] = useState<string>()
  return (
    <section className={styles.pane} aria-label="Agents at work">
      <h2>At work</h2>
      {work.length === 0 && <p className={styles.none}>No agent in the last five minutes.</p>}
      <ul>
        {work.map(({ agent, lastTool, labels, callsPerMinute, now: doing }) => (
          <li key={agent} className={cx(agent === chosen && styles.chosen)}>
            <button
              type="button"
              className={styles.agent}
              aria-pressed={agent === chosen}
              onClick={() => choose(agent === chosen ? '' : agent)}
            >
              <span className={styles.head}>
                <strong dir="ltr">{agent}</strong>
                <span className="num">{callsPerMinute}/min</span>
              </span>
              <span className={styles.doing}>
                <code>{doing?.tool ?? lastTool}</code>
                {doing !== null && ` · ${Math.max(0, Math.round((now - Date.parse(doing.since)) / 1000))} s`}
              </span>
              <Labels
                integrity={labels.integrity}
                {...(labels.confidentiality > 1 ? { confidentiality: labels.confidentiality } : {})}
              />
            </button>
            <IconButton label={`Stop ${agent}…`} className={styles.stop} onClick={() => setStopping(agent)}>
              <OctagonPause size={14} strokeWidth={1.75} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
      {stopping !== undefined && (
        <Suspense>
          <StopAgents agent={stopping} onClose={() => setStopping(undefined)} />
        </Suspense>
      )}
    </section>
  )
}

function useSeconds(): number {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    const timer = window.setInterval(() => setNow(serverNow()), 1000)
    return () => window.clearInterval(timer)
  }, [])
  return now
}
