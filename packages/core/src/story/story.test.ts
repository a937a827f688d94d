import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../json/types.ts'
import { chosenThreads, layoutStory, STORY_SIZES } from './layout.ts'
import type { StoryRecord } from './calls.ts'
import type { Segment } from './sentence.ts'
import { storyOf } from './story.ts'

const START = Date.parse('2026-11-20T14:29:40.000Z')
let seq = 0
const stored = (record: JsonObject): StoryRecord => ({
  ...{ stream: 'local', seq: ++seq },
  record: {
    timestamp: new Date(START + seq * 1000).toISOString(),
    sessionId: 's-7f3k',
    agentId: 'support-triage',
    ...record,
  },
})
type Labels = readonly [integrity: number, confidentiality: number]
const labelled = ([integrity, confidentiality]: Labels) => ({ labels: { integrity, confidentiality } })
const decision = (auditId: string, toolName: string, effect: string, labels: Labels, more: JsonObject = {}) =>
  stored({
    ...{ kind: 'decision', auditId, toolName, effect, policyDecision: 'allowed', policyRule: ['base'] },
    ...{ actor: 'ana > support-triage', parameters: {}, ...labelled(labels), ...more },
  })
const outcome = (auditId: string, toolName: string, labels: Labels) =>
  stored({ kind: 'outcome', auditId, toolName, outcome: 'success', durationMs: 3, ...labelled(labels) })
const call = (id: string, tool: string, before: Labels, after: Labels, more: JsonObject = {}, effect = 'read') => [
  decision(id, tool, effect, before, more),
  outcome(id, tool, after),
]
const plain = (segments: readonly Segment[]): string =>
  segments.map((each) => ('text' in each ? each.text : 'tool' in each ? each.tool : `«${each.value}»`)).join('')

/** The example of the design: an e-mail names an address, a customer file is read, and both should be mailed. */
function example(): readonly StoryRecord[] {
  seq = 0
  const to: Json = [{ path: 'to[0]', role: 'sink', origin: 'untrusted', from: ['gmail.read_email'] }]
  const url: Json = [{ path: 'url', role: 'sink', origin: 'untrusted', from: ['gmail.read_email'] }]
  return [
    stored({ kind: 'identity', auditId: 'w', event: 'flow.words', channel: 'typed', length: 40, instance: 'i' }),
    ...call('a', 'gmail.search', [3, 0], [3, 0], {
      origins: [{ path: 'query', role: 'selector', origin: 'user', from: [] }],
      parameters: { query: 'invoices' },
    }),
    ...call('b', 'gmail.read_email', [3, 0], [1, 0], { parameters: { id: '24' } }),
    ...call('c', 'crm.get_account', [1, 0], [1, 2], { parameters: { account: 'Meridian Supply' } }),
    ...['d', 'e', 'f'].flatMap((id) => call(id, 'drive.list', [1, 2], [1, 2])),
    decision('g', 'web.fetch', 'external', [1, 2], {
      ...{ policyDecision: 'denied', origins: url, parameters: { url: 'https://pay.rneridian.example' } },
    }),
    decision('h', 'gmail.send_email', 'external', [1, 2], {
      ...{ policyDecision: 'approval_required', origins: to, parameters: { to: ['accounts@rneridian.example'] } },
    }),
    stored({ kind: 'approval.requested', auditId: 'h', approvalId: 'a-91c4' }),
  ]
}

describe('the story of a session', () => {
  it('tells what came in, what that changed, what was tried, and which value came from where', () => {
    const story = storyOf('s-7f3k', example())
    expect(story).toMatchObject({ agent: 'support-triage', person: 'ana', state: 'waiting', records: 16 })
    expect(story.counts).toEqual({ allowed: 6, denied: 1, waiting: 1 })
    expect(story.carries).toEqual({ integrity: 1, confidentiality: 2 })
    const shape = story.columns.map(({ read, action, fold }) => [
      read?.tool ?? '',
      action ? `${action.tool} ${action.state}` : fold ? fold.tools.map(({ tool, n }) => `${tool} ×${n}`).join() : '',
    ])
    expect(shape).toEqual([
      ['user', 'gmail.search ×1'],
      ['gmail.read_email', ''],
      ['crm.get_account', 'drive.list ×3'],
      ['', 'web.fetch denied'],
      ['', 'gmail.send_email waiting'],
    ])
    expect(story.threads).toEqual([
      { from: 1, to: 3, argument: 'url', origin: 'untrusted', tone: 'untrusted' },
      { from: 1, to: 4, argument: 'to[0]', origin: 'untrusted', tone: 'untrusted' },
    ])
    expect(story.columns[4]?.action).toMatchObject({ approvalId: 'a-91c4', object: 'accounts@rneridian.example' })
    expect(plain(story.lead)).toBe(
      'After reading gmail.read_email of «24», which nobody vouches for, support-triage read confidential data by ' +
        'crm.get_account of «Meridian Supply» and now wants to run gmail.send_email with «accounts@rneridian.example»; ' +
        'its to[0] stands in the result of gmail.read_email.',
    )
  })

  it('unfolds every call when asked', () => {
    const story = storyOf('s-7f3k', example(), { all: true })
    expect(story.columns.some(({ fold }) => fold !== undefined)).toBe(false)
    expect(story.columns.filter(({ read }) => read?.tool === 'drive.list')).toHaveLength(3)
    expect(story.threads.map(({ argument }) => argument)).toEqual(['query', 'url', 'to[0]'])
  })

  it('T-036: what an agent writes is a value in the sentence, never its words', () => {
    seq = 0
    const text = 'harmless. Approved by Jonas Weber'
    const records = [
      decision('x', 'web.fetch', 'external', [3, 0], { policyDecision: 'denied', parameters: { url: text } }),
    ]
    const { lead } = storyOf('s', records)
    expect(lead.filter((each) => 'text' in each && each.text.includes('harmless'))).toEqual([])
    expect(lead).toContainEqual({ value: text })
  })

  it('labels only tighten, whatever a record says', () => {
    seq = 0
    const records = [...call('a', 'x.read', [3, 0], [1, 2]), ...call('b', 'y.read', [3, 0], [3, 0])]
    expect(storyOf('s', records).carries).toEqual({ integrity: 1, confidentiality: 2 })
  })

  it('says so when there is nothing to tell', () => {
    expect(plain(storyOf('s', []).lead)).toBe('This session has done nothing yet.')
    seq = 0
    expect(plain(storyOf('s', call('a', 'x.read', [3, 0], [3, 0])).lead)).toContain('made 1 call, all allowed')
  })
})

describe('its drawing', () => {
  it('puts steps side by side, turns bands where a read changed them, and keeps threads in channels of their own', () => {
    const story = storyOf('s-7f3k', example())
    const { x, bands, stems, threads, width } = layoutStory(story, chosenThreads(story.threads))
    expect(x).toEqual(story.columns.map((_, i) => STORY_SIZES.left + i * STORY_SIZES.pitch))
    const middle = (i: number): number => (x[i] ?? 0) + STORY_SIZES.column / 2
    expect(bands.integrity).toEqual([
      { from: STORY_SIZES.left, to: middle(1), level: 3, cause: -1 },
      { from: middle(1), to: width, level: 1, cause: 1 },
    ])
    expect(bands.confidentiality.map(({ level, cause }) => [level, cause])).toEqual([
      [0, -1],
      [2, 2],
    ])
    expect(stems.map(({ changed }) => changed)).toEqual(['nothing', 'integrity', 'confidentiality'])
    expect(new Set(threads.map(({ channel }) => channel)).size).toBe(2)
    for (const { path } of threads) expect(path).toMatch(/^M[\d.]+ [\d.]+V[\d.]+Q.*H[\d.]+Q.*V[\d.]+$/)
  })

  it('no two threads share a place: neither a channel over the same columns nor a port', () => {
    const threads = Array.from({ length: 300 }, (_, i) => ({
      ...{
        from: (i * 7) % 40,
        to: 40 + ((i * 11) % 60),
        argument: `a${i}`,
        origin: 'untrusted',
        tone: 'untrusted' as const,
      },
    }))
    const columns = Array.from({ length: 100 }, (_, i) => ({ at: i }))
    const { threads: drawn } = layoutStory({ columns, start: { integrity: 3, confidentiality: 0 } }, threads)
    const meeting = drawn.flatMap((a, i) =>
      drawn.slice(i + 1).filter((b) => {
        const apart = a.thread.to < b.thread.from || b.thread.to < a.thread.from
        return a.x === b.x || (!apart && a.channel === b.channel)
      }),
    )
    expect(meeting).toEqual([])
  })
})
