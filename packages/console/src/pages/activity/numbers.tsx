import { useMemo } from 'react'
import { Chart } from '../../ui/chart.tsx'
import type { ActivityAnswer } from './model.ts'
import styles from './numbers.module.css'

const NUMBERS = [
  ['calls', 'Calls a minute', 'accent'],
  ['asked', 'Asked', 'accent'],
  ['denied', 'Denied', 'deny'],
  ['agents', 'Agents working', 'accent'],
] as const

/** Four numbers of the last five minutes, each with its course. */
export function Numbers({ activity }: { readonly activity: ActivityAnswer }) {
  const shown = { ...activity, calls: activity.callsPerMinute }
  return (
    <div className={styles.numbers}>
      {NUMBERS.map(([name, words, tone]) => (
        <Number key={name} {...{ name, words, tone, points: activity.points }} value={shown[name]} />
      ))}
    </div>
  )
}

interface NumberProps {
  readonly name: 'calls' | 'asked' | 'denied' | 'agents'
  readonly words: string
  readonly tone: 'accent' | 'deny'
  readonly value: number
  readonly points: ActivityAnswer['points']
}

function Number({ name, words, tone, value, points }: NumberProps) {
  const times = useMemo(() => points.map(({ at }) => Date.parse(at) / 1000), [points])
  const series = useMemo(() => [{ name: words, values: points.map((point) => point[name]) }], [points, name, words])
  return (
    <div className={styles.number}>
      <p>
        <span className={styles.words}>{words}</span>
        <strong>{value.toLocaleString('en-GB')}</strong>
      </p>
      <div className={styles.course}>
        <Chart
          sentence={`${words}: ${value} in the last five minutes.`}
          times={times}
          series={series}
          height={34}
          spark
          tone={value > 0 ? tone : 'accent'}
        />
      </div>
    </div>
  )
}
