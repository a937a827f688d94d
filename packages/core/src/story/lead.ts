import { shorten, type Segment, type Sentence } from './sentence.ts'
import type { Story, StoryAction, StoryRead } from './story.ts'

const named = (read: StoryRead): readonly Segment[] =>
  read.object === '' ? [{ tool: read.tool }] : [{ tool: read.tool }, { text: ' of ' }, { value: shorten(read.object) }]

const WANTED: Readonly<Partial<Record<StoryAction['state'], string>>> = {
  waiting: 'now wants to run ',
  denied: 'tried to run ',
  refused: 'wanted to run ',
  expired: 'wanted to run ',
  approved: 'was let run ',
}

/**
 * The sentence over a story, from facts alone: what made the session untrusted, what confidential data it read then, and what it
 * wants now with a value from where.
 */
export function leadOf(story: Omit<Story, 'lead'>): Sentence {
  const { agent, columns, counts, threads } = story
  const reads = columns.flatMap(({ read }) => (read ? [read] : []))
  const untrusted = reads.find(({ changed, carries }) => changed.integrity && carries.integrity < 2)
  const confidential = reads.find(({ changed, carries }) => changed.confidentiality && carries.confidentiality > 1)
  const at = lastTelling(columns)
  const action = at < 0 ? undefined : columns[at]?.action
  if (untrusted === undefined && confidential === undefined && action === undefined) return plain(agent, counts.allowed)
  const did: Segment[][] = []
  if (confidential && confidential !== untrusted)
    did.push([{ text: 'read confidential data by ' }, ...named(confidential)])
  if (action) {
    const object: Segment[] = action.object === '' ? [] : [{ text: ' with ' }, { value: shorten(action.object) }]
    did.push([
      { text: WANTED[action.state] ?? 'ran ' },
      { tool: action.tool },
      ...object,
      ...whence(story, at, threads),
    ])
  }
  if (did.length === 0) did.push([{ text: `made ${calls(counts.allowed)} since, all allowed` }])
  const before: Sentence = untrusted
    ? [{ text: 'After reading ' }, ...named(untrusted), { text: ', which nobody vouches for, ' }]
    : []
  const parts = did.flatMap((part, i) => (i === 0 ? part : [{ text: ' and ' }, ...part]))
  return [...before, { text: `${agent} ` }, ...parts, { text: '.' }]
}

const calls = (n: number): string => `${n} ${n === 1 ? 'call' : 'calls'}`

function plain(agent: string, allowed: number): Sentence {
  if (allowed === 0) return [{ text: 'This session has done nothing yet.' }]
  return [
    { text: `${agent} made ${calls(allowed)}, all allowed. It has read nothing untrusted and nothing confidential.` },
  ]
}

/** What waits for a human speaks first, then the last that was stopped. */
function lastTelling(columns: Story['columns']): number {
  const waiting = columns.findLastIndex(({ action }) => action?.state === 'waiting')
  if (waiting >= 0) return waiting
  return columns.findLastIndex(({ action }) => action !== undefined && WANTED[action.state] !== undefined)
}

/** Where the doubtful value of the action came from. */
function whence({ columns }: Omit<Story, 'lead'>, to: number, threads: Story['threads']): readonly Segment[] {
  const thread = threads.find((each) => each.to === to && each.tone === 'untrusted')
  const read = thread && columns[thread.from]?.read
  if (!thread || !read) return []
  return [{ text: `; its ${thread.argument} stands in the result of ` }, { tool: read.tool }]
}
