import { useMemo } from 'react'
import { Chart } from '../../ui/chart.tsx'
import { percent, time, type Figures, type History, type Measure } from './model.ts'
import styles from './page.module.css'

type Day = History['days'][number]

interface TileProps {
  readonly label: string
  readonly measure: Measure
  readonly note: string
  readonly days: readonly Day[]
  readonly of: (day: Day) => number | null
  readonly tone?: 'accent' | 'deny'
}

const ratio = ({ calls, asked }: Day): number | null => (calls === 0 ? null : (100 * (calls - asked)) / calls)
const answer = ({ answerMs }: Day): number | null => (answerMs === undefined ? null : answerMs / 1000)
const denied = (day: Day): number | null => day.denied
const added = ({ addedMs }: Day): number | null => addedMs ?? null

/** What a week came to, and how it went day by day. */
export function Tiles({ week, days }: { readonly week: Figures; readonly days: readonly Day[] }) {
  const { calls, asked } = week
  const count = (value: number): string => value.toLocaleString('en')
  return (
    <section className={styles.tiles} aria-label="The last 7 days">
      <Tile
        label="Calls without a question"
        measure={{ value: percent(calls - asked, calls), unit: '' }}
        note="7 days"
        days={days}
        of={ratio}
      />
      <Tile label="Time to an answer" measure={time(week.answerMs)} note="median" days={days} of={answer} />
      <Tile
        label="Denied"
        measure={{ value: count(week.denied), unit: '' }}
        note={`of ${count(calls)}`}
        days={days}
        of={denied}
        tone="deny"
      />
      <Tile label="Time added to a call" measure={time(week.addedMs)} note="p50" days={days} of={added} />
    </section>
  )
}

function Tile({ label, measure: { value, unit }, note, days, of, tone = 'accent' }: TileProps) {
  const times = useMemo(() => days.map(({ day }) => Date.parse(day) / 1000), [days])
  const series = useMemo(() => [{ name: label, values: days.map(of) }], [days, label, of])
  const known = series[0]?.values.filter((one) => one !== null).length ?? 0
  return (
    <div className={styles.tile}>
      <h2 className={styles.label}>{label}</h2>
      <p>
        <span className={styles.figure}>
          {value}
          {unit !== '' && ` ${unit}`}
        </span>{' '}
        <span className={styles.quiet}>{note}</span>
      </p>
      {known > 1 ? (
        <Chart
          sentence={`${label}: ${value} ${unit} ${note}.`}
          times={times}
          series={series}
          height={40}
          spark
          tone={tone}
        />
      ) : (
        <p className={styles.quiet}>{known === 0 ? 'Nothing counted yet.' : 'A line from the second day on.'}</p>
      )}
    </div>
  )
}
