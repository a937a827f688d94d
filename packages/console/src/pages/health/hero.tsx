import { useMemo } from 'react'
import { serverNow } from '../../api/clock.ts'
import { Chart } from '../../ui/chart.tsx'
import { cx } from '../../ui/cx.ts'
import { Card } from '../../ui/screen.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { aim, graveWords, type History, type Report } from './model.ts'
import styles from './page.module.css'

const RANGE = [0, 100] as const
const MARKS = [0, 39, 69, 100] as const
const TABS = [
  { id: '7', words: '7 days' },
  { id: '30', words: '30 days' },
]

/** The score, how it came to it, and what would lift it. */
export function Hero({ report, history, days }: { report: Report; history: History | undefined; days: string }) {
  const drawn = useMemo(() => (history === undefined ? undefined : drawing(history, report)), [history, report])
  const { score } = report
  const change = history?.change
  return (
    <Card>
      <div className={styles.hero}>
        <div className={styles.score}>
          <h2 className={styles.label}>Security score</h2>
          <p>
            <span className={styles.big}>{score}</span> <span className={styles.quiet}>of 100</span>
          </p>
          <p className={styles.lead}>
            {change !== undefined && change !== 0 && (
              <>
                <strong className={cx(change > 0 ? styles.up : styles.down)}>
                  {change > 0 ? '+' : '−'}
                  {Math.abs(change)}
                </strong>{' '}
                in {days} days.{' '}
              </>
            )}
            {aim(report)}
          </p>
        </div>
        <div className={styles.trend}>
          <div className={styles.span}>
            <Tabs label="Time shown" tabs={TABS} current={days} param="days" form="segments" />
          </div>
          {drawn !== undefined && (
            <Chart
              sentence={drawn.sentence}
              times={drawn.times}
              series={drawn.series}
              events={drawn.rings}
              height={190}
              form="steps"
              range={RANGE}
              marks={MARKS}
            />
          )}
          {drawn !== undefined && drawn.rings.length > 0 && (
            <ul className={styles.graves}>
              {drawn.rings.map(({ words }) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </Card>
  )
}

function drawing({ days, events }: History, { score }: Report) {
  const midnight = (day: string): number => Date.parse(day) / 1000
  const now = Math.floor(serverNow() / 1000)
  const times = [...days.map(({ day }) => midnight(day)), now]
  // a fall that was mended on the same day is seen as well
  const scores = [...days.map(({ score: last, lowest }) => lowest ?? last ?? null), score ?? null]
  const values = days.map(({ score: last }, at) => (at === days.length - 1 ? (last ?? null) : (scores[at] ?? null)))
  const series = [{ name: 'Score', values: [...values, score ?? null] }]
  const rings = events
    .filter(({ since }) => since / 1000 >= (times[0] ?? 0))
    .map((event) => {
      const time = midnight(new Date(event.since).toISOString().slice(0, 10))
      const value = days.find(({ day }) => midnight(day) === time)?.lowest ?? 39
      return { time, value, words: graveWords(event) }
    })
    .slice(-3)
  const known = days.flatMap(({ day, lowest }) => (lowest === undefined ? [] : [{ day, lowest }]))
  const least = known.reduce<(typeof known)[number] | undefined>(
    (low, one) => (low === undefined || one.lowest < low.lowest ? one : low),
    undefined,
  )
  const low = least === undefined ? '' : `; lowest ${least.lowest} on ${least.day}`
  return { times, series, rings, sentence: `Score ${score ?? 'unknown'}${low}.` }
}
