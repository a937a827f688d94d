import { lazy, Suspense } from 'react'
import styles from './chart.module.css'

const Plot = lazy(async () => ({ default: (await import('./chart-plot.tsx')).Plot }))

interface Series {
  readonly name: string
  /** One value for each of `times`; null where there is none. */
  readonly values: readonly (number | null)[]
}

export interface ChartProps {
  /** What the chart shows, as a sentence: "Score 85, 30 points higher than 30 days ago." */
  readonly sentence: string
  /** Seconds since 1970, rising. */
  readonly times: readonly number[]
  /** The first is drawn in the accent colour, a second dashed in grey. */
  readonly series: readonly Series[]
  readonly height: number
  /** Steps for states and scores, lines for the rest. */
  readonly form?: 'line' | 'steps'
  /** Only the line: no axis and no grid. */
  readonly spark?: boolean
  readonly tone?: 'accent' | 'deny'
  readonly range?: readonly [number, number]
  /** Values that have a meaning: labels of the axis, dashed lines between its ends. */
  readonly marks?: readonly number[]
  /** Rings on the line. */
  readonly events?: readonly ChartEvent[]
}

export interface ChartEvent {
  /** Seconds since 1970. */
  readonly time: number
  readonly value: number
  /** One line of text beside the ring, where there is room. */
  readonly words: string
}

/** A time series; drawn by uPlot, which comes when it is first needed. The numbers are also there as a hidden table. */
export function Chart(props: ChartProps) {
  const { sentence, times, series, height } = props
  return (
    <figure className={styles.chart}>
      <figcaption className="hidden-text">{sentence}</figcaption>
      <div aria-hidden="true" style={{ height }}>
        <Suspense fallback={null}>
          <Plot {...props} />
        </Suspense>
      </div>
      <table className="hidden-text">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ name }) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, at) => (
            <tr key={time}>
              <td>{new Date(time * 1000).toISOString()}</td>
              {series.map(({ name, values }) => (
                <td key={name}>{values[at] ?? '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
