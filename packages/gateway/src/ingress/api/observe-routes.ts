import {
  INTEGRITY_WORDS,
  CONFIDENTIALITY_WORDS,
  isJsonObject,
  parseLogSearch,
  SallyportError,
  storyOf,
  type Json,
  type JsonObject,
  type StoredRecord,
  type StoryRecord,
} from '@sallyport/core'
import { z } from 'zod'
import type { SearchSource } from './log/ports.ts'
import { COUNT, TIME } from './log/search-params.ts'
import type { ApiRequest, Route } from './route.ts'
import { invalid } from './verdict-response.ts'

interface SessionLine {
  readonly session: string
  readonly lastTs: number
  readonly firstTs: number
}

export interface ObserveServices {
  /** Numbers of the last five minutes, and who is at work. */
  readonly activity: { show(): JsonObject }
  readonly log: {
    readLog(query: {
      readonly session?: string
      readonly afterSeq?: number
      readonly limit?: number
    }): Promise<readonly StoredRecord[]>
    readonly search: Pick<SearchSource, 'page'> & {
      sessions(query: object): Promise<{
        readonly sessions: readonly (SessionLine & object)[]
        readonly next?: readonly [lastTs: number, session: string]
      }>
    }
  }
  /** Sessions that wait for a human now. */
  readonly waiting: () => Promise<ReadonlySet<string>>
  /** Sessions that are open now. */
  readonly open: () => Promise<ReadonlySet<string>>
}

const Sessions = z.strictObject({
  agent: z.string().max(256).optional(),
  session: z.string().max(256).optional(),
  integrity: z.enum(INTEGRITY_WORDS).optional(),
  confidentiality: z.enum(CONFIDENTIALITY_WORDS).optional(),
  denied: z.enum(['true', 'false']).optional(),
  asked: z.enum(['true', 'false']).optional(),
  from: TIME.optional(),
  to: TIME.optional(),
  before: z.string().max(300).optional(),
  limit: COUNT.optional(),
})
const Story = z.strictObject({ all: z.enum(['true', 'false']).optional() })

const PAGE = 1_000
/** Records of one session that a story is told from; a longer one is told from its last ones, and says so. */
const MOST_RECORDS = 20_000
/** What the user said before the first call belongs to the session too. */
const BEFORE_MS = 10 * 60_000

/** `/api/v1/activity`, `/api/v1/sessions/history` and the story of one. All of them only read. */
export function observeRoutes({ activity, log, waiting, open }: ObserveServices): Route[] {
  const get = (path: string, summary: string, handle: (request: ApiRequest) => Promise<Json>): Route => ({
    ...{ method: 'GET', path, plane: 'operator', scope: 'read', summary },
    handle: async (request) => ({ status: 200, body: await handle(request) }),
  })
  return [
    get('/api/v1/activity', 'The last five minutes in numbers and 60 points, and the agents at work.', async () =>
      activity.show(),
    ),
    get(
      '/api/v1/sessions/history',
      'Sessions of the log by their last record, newest first. Filters: agent, session, integrity, confidentiality (or worse), asked, denied, from, to; `before` = `next` for more.',
      async (request) => {
        const parsed = Sessions.safeParse(request.query)
        if (!parsed.success) return invalid(parsed.error)
        const [{ sessions, next }, nowWaiting, nowOpen] = await Promise.all([
          log.search.sessions(queryOf(parsed.data)),
          waiting(),
          open(),
        ])
        const items = sessions.map((row) => ({
          ...row,
          state: nowWaiting.has(row.session) ? 'waiting' : nowOpen.has(row.session) ? 'open' : 'ended',
        }))
        return { items, next: next === undefined ? null : `${next[0]}.${next[1]}` } as unknown as Json
      },
    ),
    get(
      '/api/v1/sessions/:id/story',
      'How a session came to where it is: what it read, what that changed, what it tried, which value came from where. `all=true` unfolds.',
      async (request) => {
        const parsed = Story.safeParse(request.query)
        if (!parsed.success) return invalid(parsed.error)
        const id = request.params['id'] ?? ''
        const { records, skipped } = await recordsOf(log, id)
        if (records.length === 0)
          throw new SallyportError('SP_AUDIT_UNKNOWN', `The log knows no session ${id.slice(0, 80)}.`)
        const [words, nowWaiting, nowOpen] = await Promise.all([wordsOf(log, records), waiting(), open()])
        const story = storyOf(id, inOrder([...records, ...words]), { all: parsed.data.all === 'true' })
        const state = nowWaiting.has(id) ? 'waiting' : nowOpen.has(id) ? 'open' : 'ended'
        return { ...story, session: id, now: state, skipped } as unknown as Json
      },
    ),
  ]
}

function queryOf({ integrity, confidentiality, asked, denied, before, ...rest }: z.infer<typeof Sessions>): object {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  const place = before === undefined ? undefined : /^([0-9]{1,16})\.(.{1,256})$/s.exec(before)
  if (before !== undefined && !place) throw new SallyportError('SP_API_INVALID', 'before: not a place of a list.')
  return {
    ...Object.fromEntries(given),
    ...(integrity === undefined ? {} : { integrityAtMost: INTEGRITY_WORDS.indexOf(integrity) }),
    ...(confidentiality === undefined
      ? {}
      : { confidentialityAtLeast: CONFIDENTIALITY_WORDS.indexOf(confidentiality) }),
    ...(asked === 'true' ? { askedAtLeast: 1 } : {}),
    ...(denied === 'true' ? { deniedAtLeast: 1 } : {}),
    ...(place ? { before: [Number(place[1]), place[2] ?? ''] } : {}),
  }
}

async function recordsOf(log: ObserveServices['log'], session: string) {
  let records: StoryRecord[] = []
  let skipped = 0
  for (let afterSeq = 0; ;) {
    const page = await log.readLog({ session, afterSeq, limit: PAGE })
    records.push(...page.map(toStory))
    if (records.length > MOST_RECORDS) {
      skipped += records.length - MOST_RECORDS
      records = records.slice(-MOST_RECORDS)
    }
    const last = page.at(-1)
    if (!last || page.length < PAGE) return { records, skipped }
    afterSeq = last.seq
  }
}

/** What the user said to the instance that this session belongs to: such records name no session. */
async function wordsOf(log: ObserveServices['log'], records: readonly StoryRecord[]): Promise<readonly StoryRecord[]> {
  const first = records[0]?.record
  const instance = records.find(({ record }) => typeof record['instance'] === 'string')?.record['instance']
  const { agentId } = first ?? {}
  if (typeof agentId !== 'string' || instance === undefined) return []
  const { terms } = parseLogSearch('kind:identity')
  const found = await log.search.page({
    search: { terms: [...terms, { field: 'agent', values: [agentId], not: false }], words: [] },
    from: timeOf(first) - BEFORE_MS,
    to: timeOf(records.at(-1)?.record),
    limit: PAGE,
  })
  return found.records
    .map(toStory)
    .filter(({ record }) => record['event'] === 'flow.words' && record['instance'] === instance)
}

const timeOf = (record: JsonObject | undefined): number => {
  const timestamp = record?.['timestamp']
  return typeof timestamp === 'string' ? Date.parse(timestamp) || 0 : 0
}
const inOrder = (records: readonly StoryRecord[]): readonly StoryRecord[] =>
  [...records].sort((a, b) => timeOf(a.record) - timeOf(b.record) || a.seq - b.seq)

function toStory({ stream, seq, body }: StoredRecord): StoryRecord {
  const record = JSON.parse(body) as Json
  return { stream, seq, record: isJsonObject(record) ? record : {} }
}
