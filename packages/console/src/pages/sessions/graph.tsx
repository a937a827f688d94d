import { chosenThreads, layoutStory, STORY_SIZES, type BandPart, type StoryThread } from '@sallyport/core/story/layout'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { ActionCard, FoldCard, ReadCard } from './cards.tsx'
import styles from './graph.module.css'
import { Minimap } from './minimap.tsx'
import { idOf, LABEL_WORDS, time, type Selection, type Story } from './model.ts'

interface GraphProps {
  readonly story: Story
  readonly selection: Selection | undefined
  readonly select: (place: string | undefined) => void
  readonly unfold: () => void
  /** Shows all threads of the selection, not only the last ones. */
  readonly threads: boolean
  /** The argument that has the focus beside the drawing: its thread alone stands out. */
  readonly argument: string | undefined
}

const TONES = { trusted: 'i3', 'semi-trusted': 'i2', untrusted: 'i1', confidential: 'c2' } as const
const { column, card, band } = STORY_SIZES
/** Columns drawn beyond what is seen. */
const OVERSCAN = 4
/** Longer stories have a map. */
const MAPPED_FROM = 20

/** Reads above, what the session carries in the middle, what it tried below; one column a step. Hidden from assistive technology, which gets the list. */
export function Graph({ story, selection, select, unfold, threads: all, argument }: GraphProps) {
  const focus = all ? selection?.column : undefined
  const chosen = useMemo(() => chosenThreads(story.threads, focus), [story, focus])
  const at = useMemo(() => layoutStory(story, chosen), [story, chosen])
  const box = useRef<HTMLDivElement>(null)
  const { length } = story.columns
  const [seen, setSeen] = useState<readonly [number, number]>([0, 30])
  const [known, setKnown] = useState(length)
  const scrolled = (): void => {
    const element = box.current
    if (element === null) return
    const first = Math.floor((element.scrollLeft - STORY_SIZES.left) / STORY_SIZES.pitch) - OVERSCAN
    const next = [first, first + Math.ceil(element.clientWidth / STORY_SIZES.pitch) + 2 * OVERSCAN] as const
    if (next[0] !== seen[0] || next[1] !== seen[1]) setSeen(next)
    if (isAtEnd(element)) setKnown(length)
  }
  // what is chosen comes into view; what arrives does not scroll
  const chosenX = selection === undefined ? undefined : at.x[selection.column]
  useEffect(() => {
    const element = box.current
    if (element === null || chosenX === undefined) return
    const { scrollLeft, clientWidth } = element
    if (chosenX < scrollLeft + STORY_SIZES.left || chosenX + column > scrollLeft + clientWidth)
      element.scrollLeft = chosenX - clientWidth / 2
  }, [chosenX])
  useEffect(() => {
    if (box.current !== null && isAtEnd(box.current)) setKnown(length)
  }, [length])
  const shown = story.columns.map((each, i) => ({ each, i })).filter(({ i }) => i >= seen[0] && i <= seen[1])
  const dim = (thread: StoryThread): boolean =>
    selection !== undefined &&
    ((thread.from !== selection.column && thread.to !== selection.column) ||
      (argument !== undefined && thread.argument !== argument))
  return (
    <>
      <div
        className={styles.scroll}
        ref={box}
        onScroll={scrolled}
        aria-hidden="true"
        data-story="graph"
        id="story-graph"
      >
        <div className={styles.canvas} style={{ width: at.width, height: at.height }}>
          <Lane y={at.readY} words="Read" note="came in" />
          <Lane y={at.integrityY} words="Carries" note="only tightens" />
          <Lane y={at.actionY} words="Tried" note="went out" />
          {at.bands.integrity.map((part) => (
            <Band key={part.from} part={part} y={at.integrityY} lane="integrity" story={story} />
          ))}
          {at.bands.confidentiality.map((part) => (
            <Band key={part.from} part={part} y={at.confidentialityY} lane="confidentiality" story={story} />
          ))}
          <svg className={styles.lines} width={at.width} height={at.height}>
            {Object.values(TONES).map((tone) => (
              <marker
                key={tone}
                id={`arrow-${tone}`}
                viewBox="0 0 10 10"
                refX="5"
                refY="9"
                markerWidth="9"
                markerHeight="9"
                markerUnits="userSpaceOnUse"
              >
                <path d="M0 0h10L5 10z" className={styles[`fill-${tone}`]} />
              </marker>
            ))}
            {at.stems.map(({ column: index, x, from, to, changed }) => {
              const level = story.columns[index]?.read?.carries
              const tone =
                changed === 'integrity'
                  ? `i${level?.integrity ?? 3}`
                  : changed === 'confidentiality'
                    ? `c${level?.confidentiality ?? 0}`
                    : 'none'
              return (
                <g key={`${index}${changed}`} className={cx(styles.stem, styles[`line-${tone}`])}>
                  <path d={`M${x} ${from}V${changed === 'nothing' ? to : to + band}`} />
                  {changed !== 'nothing' && <circle cx={x} cy={to} r={4.5} />}
                </g>
              )
            })}
            {at.threads.map(({ thread, path }, i) => (
              <path
                key={i}
                d={path}
                className={cx(styles.thread, styles[`line-${TONES[thread.tone]}`], dim(thread) && styles.dim)}
                markerEnd={`url(#arrow-${TONES[thread.tone]})`}
              />
            ))}
          </svg>
          {at.threads.map(({ thread, x, y }, i) => (
            <code
              key={i}
              className={cx(styles.argument, styles[`text-${TONES[thread.tone]}`], dim(thread) && styles.dim)}
              style={{ left: x, top: y - (i % 2 === 0 ? 40 : 62) }}
            >
              {thread.argument.length > 10 ? `${thread.argument.slice(0, 6)}…` : thread.argument}
            </code>
          ))}
          {shown.map(({ each, i }) => (
            <div key={i}>
              <span className={styles.time} style={{ left: at.x[i], width: column, top: 4 }}>
                {time(each.at)}
              </span>
              {each.read && (
                <Placed x={at.x[i]} y={at.readY} on={selection?.column === i && selection.lane === 'read'}>
                  <ReadCard read={each.read} select={() => select(each.read?.place)} />
                </Placed>
              )}
              {(each.action ?? each.fold) !== undefined && (
                <Placed x={at.x[i]} y={at.actionY} on={selection?.column === i && selection.lane === 'action'}>
                  {each.action ? (
                    <ActionCard action={each.action} select={() => select(idOf(each, 'action'))} />
                  ) : (
                    each.fold && <FoldCard fold={each.fold} open={unfold} />
                  )}
                </Placed>
              )}
            </div>
          ))}
        </div>
      </div>
      {length > known && (
        <div className={styles.fresh}>
          <Button small onClick={() => box.current?.scrollTo({ left: at.width })}>
            {length - known} new {length - known === 1 ? 'step' : 'steps'} →
          </Button>
        </div>
      )}
      {length > MAPPED_FROM && <Minimap {...{ at, box, length }} />}
    </>
  )
}

const isAtEnd = ({ scrollLeft, clientWidth, scrollWidth }: HTMLElement): boolean =>
  scrollLeft + clientWidth >= scrollWidth - 2

function Placed({
  x = 0,
  y,
  on,
  children,
}: {
  x: number | undefined
  y: number
  on: boolean
  children: React.ReactNode
}) {
  return (
    <div
      className={cx(styles.placed, on && styles.on)}
      data-chosen={on || undefined}
      style={{ left: x, top: y, width: column, height: card }}
    >
      {children}
    </div>
  )
}

function Lane({ y, words, note }: { readonly y: number; readonly words: string; readonly note: string }) {
  return (
    <p className={styles.lane} style={{ top: y }}>
      <strong>{words}</strong>
      <span>{note}</span>
    </p>
  )
}

type BandLane = keyof typeof LABEL_WORDS

function Band({ part, y, lane, story }: { part: BandPart; y: number; lane: BandLane; story: Story }) {
  const tone = `${lane === 'integrity' ? 'i' : 'c'}${part.level}`
  const cause = story.columns[part.cause]?.read
  const last = part.to >= STORY_SIZES.left + story.columns.length * STORY_SIZES.pitch
  return (
    <div
      className={cx(
        styles.band,
        styles[`band-${tone}`],
        tone === 'i1' && 'hatch',
        part.cause < 0 && styles.first,
        last && styles.last,
      )}
      style={{ left: part.from, width: part.to - part.from, top: y, height: band }}
    >
      <span>
        {LABEL_WORDS[lane][part.level]}
        {cause !== undefined && `, ${cause.tool}`}
      </span>
    </div>
  )
}
