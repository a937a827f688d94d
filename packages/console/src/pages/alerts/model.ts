type Severity = 'critical' | 'high' | 'medium' | 'low'
type AlertState = 'open' | 'taken' | 'resolved'

/** A line of the list, as `GET /api/v1/alerts` has it. Times in ms since 1970, by the gateway's clock. */
export interface Row {
  readonly id: string
  readonly name: string
  readonly severity: Severity
  readonly sentence: string
  readonly agent: string
  readonly tool: string
  readonly session: string
  readonly state: AlertState
  readonly holder: string
  readonly count: number
  readonly first: number
  readonly last: number
  /** Id of the silence that keeps it from being told; empty: none. */
  readonly silence: string
}

export interface Listing {
  readonly items: readonly Row[]
  readonly total: number
  readonly lastResolved: number | null
}

export interface Channel {
  readonly state: 'queued' | 'retrying' | 'sent' | 'dead' | 'dropped'
  readonly at: number
  readonly tries: number
  readonly error?: string
}

/** One alert, as `GET /api/v1/alerts/:id` has it. */
export interface Alert extends Row {
  readonly cause: Readonly<Record<string, unknown>>
  readonly timeline: readonly {
    readonly at: number
    readonly event: string
    readonly by?: string
    readonly text?: string
  }[]
  readonly channels: Readonly<Record<string, Channel>>
}

export interface Sink {
  readonly name: string
  readonly type: string
  readonly waiting: number
  readonly dead: number
  readonly since: number
  readonly error: string
}

export interface Silence {
  readonly id: string
  readonly matcher: Matcher
  readonly until: number
  readonly reason: string
  readonly by: string
}

export type Matcher = Partial<Record<'name' | 'agent' | 'tool', string>>

/** What a silence may name, and the words for it. */
export const MEMBERS = [
  ['name', 'Kind'],
  ['agent', 'Agent'],
  ['tool', 'Tool'],
] as const

export const personOf = (id: string): string => id.replace(/^operator:/, '')

/** `14:02`; with its day when that is not today. */
export function timeText(at: number, now: number): string {
  const date = new Date(at)
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (date.toDateString() === new Date(now).toDateString()) return time
  if (date.toDateString() === new Date(now - 86_400_000).toDateString()) return `yesterday, ${time}`
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${time}`
}

/** `14 times in 6 min`; `once`. */
export function countText({ count, first, last }: Pick<Row, 'count' | 'first' | 'last'>): string {
  return count === 1 ? 'once' : `${count} times in ${spanText(last - first)}`
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

function spanText(ms: number): string {
  const unit = UNITS.find(([size]) => ms >= size)
  return unit === undefined ? 'less than 1 s' : `${Math.round(ms / unit[0])} ${unit[1]}`
}

const CHANNEL: Readonly<Record<Channel['state'], string>> = {
  queued: 'Waits',
  retrying: 'Retrying',
  sent: 'Sent',
  dead: 'Given up',
  dropped: 'Dropped',
}

/** `Sent 14:02`, `Retrying, answered 404, 3 tries`. */
export function channelText({ state, at, tries, error }: Channel, now: number): string {
  if (state === 'sent' || state === 'queued') return `${CHANNEL[state]} ${timeText(at, now)}`
  return [CHANNEL[state], error ?? '', `${tries} ${tries === 1 ? 'try' : 'tries'}`].filter(Boolean).join(', ')
}

const EVENTS: Readonly<Record<string, string>> = {
  opened: 'First seen',
  worse: 'Got worse',
  taken: 'Taken',
  resolved: 'Resolved',
  notified: 'Told',
  failed: 'Could not be told',
}

export const eventText = (event: string): string => EVENTS[event] ?? event
