import type { Story, StoryAction, StoryColumn } from '@sallyport/core/story/layout'
import { serverNow } from '../../api/clock.ts'
import type { StateName } from '../../ui/chip.tsx'

export type { Story, StoryAction, StoryColumn, StoryRead } from '@sallyport/core/story/layout'

/** A story as the gateway tells it. */
export type StoryAnswer = Story & {
  readonly now: 'waiting' | 'open' | 'ended'
  /** Records left out at the beginning of a very long session. */
  readonly skipped: number
}

export interface SessionRow {
  readonly session: string
  readonly agent: string
  readonly person: string
  readonly firstTs: number
  readonly lastTs: number
  readonly lastTool: string
  readonly records: number
  readonly allowed: number
  readonly asked: number
  readonly denied: number
  readonly integrity: number
  readonly confidentiality: number
  readonly state: 'waiting' | 'open' | 'ended'
}

export interface SessionsAnswer {
  readonly items: readonly SessionRow[]
  readonly next: string | null
}

export const STATE_OF: Readonly<Record<StoryAction['state'], StateName>> = {
  allowed: 'allowed',
  denied: 'denied',
  waiting: 'waiting',
  approved: 'approved',
  refused: 'denied',
  expired: 'expired',
  failed: 'allowed',
}

export const LABEL_WORDS = {
  integrity: ['hostile', 'untrusted', 'semi-trusted', 'trusted'],
  confidentiality: ['public', 'internal', 'confidential', 'secret'],
} as const

/** `14:30:12` */
export const time = (at: number): string => new Date(at).toISOString().slice(11, 19)
/** `28 Nov, 14:30` */
export const day = (at: number): string =>
  new Date(at).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
  })

/** `14:30` of today, else with its day. */
export const recent = (at: number): string => (serverNow() - at < 86_400_000 ? time(at).slice(0, 5) : day(at))

/** What is selected in a story: a column and which of its two cards. */
export interface Selection {
  readonly column: number
  readonly lane: 'read' | 'action'
}

export const idOf = (column: StoryColumn, lane: Selection['lane']): string | undefined =>
  lane === 'read' ? column.read?.place : (column.action?.place ?? column.fold?.calls[0]?.place)

/** Where a place stands in the story. */
export function selectionOf(story: Story, place: string): Selection | undefined {
  for (const [column, each] of story.columns.entries()) {
    if (each.read?.place === place) return { column, lane: 'read' }
    if (idOf(each, 'action') === place) return { column, lane: 'action' }
  }
  return undefined
}

/** What was read, in words of a list: its tool and what of it. */
export const originWords = ({ read }: StoryColumn): string =>
  read === undefined
    ? ''
    : read.from === 'words'
      ? 'the user’s words'
      : `${read.tool}${read.object === '' ? '' : `, ${read.object}`}`

/** What the session carried until a column. */
export const carriedBefore = ({ columns, start }: Story, column: number): Story['start'] =>
  columns.slice(0, column).findLast(({ read }) => read !== undefined)?.read?.carries ?? start
