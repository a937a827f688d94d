import { STORY_SIZES, type BandPart, type StoryLayout } from '@sallyport/core/story/layout'
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type RefObject } from 'react'
import { cx } from '../../ui/cx.ts'
import styles from './minimap.module.css'

interface MinimapProps {
  readonly at: StoryLayout
  /** What it scrolls. */
  readonly box: RefObject<HTMLElement | null>
  readonly length: number
}

const percent = (part: number, whole: number): string => `${(100 * part) / whole}%`

/** The two bands of a long story at once, and which part of them is seen; dragged, or moved by keys. */
export function Minimap({ at, box, length }: MinimapProps) {
  const [view, setView] = useState({ left: 0, width: 0 })
  const isHeld = useRef(false)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const look = (): void => setView({ left: element.scrollLeft, width: element.clientWidth })
    const sizes = new ResizeObserver(look)
    sizes.observe(element)
    element.addEventListener('scroll', look)
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [box])
  const scroll = (left: number): void => box.current?.scrollTo({ left })
  const drag = ({ clientX, currentTarget, buttons }: PointerEvent<HTMLElement>): void => {
    if (!isHeld.current || buttons === 0) return
    const { left, width } = currentTarget.getBoundingClientRect()
    scroll(((clientX - left) / width) * at.width - view.width / 2)
  }
  const press = (event: KeyboardEvent): void => {
    const step = STEPS[event.key]
    if (step === undefined) return
    event.preventDefault()
    scroll(step(view, at.width))
  }
  const end = Math.max(0, at.width - view.width)
  const column = (x: number): number =>
    Math.max(1, Math.min(length, Math.round((x - STORY_SIZES.left) / STORY_SIZES.pitch) + 1))
  return (
    <div
      className={styles.map}
      role="scrollbar"
      aria-label="Part of the story that is seen"
      aria-controls="story-graph"
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.round(end)}
      aria-valuenow={Math.round(Math.min(end, view.left))}
      aria-valuetext={`Steps ${column(view.left)} to ${column(view.left + view.width - STORY_SIZES.pitch)} of ${length}`}
      tabIndex={0}
      onKeyDown={press}
      onPointerDown={(event) => {
        isHeld.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
        drag(event)
      }}
      onPointerMove={drag}
      onPointerUp={() => (isHeld.current = false)}
    >
      <Lane parts={at.bands.integrity} tone="i" width={at.width} />
      <Lane parts={at.bands.confidentiality} tone="c" width={at.width} />
      <i
        className={styles.view}
        style={{ left: percent(view.left, at.width), width: percent(Math.min(view.width, at.width), at.width) }}
      />
    </div>
  )
}

type Step = (view: { readonly left: number; readonly width: number }, whole: number) => number
const STEPS: Readonly<Record<string, Step>> = {
  ArrowLeft: ({ left }) => left - STORY_SIZES.pitch,
  ArrowRight: ({ left }) => left + STORY_SIZES.pitch,
  PageUp: ({ left, width }) => left - width + STORY_SIZES.pitch,
  PageDown: ({ left, width }) => left + width - STORY_SIZES.pitch,
  Home: () => 0,
  End: (_, whole) => whole,
}

interface LaneProps {
  readonly parts: readonly BandPart[]
  readonly tone: 'i' | 'c'
  readonly width: number
}

function Lane({ parts, tone, width }: LaneProps) {
  return (
    <span className={styles.lane}>
      {parts.map(({ from, to, level }) => (
        <i
          key={from}
          className={cx(styles[`${tone}${level}`], tone === 'i' && level === 1 && 'hatch')}
          style={{ left: percent(from, width), width: percent(to - from, width) }}
        />
      ))}
    </span>
  )
}
