import type { ReactNode } from 'react'
import { State } from '../../ui/chip.tsx'
import { Labels, type LabelPair } from '../../ui/labels.tsx'
import { Value } from '../../ui/value.tsx'
import { duration, ruleOf, stateOf, text, type LogItem } from './model.ts'
import styles from './records.module.css'

/** A column of the log beside the time, which is always there. */
export interface LogColumn {
  readonly id: string
  readonly title: string
  /** Least width, px. */
  readonly least: number
  /** Share of the width that is left; 0 stays as it is. */
  readonly share: number
  readonly end?: boolean
  readonly cell: (item: LogItem) => ReactNode
}

const TIME_WIDTH = 108
const GAP = 16

const plain = (id: string, title: string, least: number, share: number, name = id): LogColumn => ({
  ...{ id, title, least, share },
  cell: ({ record }) => <bdi>{text(record, name)}</bdi>,
})
const mono = (id: string, title: string, least: number, share: number, of: (item: LogItem) => string): LogColumn => ({
  ...{ id, title, least, share },
  cell: (item) => <bdi className={styles.mono}>{of(item)}</bdi>,
})

export const LOG_COLUMNS: readonly LogColumn[] = [
  { id: 'decision', title: 'Decision', least: 96, share: 0, cell: (item) => <Decision item={item} /> },
  plain('agent', 'Agent', 90, 1, 'agentId'),
  { id: 'tool', title: 'Tool, rule', least: 140, share: 1.6, cell: (item) => <Tool item={item} /> },
  { id: 'took', title: 'Took', least: 64, share: 0, end: true, cell: tookOf },
  mono('session', 'Session', 96, 0.8, ({ record }) => text(record, 'sessionId')),
  plain('person', 'Acts for', 110, 0.8, 'actor'),
  mono('rule', 'Rule', 110, 1, ({ record }) => ruleOf(record)),
  { id: 'object', title: 'What', least: 140, share: 1.4, cell: objectOf },
  plain('reason', 'Reason', 180, 2),
  { id: 'labels', title: 'Labels', least: 210, share: 0, cell: ({ record }) => <Labels {...labelsOf(record)} /> },
  plain('effect', 'Effect', 72, 0),
  plain('kind', 'Kind', 88, 0),
  plain('surface', 'Surface', 88, 0),
  plain('ingress', 'Came by', 72, 0),
  mono('code', 'Code', 150, 0, ({ record }) => text(record, 'code')),
  mono('id', 'Event', 120, 0, ({ record }) => text(record, 'auditId').slice(-12)),
]

export const USUAL = 'decision,agent,tool,took'

/** Columns that an address names, in its order; those that there are not are left out. */
export function columnsOf(cols: string): readonly LogColumn[] {
  const named = cols.split(',').flatMap((id) => LOG_COLUMNS.find((each) => each.id === id) ?? [])
  return named.length > 0 ? [...new Set(named)] : columnsOf(USUAL)
}

/** Tracks of the grid with the time first, and the least width of a row, px. */
export function tracksOf(columns: readonly LogColumn[]): { readonly tracks: string; readonly least: number } {
  const tracks = columns.map(({ least, share }) => (share === 0 ? `${least}px` : `minmax(${least}px, ${share}fr)`))
  const least = columns.reduce((sum, each) => sum + each.least + GAP, TIME_WIDTH + 2 * GAP)
  return { tracks: [`${TIME_WIDTH}px`, ...tracks].join(' '), least }
}

function Decision({ item: { record } }: { readonly item: LogItem }) {
  const state = stateOf(record)
  if (state === undefined) return <span className={styles.kind}>{text(record, 'kind')}</span>
  return <State name={state} quiet />
}

function Tool({ item: { record } }: { readonly item: LogItem }) {
  const rule = stateOf(record) === 'allowed' ? '' : ruleOf(record)
  return (
    <>
      <bdi>{text(record, 'toolName') || text(record, 'event') || text(record, 'name') || text(record, 'target')}</bdi>
      {rule !== '' && <bdi className={styles.rule}>{rule}</bdi>}
    </>
  )
}

function tookOf({ record, ended }: LogItem): string {
  const took = ended?.['durationMs'] ?? record['durationMs']
  return typeof took === 'number' ? duration(took) : '–'
}

/** Words of others within the sentence of the record. */
function objectOf({ sentence }: LogItem): ReactNode {
  const value = sentence.find((part) => 'value' in part)
  return value === undefined ? '' : <Value text={value.value} />
}

function labelsOf(record: LogItem['record']): LabelPair {
  const labels = record['labels']
  return typeof labels === 'object' && labels !== null ? (labels as LabelPair) : {}
}
