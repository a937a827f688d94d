import type { SentencePart } from '../../ui/sentence.tsx'
import type { StateName } from '../../ui/chip.tsx'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type Members = Readonly<Record<string, Json | undefined>>

/** A record as the gateway's log shows it. */
export interface LogItem {
  readonly stream: string
  readonly seq: number
  readonly hash: string
  readonly prev: string
  readonly record: Members
  readonly sentence: readonly SentencePart[]
  /** How the call ended, on the record that let it run. */
  readonly ended?: Members | null
}

/** One record, and all records of its call. */
export interface RecordAnswer {
  readonly item: LogItem
  readonly call: readonly Omit<LogItem, 'sentence'>[]
}

export interface LogPage {
  readonly items: readonly LogItem[]
  readonly next: string | null
  readonly searchedTo: number | null
  readonly unindexed: number
  readonly tookMs: number
}

export interface Count {
  readonly n: number
  readonly estimated: boolean
}

export interface FacetsAnswer {
  readonly total: Count
  readonly facets: Readonly<Record<string, readonly (Count & { readonly value: string })[] | undefined>>
  readonly estimated: boolean
}

export interface Bucket {
  readonly from: number
  readonly allowed: number
  readonly asked: number
  readonly denied: number
  readonly other: number
}

export const placeOf = ({ stream, seq }: LogItem): string => `${stream}:${seq}`

export function text(record: Members | undefined | null, name: string): string {
  const value = record?.[name]
  return typeof value === 'string' ? value : ''
}

/** Names of the ranges and their length, ms. */
export const RANGES = [
  ['15m', 'Last 15 minutes', 15 * 60_000],
  ['1h', 'Last hour', 3_600_000],
  ['24h', 'Last 24 hours', 86_400_000],
  ['7d', 'Last 7 days', 7 * 86_400_000],
  ['30d', 'Last 30 days', 30 * 86_400_000],
  ['365d', 'Last year', 365 * 86_400_000],
] as const

/** What the address says of a log view. */
export const VIEW = { q: 'kind:call', last: '1h', from: '', to: '', tab: 'summary', zone: 'utc', cols: '' }
export type View = typeof VIEW

/** What of a view is worth a name: all but the open tab of a record. */
const KEPT = ['q', 'last', 'from', 'to', 'zone', 'cols'] as const

/** The query part of a view's address, the same for the same view; `''` for the plain log. */
export function addressOf(view: View): string {
  const pairs = KEPT.filter((name) => view[name] !== VIEW[name]).map((name) => [name, view[name]])
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

/** What such an address says; whatever else it holds is left out. */
export function viewIn(search: string): Partial<View> {
  const found = new URLSearchParams(search)
  return Object.fromEntries(KEPT.flatMap((name) => (found.has(name) ? [[name, found.get(name) ?? '']] : [])))
}

/** Time that a view covers, ms since 1970; `now` is when it was asked for. */
export function rangeOf({ last, from, to }: View, now: number): { readonly from: number; readonly to: number } {
  const [begin, end] = [Number(from), Number(to)]
  if (from !== '' && to !== '' && begin < end) return { from: begin, to: end }
  const length = RANGES.find(([name]) => name === last)?.[2] ?? 3_600_000
  return { from: now - length, to: now }
}

/** What a range is called: "the last hour", or its ends. */
export function rangeWords(view: View): string {
  if (view.from !== '') return `${stamp(Number(view.from), view.zone)} to ${stamp(Number(view.to), view.zone)}`
  return (RANGES.find(([name]) => name === view.last)?.[1] ?? 'Last hour').toLowerCase()
}

const parts = (at: number, zone: string): string => {
  const date = new Date(at)
  const local = new Date(at - date.getTimezoneOffset() * 60_000)
  return (zone === 'utc' ? date : local).toISOString()
}
/** `2026-11-20 14:31:47.203` */
export const stamp = (at: number, zone: string): string => parts(at, zone).replace('T', ' ').slice(0, 23)
/** `14:31:47.203` */
export const clock = (at: number, zone: string): string => parts(at, zone).slice(11, 23)
/** `14:31`, or with the day where the range is longer than one. */
export const tick = (at: number, zone: string, length: number): string =>
  length > 86_400_000
    ? `${parts(at, zone).slice(5, 10)} ${parts(at, zone).slice(11, 16)}`
    : parts(at, zone).slice(11, 16)

/** `38 ms`, `1.9 s` */
export function duration(ms: number): string {
  if (ms < 1) return '0 ms'
  if (ms < 1000) return `${Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}

export const countWords = ({ n, estimated }: Count): string => `${estimated ? '≈ ' : ''}${n.toLocaleString('en-GB')}`

const STATE_OF: Readonly<Record<string, StateName>> = {
  allowed: 'allowed',
  elevated: 'allowed',
  denied: 'denied',
  approval_required: 'asked',
}

/** The state word of a record; undefined for one that decided nothing. */
export function stateOf(record: Members): StateName | undefined {
  switch (record['kind']) {
    case 'decision':
      return STATE_OF[text(record, 'policyDecision')]
    case 'release':
      return 'approved'
    case 'refusal':
      return 'denied'
    case 'egress':
      return text(record, 'verdict').startsWith('allow') ? 'allowed' : 'denied'
    case 'approval.resolved':
      return text(record, 'resolution') === 'approve' ? 'approved' : 'denied'
    default:
      return undefined
  }
}

/** First rule of a record. */
export const ruleOf = (record: Members): string => {
  const rules = record['policyRule']
  return Array.isArray(rules) ? String(rules[0] ?? '') : text(record, 'rule')
}

const OUTCOMES: Readonly<Record<string, string>> = {
  success: 'done',
  failure: 'failed',
  timeout: 'gave no answer in time',
  aborted: 'stopped',
  not_executed: 'not executed',
}
/** `done in 38 ms` */
export const outcomeWords = (outcome: string, ms?: number): string =>
  outcome === '' ? '' : `${OUTCOMES[outcome] ?? outcome}${ms === undefined ? '' : ` in ${duration(ms)}`}`

/** First and last digits of a hash. */
export const short = (hex: string): string =>
  `${hex.slice(0, 4)} ${hex.slice(4, 8)} ${hex.slice(8, 12)} … ${hex.slice(-4)}`
