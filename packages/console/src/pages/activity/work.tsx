import { useEffect, useState } from 'react'
import { serverNow } from '../../api/clock.ts'
import { cx } from '../../ui/cx.ts'
import { Labels } from '../../ui/labels.tsx'
import type { Work } from './model.ts'
import styles from './work.module.css'

interface AtWorkProps {
  readonly work: readonly Work[]
  readonly chosen: string
  readonly choose: (agent: string) => void
}

/** Who works, on what, and what it carries; pressing one keeps only its calls. */
export function AtWork({ work, chosen, choose }: AtWorkProps) {
  const now = useSeconds()
  return (
    <section className={styles.pane} aria-label="Agents at work">
      <h2>At work</h2>
      {work.length === 0 && <p className={styles.none}>No agent in the last five minutes.</p>}
      <ul>
        {work.map(({ agent, lastTool, labels, callsPerMinute, now: doing }) => (
          <li key={agent} className={cx(agent === chosen && styles.chosen)}>
            <button type="button" aria-pressed={agent === chosen} onClick={() => choose(agent === chosen ? '' : agent)}>
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
          </li>
        ))}
      </ul>
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
