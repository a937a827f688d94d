import type { Story, StoryThread } from './story.ts'

export type { Story, StoryAction, StoryColumn, StoryRead, StoryThread } from './story.ts'

/** Sizes of the drawing, px (console.md §7.2). */
export const STORY_SIZES = Object.freeze({
  ...{ column: 148, pitch: 163, left: 120, top: 32, card: 102, band: 26, bandGap: 8, channel: 20, corner: 8 },
  ...{ space: 32, below: 92, bottom: 24 },
})
/** Threads that are drawn at once; the others when their action has the focus. */
export const DRAWN_THREADS = 6

export interface BandPart {
  readonly from: number
  readonly to: number
  readonly level: number
  /** Column of the read that caused it; -1 for the beginning. */
  readonly cause: number
}

export interface DrawnThread {
  readonly thread: StoryThread
  /** SVG path, orthogonal with rounded corners. */
  readonly path: string
  /** Where the arrow ends, and the argument's name stands above. */
  readonly x: number
  readonly y: number
  readonly channel: number
}

export interface Stem {
  readonly column: number
  readonly x: number
  readonly from: number
  readonly to: number
  readonly changed: 'integrity' | 'confidentiality' | 'nothing'
}

export interface StoryLayout {
  readonly width: number
  readonly height: number
  readonly readY: number
  readonly actionY: number
  readonly integrityY: number
  readonly confidentialityY: number
  /** Left edge of each column. */
  readonly x: readonly number[]
  readonly bands: { readonly integrity: readonly BandPart[]; readonly confidentiality: readonly BandPart[] }
  readonly stems: readonly Stem[]
  readonly threads: readonly DrawnThread[]
}

/** Which threads are drawn: those of the action with the focus, else the last ones, which lead to what was stopped. */
export function chosenThreads(threads: readonly StoryThread[], focus?: number): readonly StoryThread[] {
  if (focus !== undefined) return threads.filter(({ to, from }) => to === focus || from === focus)
  return threads.slice(-DRAWN_THREADS)
}

/** Places of everything in a story, in one pass over its columns and threads. */
export function layoutStory(story: Pick<Story, 'columns' | 'start'>, threads: readonly StoryThread[]): StoryLayout {
  const s = STORY_SIZES
  const x = story.columns.map((_, i) => s.left + i * s.pitch)
  const channels = assignChannels(threads)
  const lanes = Math.max(2, channels.count)
  const readY = s.top
  const integrityY = readY + s.card + s.space + lanes * s.channel
  const confidentialityY = integrityY + s.band + s.bandGap
  const actionY = confidentialityY + s.band + s.below
  const width = s.left + story.columns.length * s.pitch
  const ports = portsOf(threads)
  const drawn = threads.map((thread, i): DrawnThread => {
    const from = (x[thread.from] ?? 0) + portX(ports.out.get(i))
    const to = (x[thread.to] ?? 0) + portX(ports.into.get(i))
    const channel = channels.of[i] ?? 0
    const y = readY + s.card + s.space / 2 + channel * s.channel
    return { thread, path: pathOf(from, readY + s.card, to, actionY, y), x: to, y: actionY, channel }
  })
  return {
    ...{ width, height: actionY + s.card + s.bottom, readY, actionY, integrityY, confidentialityY, x },
    bands: {
      integrity: bandOf(story, x, width, 'integrity'),
      confidentiality: bandOf(story, x, width, 'confidentiality'),
    },
    stems: stemsOf(story, x, { readY, integrityY, confidentialityY }),
    threads: drawn,
  }
}

/** The lowest channel that no thread uses between the same columns; left to right. */
function assignChannels(threads: readonly StoryThread[]): { readonly of: readonly number[]; readonly count: number } {
  const order = threads.map((_, i) => i).sort((a, b) => spanOf(threads[a]).first - spanOf(threads[b]).first)
  const of: number[] = threads.map(() => 0)
  const ends: number[] = []
  for (const i of order) {
    const { first, last } = spanOf(threads[i])
    if (first === last) continue
    const free = ends.findIndex((end) => end < first)
    const channel = free === -1 ? ends.length : free
    ends[channel] = last
    of[i] = channel
  }
  return { of, count: ends.length }
}

const spanOf = (thread: StoryThread | undefined): { readonly first: number; readonly last: number } => {
  const { from = 0, to = 0 } = thread ?? {}
  return { first: Math.min(from, to), last: Math.max(from, to) }
}

interface Port {
  readonly index: number
  readonly of: number
}

/** Threads leave a card and arrive at one side by side, in the order of where they go and come from. */
function portsOf(threads: readonly StoryThread[]) {
  const group = (side: 'from' | 'to', other: 'from' | 'to'): ReadonlyMap<number, Port> => {
    const byColumn = new Map<number, number[]>()
    threads.forEach((thread, i) => {
      const known = byColumn.get(thread[side])
      if (known) known.push(i)
      else byColumn.set(thread[side], [i])
    })
    const ports = new Map<number, Port>()
    for (const members of byColumn.values()) {
      members.sort((a, b) => (threads[a]?.[other] ?? 0) - (threads[b]?.[other] ?? 0) || a - b)
      members.forEach((i, index) => ports.set(i, { index, of: members.length }))
    }
    return ports
  }
  return { out: group('from', 'to'), into: group('to', 'from') }
}

/** Right of the middle for what leaves, so that the stem has the middle for itself. */
function portX(port: Port | undefined): number {
  const { index, of } = port ?? { index: 0, of: 1 }
  const room = STORY_SIZES.column / 2 - 16
  return STORY_SIZES.column / 2 + 12 + (of === 1 ? 0 : (index * (room - 12)) / (of - 1))
}

function pathOf(x1: number, y1: number, x2: number, y2: number, y: number): string {
  if (Math.abs(x1 - x2) < 1) return `M${x1} ${y1}V${y2}`
  const r = Math.min(STORY_SIZES.corner, Math.abs(x2 - x1) / 2)
  const d = Math.sign(x2 - x1) * r
  return `M${x1} ${y1}V${y - r}Q${x1} ${y} ${x1 + d} ${y}H${x2 - d}Q${x2} ${y} ${x2} ${y + r}V${y2}`
}

type Lane = 'integrity' | 'confidentiality'

/** A band changes exactly under the read that caused it, and never back. */
function bandOf(
  story: Pick<Story, 'columns' | 'start'>,
  x: readonly number[],
  width: number,
  lane: Lane,
): readonly BandPart[] {
  const middle = STORY_SIZES.column / 2
  const parts: { from: number; to: number; level: number; cause: number }[] = [
    { from: STORY_SIZES.left, to: width, level: story.start[lane], cause: -1 },
  ]
  story.columns.forEach(({ read }, i) => {
    if (!read?.changed[lane]) return
    const at = (x[i] ?? 0) + middle
    const last = parts.at(-1)
    if (last) last.to = at
    parts.push({ from: at, to: width, level: read.carries[lane], cause: i })
  })
  return parts
}

function stemsOf(
  story: Pick<Story, 'columns'>,
  x: readonly number[],
  y: { readonly readY: number; readonly integrityY: number; readonly confidentialityY: number },
): readonly Stem[] {
  const from = y.readY + STORY_SIZES.card
  return story.columns.flatMap(({ read }, column): Stem[] => {
    if (!read) return []
    const at = { column, x: (x[column] ?? 0) + STORY_SIZES.column / 2, from }
    const stems: Stem[] = []
    if (read.changed.integrity) stems.push({ ...at, to: y.integrityY, changed: 'integrity' })
    if (read.changed.confidentiality) stems.push({ ...at, to: y.confidentialityY, changed: 'confidentiality' })
    return stems.length > 0 ? stems : [{ ...at, to: y.integrityY, changed: 'nothing' }]
  })
}
