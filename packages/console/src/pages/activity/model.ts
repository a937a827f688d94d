import type { LogItem, Members } from '../log/model.ts'
import { ruleOf, stateOf, text } from '../log/model.ts'
import type { StateName } from '../../ui/chip.tsx'

interface Point {
  readonly at: string
  readonly calls: number
  readonly asked: number
  readonly denied: number
  readonly agents: number
}

export interface Work {
  readonly agent: string
  readonly session: string
  readonly lastTool: string
  readonly lastAt: string
  readonly labels: { readonly integrity: number; readonly confidentiality: number }
  readonly callsPerMinute: number
  readonly now: { readonly tool: string; readonly since: string } | null
}

export interface ActivityAnswer {
  readonly callsPerMinute: number
  readonly asked: number
  readonly denied: number
  readonly agents: number
  readonly points: readonly Point[]
  readonly work: readonly Work[]
}

/** A line of the stream. */
export interface Line {
  readonly id: string
  readonly at: number
  readonly agent: string
  readonly session: string
  readonly tool: string
  /** `group:fs`; empty where the record names none. */
  readonly group: string
  readonly object: string
  readonly state: StateName | undefined
  readonly reason: string
  readonly rule: string
  readonly labels: { readonly integrity?: number; readonly confidentiality?: number }
}

/** What a live event tells of a call. */
export interface LiveLine extends Members {
  readonly auditId: string
}

/** Too many calls for lines: how many of which tool in one second. */
export interface LiveCounts {
  readonly at: number
  readonly n: number
  readonly tools: Readonly<Record<string, number>>
}

const labelsOf = (record: Members): Line['labels'] => (record['labels'] ?? {}) as Line['labels']

export function lineOfItem({ record, sentence }: LogItem): Line {
  const value = sentence.find((part) => 'value' in part)
  return {
    id: `${text(record, 'auditId')}.${text(record, 'kind')}`,
    at: Date.parse(text(record, 'timestamp')),
    ...{ agent: text(record, 'agentId'), session: text(record, 'sessionId'), tool: text(record, 'toolName') },
    group: text(record, 'toolCategory'),
    object: value !== undefined && 'value' in value ? value.value : '',
    ...{ state: stateOf(record), reason: text(record, 'reason'), rule: ruleOf(record), labels: labelsOf(record) },
  }
}

const WORDS: Readonly<Record<string, StateName>> = {
  ...{ allowed: 'allowed', elevated: 'allowed', denied: 'denied', asked: 'asked', approved: 'approved' },
}

export const lineOfEvent = (body: LiveLine): Line => ({
  id: `${body.auditId}.${text(body, 'kind')}`,
  at: Date.parse(text(body, 'timestamp')),
  ...{
    agent: text(body, 'agent'),
    session: text(body, 'session'),
    tool: text(body, 'tool'),
    group: text(body, 'group'),
    object: text(body, 'object'),
  },
  ...{
    state: WORDS[text(body, 'decision')],
    reason: text(body, 'reason'),
    rule: text(body, 'rule'),
    labels: labelsOf(body),
  },
})

/** Lines of one session in a row; runs of a tool that was allowed fold into one. */
export interface Group {
  readonly session: string
  readonly agent: string
  readonly entries: readonly { readonly line: Line; readonly more: number }[]
}

export function groupsOf(lines: readonly Line[]): readonly Group[] {
  const groups: { session: string; agent: string; entries: { line: Line; more: number }[] }[] = []
  for (const line of lines) {
    const group = groups.at(-1)
    if (group === undefined || group.session !== line.session || group.agent !== line.agent) {
      groups.push({ session: line.session, agent: line.agent, entries: [{ line, more: 0 }] })
      continue
    }
    const last = group.entries.at(-1)
    const same = last?.line.tool === line.tool && last.line.state === 'allowed' && line.state === 'allowed'
    if (last && same) last.more++
    else group.entries.push({ line, more: 0 })
  }
  return groups
}

const GROUP_WORDS: Readonly<Record<string, string>> = {
  ...{ 'group:fs': 'Files', 'group:runtime': 'Commands', 'group:web': 'Web', 'group:messaging': 'Messages' },
  ...{ 'group:memory': 'Memory', 'group:sessions': 'Sessions', 'group:ui': 'Browser and canvas' },
  ...{ 'group:automation': 'Automation', 'group:nodes': 'Other machines', 'group:unclassified': 'Not classified' },
}

/** Tool groups to choose from: all that a call can have been of, and the one that is chosen. */
export function groupChoices(
  chosen: string,
  lines: readonly Line[],
): readonly (readonly [group: string, words: string])[] {
  const own = [chosen, ...lines.map(({ group }) => group)].filter((group) => group !== '' && !(group in GROUP_WORDS))
  return [...Object.entries(GROUP_WORDS), ...[...new Set(own)].sort().map((group) => [group, group] as const)]
}
