import { escapeText, isJsonObject, sentenceOf, type ApprovalView, type Json, type JsonObject } from '@sallyport/core'
import { changeLines } from '../assurance/admission/changes.ts'
import type { SkillReview } from '../assurance/admission/view.ts'
import type { GatewayClient } from '../cli/command.ts'
import type { HealthReport } from '../cli/health/report.ts'

/** All text in these is escaped: nothing of it can move the cursor (T-019, T-168). */
export interface Request {
  readonly id: string
  readonly agent: string
  readonly tool: string
  readonly severity: string
  readonly reason: string
  /** ms since 1970. */
  readonly expiresAt: number
  readonly quorum: number
  readonly agreed: number
}

/** One line of a list, in columns. */
export interface Line {
  readonly id: string
  /** ms since 1970. */
  readonly at: number
  readonly agent: string
  readonly state: string
  readonly text: string
}

export interface AlertLine extends Line {
  readonly severity: string
  readonly name: string
  readonly count: number
  readonly holder: string
}

export interface Status {
  readonly level: string
  readonly mode: string
  readonly version: string
}

const text = (from: JsonObject, name: string): string => {
  const value = from[name]
  return typeof value === 'string' ? escapeText(value) : ''
}
const number = (from: JsonObject, name: string): number => {
  const value = from[name]
  return typeof value === 'number' ? value : 0
}
const itemsOf = (answer: Json): readonly JsonObject[] => {
  const items = isJsonObject(answer) ? answer['items'] : undefined
  return Array.isArray(items) ? items.filter(isJsonObject) : []
}
const objectOf = (answer: Json): JsonObject => (isJsonObject(answer) ? answer : {})
const path = (id: string): string => encodeURIComponent(id)

/** What the dashboard asks of the gateway, over the operator socket and nothing else (SYS-4). */
export function createSource(gateway: GatewayClient) {
  const get = (at: string): Promise<Json> => gateway.request('GET', at)
  return {
    status: async (): Promise<Status> => {
      const answer = objectOf(await get('/api/v1/status'))
      return { level: text(answer, 'level'), mode: text(answer, 'mode'), version: text(answer, 'version') }
    },
    requests: async (): Promise<readonly Request[]> => {
      const found = await Promise.all(
        ['pending', 'partially_approved'].map(async (state) => itemsOf(await get(`/api/v1/approvals?state=${state}`))),
      )
      return found.flat().map(requestOf).sort(byRisk)
    },
    view: async (id: string): Promise<ApprovalView | undefined> => {
      const { view } = objectOf(await get(`/api/v1/approvals/${path(id)}`))
      return view === undefined ? undefined : (view as unknown as ApprovalView)
    },
    deny: (id: string): Promise<Json> => gateway.request('POST', `/api/v1/approvals/${path(id)}/deny`, { reason: '' }),
    kill: (agent: string): Promise<Json> => gateway.request('POST', '/api/v1/kill', { agent, reason: 'dashboard' }),
    activity: async (): Promise<readonly Line[]> => {
      const records = itemsOf(await get('/api/v1/log?newest=true&limit=200')).filter(isTold)
      return records.reverse().slice(0, 100).map(activityOf)
    },
    sessions: async (): Promise<readonly Line[]> => {
      const rows = itemsOf(await get('/api/v1/sessions/history?limit=50'))
      return rows.map((row) => ({
        ...{
          id: text(row, 'session'),
          at: number(row, 'lastTs'),
          agent: text(row, 'agent'),
          state: text(row, 'state'),
        },
        text: `${number(row, 'allowed')} ran, ${number(row, 'asked')} asked, ${number(row, 'denied')} denied`,
      }))
    },
    story: async (session: string): Promise<readonly string[]> => {
      const story = objectOf(await get(`/api/v1/sessions/${path(session)}/story`))
      const columns = Array.isArray(story['columns']) ? story['columns'].filter(isJsonObject) : []
      return [words(story['lead']), '', ...columns.map(stepOf)]
    },
    alerts: async (): Promise<readonly AlertLine[]> => {
      return itemsOf(await get('/api/v1/alerts')).map((row) => ({
        ...{ id: text(row, 'id'), at: number(row, 'last'), agent: text(row, 'agent'), state: text(row, 'state') },
        ...{ text: text(row, 'sentence'), severity: text(row, 'severity'), name: text(row, 'name') },
        ...{ count: number(row, 'count'), holder: text(row, 'holder') },
      }))
    },
    skills: async (): Promise<readonly Line[]> => {
      const { skills } = objectOf(await get('/api/v1/skills'))
      return (Array.isArray(skills) ? skills.filter(isJsonObject) : []).map((row) => ({
        ...{ id: `${text(row, 'name')}@${text(row, 'hash')}`, at: number(row, 'since'), agent: text(row, 'name') },
        state: STANDING.get(text(row, 'state')) ?? text(row, 'state'),
        text: `serves ${text(row, 'serves')}, ${number(row, 'found')} findings, from ${text(row, 'source')}`,
      }))
    },
    skill: async (id: string): Promise<readonly string[]> => {
      const [name = '', hash = ''] = id.split('@')
      return reviewLines(escaped(await get(`/api/v1/skills/${path(name)}?hash=${path(hash)}`)))
    },
    take: (id: string): Promise<Json> => gateway.request('POST', `/api/v1/alerts/${path(id)}/take`, {}),
    health: async (): Promise<HealthReport> => {
      return escaped(await get('/api/v1/health')) as unknown as HealthReport
    },
    check: (): Promise<Json> => gateway.request('POST', '/api/v1/health/check', {}),
  }
}
export type Source = ReturnType<typeof createSource>

const STANDING: ReadonlyMap<string, string> = new Map([['pending_review', 'waits']])

/** What a review looks at: where it is from, what it can do, what was found, what is different (HB-31). */
function reviewLines(answer: Json): readonly string[] {
  const { name, version, against } = objectOf(answer) as unknown as Partial<SkillReview>
  if (version?.findings === undefined) return []
  const { hash, state, provenance, publishers, capabilities, requiresApproval, verdict, findings } = version
  return [
    `${name ?? ''} ${version.version ?? ''}  ${state}  ${hash.slice(0, 12)}`,
    `from ${provenance.url ?? provenance.source}, signature ${provenance.signature ?? 'none'}, by ${publishers.join(', ') || 'nobody it names'}`,
    `can ${capabilities.join(', ') || 'nothing that was noticed'}; ${requiresApproval ? 'a person agrees to what it does' : 'asks nobody'}; scan: ${verdict}`,
    ...findings.map((finding) => `  ${finding.severity.padEnd(8)} ${finding.id} at ${finding.file}:${finding.line}`),
    ...(against === undefined
      ? []
      : ['', `Different from ${against.hash.slice(0, 12)}:`, ...changeLines(against.changes)]),
    '',
    `Decide: sallyport skills review ${name ?? ''} --hash ${hash.slice(0, 12)}`,
  ]
}

const RISKS = ['critical', 'high', 'medium', 'low']
const byRisk = (a: Request, b: Request): number =>
  RISKS.indexOf(a.severity) - RISKS.indexOf(b.severity) || a.expiresAt - b.expiresAt

function requestOf(item: JsonObject): Request {
  const agreed = item['approvals']
  return {
    ...{ id: text(item, 'id'), agent: text(item, 'agentId'), tool: text(item, 'tool') },
    ...{ severity: text(item, 'severity'), reason: text(item, 'reason'), expiresAt: number(item, 'expiresAt') },
    ...{ quorum: number(item, 'quorum'), agreed: Array.isArray(agreed) ? agreed.length : 0 },
  }
}

/** Records that say what somebody did or what became of it. */
const TOLD: ReadonlySet<string> = new Set(['decision', 'approval.resolved', 'release', 'refusal', 'egress', 'alert'])
const recordOf = (item: JsonObject): JsonObject => (isJsonObject(item['record']) ? item['record'] : item)
const isTold = (item: JsonObject): boolean => TOLD.has(text(recordOf(item), 'kind'))

function activityOf(item: JsonObject): Line {
  const record = recordOf(item)
  return {
    ...{ id: text(record, 'auditId'), at: Date.parse(text(record, 'timestamp')) || 0, agent: text(record, 'agentId') },
    state: text(record, 'policyDecision') || text(record, 'verdict') || (record['kind'] === 'refusal' ? 'denied' : ''),
    text: words(sentenceOf(record) as unknown as Json),
  }
}

/** A sentence of segments as one escaped line. */
function words(sentence: Json | undefined): string {
  if (!Array.isArray(sentence)) return ''
  return escapeText(
    sentence
      .filter(isJsonObject)
      .flatMap(Object.values)
      .filter((part) => typeof part === 'string')
      .join(''),
  )
}

function stepOf(column: JsonObject): string {
  const { read, action, fold } = column
  if (isJsonObject(action))
    return `  ${text(action, 'state').padEnd(9)} ${text(action, 'tool')} ${text(action, 'object')}`
  if (isJsonObject(read)) return `  read      ${text(read, 'tool') || 'words of the user'} ${text(read, 'object')}`
  const tools = isJsonObject(fold) && Array.isArray(fold['tools']) ? fold['tools'].filter(isJsonObject) : []
  return `  ${tools.map((one) => `${text(one, 'tool')} ×${number(one, 'n')}`).join(', ')}`
}

/** Every text in it escaped. */
function escaped(value: Json): Json {
  if (typeof value === 'string') return escapeText(value)
  if (Array.isArray(value)) return value.map(escaped)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, escaped(member)]))
}
