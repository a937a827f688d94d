import { facetsOf, isJsonObject, objectOf, shorten, type JsonObject, type LogRecord } from '@sallyport/core'
import type { PublishLive } from '../../boundary/ports-live.ts'

export interface ActivityDeps {
  /** ms since 1970. */
  readonly now: () => number
  readonly publish: PublishLive
}

/** Numbers of a twelfth of a minute. */
interface Point {
  /** Its beginning, ms since 1970. */
  readonly at: number
  calls: number
  asked: number
  denied: number
  readonly agents: Set<string>
}

interface Work {
  readonly agent: string
  session: string
  lastAt: number
  lastTool: string
  /** Calls that run, by audit id: tool and since when. */
  readonly open: Map<string, { readonly tool: string; readonly since: number }>
  integrity: number
  confidentiality: number
  readonly calls: Map<number, number>
}

const POINT_MS = 5_000
const POINTS = 60
const WINDOW_MS = POINT_MS * POINTS
const MOST_AGENTS = 1_000
const MOST_OPEN = 256
/** More events in a second are told as counts by tool (console.md §7.1). */
const MOST_PER_SECOND = 50
const MOST_TOOLS = 20
const SHOWN_KINDS: ReadonlySet<string> = new Set(['decision', 'release'])

/**
 * What happens now, counted from records as they are written. In memory: it forgets after five minutes and begins anew with the
 * gateway. Nothing decides on it.
 */
export class Activity {
  readonly #now: () => number
  readonly #publish: PublishLive
  readonly #points = new Map<number, Point>()
  readonly #work = new Map<string, Work>()
  #second = 0
  #told = 0
  #held = new Map<string, number>()

  constructor({ now, publish }: ActivityDeps) {
    this.#now = now
    this.#publish = publish
  }

  /** Takes in a record. Never throws, waits for nothing. */
  note(record: LogRecord): void {
    const { decision = [], agent: [agent] = [], tool: [tool = ''] = [] } = facetsOf(record)
    if (agent === undefined || agent === '') return
    const now = this.#now()
    const work = this.#workOf(agent, now)
    if (work === undefined) return
    work.lastAt = now
    carry(work, record)
    if (typeof record['sessionId'] === 'string' && record['sessionId'] !== '') work.session = record['sessionId']
    if (record.kind === 'outcome') work.open.delete(record.auditId)
    if (!SHOWN_KINDS.has(record.kind)) return
    const word = decision[0] ?? ''
    work.lastTool = tool
    if (word !== 'denied' && word !== 'asked' && work.open.size < MOST_OPEN) {
      work.open.set(record.auditId, { tool, since: now })
    }
    if (record.kind === 'decision') this.#count(work, agent, word, now)
    this.#tell(record, tool, word, now)
  }

  /** Numbers of the last five minutes, and who is at work. */
  show(): JsonObject {
    const now = this.#now()
    const last = Math.floor(now / POINT_MS)
    const points = Array.from({ length: POINTS }, (_, i) => {
      const at = last - POINTS + 1 + i
      const point = this.#points.get(at)
      const { calls = 0, asked = 0, denied = 0 } = point ?? {}
      return { at: new Date(at * POINT_MS).toISOString(), calls, asked, denied, agents: point?.agents.size ?? 0 }
    })
    const sum = (key: 'calls' | 'asked' | 'denied'): number => points.reduce((n, point) => n + point[key], 0)
    const atWork = [...this.#work.values()].filter(({ lastAt }) => now - lastAt <= WINDOW_MS)
    return {
      ...{ callsPerMinute: Math.round((sum('calls') / 5) * 10) / 10, asked: sum('asked'), denied: sum('denied') },
      agents: atWork.length,
      points,
      work: atWork.sort((a, b) => b.lastAt - a.lastAt).map((work) => workJson(work, last)),
    }
  }

  #workOf(agent: string, now: number): Work | undefined {
    const known = this.#work.get(agent)
    if (known) return known
    if (this.#work.size >= MOST_AGENTS) {
      for (const [name, { lastAt }] of this.#work) if (now - lastAt > WINDOW_MS) this.#work.delete(name)
      if (this.#work.size >= MOST_AGENTS) return undefined
    }
    const work: Work = {
      ...{ agent, session: '', lastAt: now, lastTool: '', open: new Map(), integrity: 3, confidentiality: 0 },
      calls: new Map(),
    }
    this.#work.set(agent, work)
    return work
  }

  #count(work: Work, agent: string, word: string, now: number): void {
    const at = Math.floor(now / POINT_MS)
    let point = this.#points.get(at)
    if (point === undefined) {
      point = { at, calls: 0, asked: 0, denied: 0, agents: new Set() }
      this.#points.set(at, point)
      for (const old of this.#points.keys()) if (old <= at - POINTS) this.#points.delete(old)
    }
    point.calls++
    if (word === 'asked') point.asked++
    if (word === 'denied') point.denied++
    point.agents.add(agent)
    work.calls.set(at, (work.calls.get(at) ?? 0) + 1)
    for (const old of work.calls.keys()) if (old <= at - POINTS) work.calls.delete(old)
  }

  #tell(record: LogRecord, tool: string, word: string, now: number): void {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      const [held, told] = [this.#held, this.#told]
      if (held.size > 0) {
        const counts = [...held].sort((a, b) => b[1] - a[1]).slice(0, MOST_TOOLS)
        const n = [...held.values()].reduce((sum, each) => sum + each, 0)
        this.#publish({
          topic: 'activity',
          id: 'counts',
          body: { at: this.#second * 1000, n, told, tools: Object.fromEntries(counts) },
        })
      }
      this.#held = new Map()
      ;[this.#second, this.#told] = [second, 0]
    }
    if (this.#told < MOST_PER_SECOND) {
      this.#told++
      this.#publish({ topic: 'activity', id: record.auditId, body: lineOf(record, tool, word) })
    } else this.#held.set(tool, (this.#held.get(tool) ?? 0) + 1)
  }
}

function carry(work: Work, record: LogRecord): void {
  const labels = isJsonObject(record['labels']) ? record['labels'] : {}
  const { integrity, confidentiality } = labels
  if (typeof integrity === 'number') work.integrity = integrity
  if (typeof confidentiality === 'number') work.confidentiality = confidentiality
}

/** What a line of the stream says. */
function lineOf(record: LogRecord, tool: string, decision: string): JsonObject {
  const { auditId, kind, timestamp, agentId, sessionId, effect, labels, reason, policyRule, toolCategory } = record
  const about = objectOf(record)
  return {
    ...{
      auditId,
      kind,
      timestamp,
      tool,
      decision,
      agent: agentId ?? '',
      session: sessionId ?? '',
      effect: effect ?? '',
      group: toolCategory ?? '',
    },
    object: about === undefined ? '' : shorten(about.value),
    labels: labels ?? null,
    reason: typeof reason === 'string' ? reason.slice(0, 300) : '',
    rule: Array.isArray(policyRule) ? (policyRule[0] ?? '') : '',
  } as JsonObject
}

function workJson(
  { agent, session, lastAt, lastTool, open, integrity, confidentiality, calls }: Work,
  last: number,
): JsonObject {
  const [running] = [...open.values()]
  const recent = [...calls].filter(([at]) => at > last - 12).reduce((n, [, each]) => n + each, 0)
  return {
    ...{ agent, session, lastTool, labels: { integrity, confidentiality }, callsPerMinute: recent },
    lastAt: new Date(lastAt).toISOString(),
    now: running === undefined ? null : { tool: running.tool, since: new Date(running.since).toISOString() },
  }
}
