import { useRef, useState } from 'react'
import styles from './histogram.module.css'
import { tick, type Bucket, type View } from './model.ts'

interface HistogramProps {
  readonly buckets: readonly Bucket[]
  readonly from: number
  readonly to: number
  readonly estimated: boolean
  readonly zone: string
  readonly change: (change: Partial<View>) => void
}

const HEIGHT = 48
const SIDES = ['allowed', 'other', 'asked', 'denied'] as const

/** What was allowed, asked and denied over time. Dragging, or the arrows and Enter, take a part of it. */
export function Histogram({ buckets, from, to, estimated, zone, change }: HistogramProps) {
  const box = useRef<HTMLDivElement>(null)
  const [range, setRange] = useState<readonly [number, number]>()
  const drag = useRef<number>(undefined)
  const count = buckets.length || 1
  const most = Math.max(1, ...buckets.map((each) => SIDES.reduce((n, side) => n + each[side], 0)))
  const at = (x: number): number => {
    const { left = 0, width = 1 } = box.current?.getBoundingClientRect() ?? {}
    return Math.max(0, Math.min(count - 1, Math.floor(((x - left) / width) * count)))
  }
  const [low, high] = range === undefined ? [-1, -1] : [Math.min(...range), Math.max(...range)]
  const edge = (index: number): number => Math.round(from + ((to - from) * index) / count)
  const take = (): void => {
    if (range === undefined) return
    change({ from: String(edge(low)), to: String(edge(high + 1)) })
    setRange(undefined)
  }
  const said = (side: 'allowed' | 'asked' | 'denied'): string =>
    `${buckets.reduce((n, each) => n + each[side], 0).toLocaleString('en-GB')} ${side}`
  const sentence = `${estimated ? 'About ' : ''}${said('allowed')}, ${said('asked')} and ${said('denied')} from ${tick(from, zone, to - from)} to ${tick(to, zone, to - from)}.`
  return (
    <figure className={styles.figure}>
      <figcaption className="hidden-text">{sentence}</figcaption>
      <div
        ref={box}
        className={styles.plot}
        role="slider"
        tabIndex={0}
        aria-label="Part of the time; arrows move, Shift and arrows widen, Enter takes it"
        aria-valuemin={0}
        aria-valuemax={count - 1}
        aria-valuenow={Math.max(0, high)}
        aria-valuetext={
          range === undefined
            ? 'All of it'
            : `${tick(edge(low), zone, to - from)} to ${tick(edge(high + 1), zone, to - from)}`
        }
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          drag.current = at(event.clientX)
          setRange([drag.current, drag.current])
        }}
        onPointerMove={({ clientX }) => {
          if (drag.current !== undefined) setRange([drag.current, at(clientX)])
        }}
        onPointerUp={() => {
          drag.current = undefined
          take()
        }}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
          if (event.key === 'Enter') take()
          else if (event.key === 'Escape') setRange(undefined)
          else if (step !== 0) {
            const [a, b] = range ?? [step > 0 ? -1 : count, step > 0 ? -1 : count]
            const next = Math.max(0, Math.min(count - 1, b + step))
            setRange(event.shiftKey ? [Math.max(0, a), next] : [next, next])
          } else return
          event.preventDefault()
          event.stopPropagation()
        }}
      >
        <svg viewBox={`0 0 ${count * 10} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {range !== undefined && (
            <rect x={low * 10} y={0} width={(high - low + 1) * 10} height={HEIGHT} className={styles.range} />
          )}
          {buckets.map((bucket, i) => {
            let top = HEIGHT
            return SIDES.map((side) => {
              const height = bucket[side] === 0 ? 0 : Math.max(2, (bucket[side] / most) * (HEIGHT - 4))
              top -= height
              return height === 0 ? null : (
                <rect key={`${i}${side}`} x={i * 10} y={top} width={9} height={height} className={styles[side]} />
              )
            })
          })}
        </svg>
      </div>
      <div className={styles.axis} aria-hidden="true">
        {[0, 1, 2, 3].map((part) => (
          <span key={part}>{tick(from + ((to - from) * part) / 3, zone, to - from)}</span>
        ))}
      </div>
    </figure>
  )
}
