import {
  pinDigest,
  pseudoMethod,
  SallyportError,
  type Finding,
  type Json,
  type JsonObject,
  type LaunchSpec,
  type RegisteredTool,
  type ToolDefinition,
} from '@sallyport/core'
import { z } from 'zod'
import { targetOf } from './mcp-routes.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'
import { DAY, survey, tally, text, type SurveyedLog } from './survey.ts'

interface PastPin {
  readonly pin: string
  readonly by: string
  readonly at: number
  readonly definition: ToolDefinition
}
interface Pin extends PastPin {
  readonly tool: string
  readonly seenAt: number
  readonly kept?: { readonly by: string; readonly at: number }
  readonly history: readonly PastPin[]
}
interface Entry {
  readonly tool: RegisteredTool
  readonly state: string
  readonly note: string
}

export interface ToolReviewDeps {
  readonly catalogue: {
    servers(): readonly { readonly alias: string; readonly launch: LaunchSpec }[]
    entries(alias: string): readonly Entry[]
    drifts(alias: string): Promise<readonly { readonly tool: string; readonly seen: ToolDefinition }[]>
    pins(alias: string): Promise<readonly Pin[]>
    keepHeld(alias: string, by: string, reviewed: Readonly<Record<string, string>>): Promise<readonly string[]>
    annotatedBy(alias: string, name: string): string
  }
  readonly log: SurveyedLog
  /** ms since 1970. */
  readonly now: () => number
  /** What is odd about a text of a server. */
  readonly findings: (text: string) => readonly Finding[]
}

const HOLD = z.strictObject({
  /** Tool → digest of what was looked at. */
  tools: z.record(z.string().max(64), z.string().regex(/^[0-9a-f]{64}$/)),
})

/** `/api/v1/tools/servers`: servers and tools as a page shows them: pins with their history, changes, what is said by whom. */
export function toolReviewRoutes(deps: ToolReviewDeps): Route[] {
  const { catalogue, log, now } = deps
  const base = { plane: 'operator', scope: 'read' } as const
  const own = (alias: string): readonly Entry[] =>
    catalogue.entries(alias).filter(({ tool }) => pseudoMethod(tool.name) === undefined)
  const known = (params: Readonly<Record<string, string>>): { readonly alias: string; readonly launch: LaunchSpec } => {
    const found = catalogue.servers().find(({ alias }) => alias === params['alias'])
    if (found === undefined) throw new SallyportError('SP_MCP_UNKNOWN_SERVER')
    return found
  }
  const head = async (server: { readonly alias: string; readonly launch: LaunchSpec }): Promise<JsonObject> => {
    const { alias, launch } = server
    const entries = own(alias)
    const pins = await catalogue.pins(alias)
    const count = (state: string): number => entries.filter((entry) => entry.state === state).length
    return {
      ...{ alias, transport: launch.transport, target: targetOf(launch), tools: entries.length },
      ...{
        pinned: count('pinned'),
        held: count('drifted'),
        unreviewed: count('unreviewed'),
        refused: count('refused'),
      },
      kept: pins.filter(({ kept }) => kept !== undefined).length,
      pinnedAt: Math.max(0, ...pins.map(({ at }) => at)),
      heldAt: Math.max(0, ...pins.map(({ seenAt }) => seenAt)),
    }
  }
  const serverOf = (record: JsonObject): string => text(record, 'toolName').split('.')[0] ?? ''
  return [
    {
      ...base,
      method: 'GET',
      path: '/api/v1/tools/servers',
      summary:
        'Servers with their pins, what is held, and calls today; `isComplete` false: calls are of the newest only.',
      handle: async () => {
        const today = await survey(log, { kind: 'decision', from: now() - (now() % DAY) })
        const calls = new Map(tally(today.records, serverOf).map(({ key, count }) => [key, count]))
        const servers = await Promise.all(
          catalogue
            .servers()
            .map(async (server) => ({ ...(await head(server)), callsToday: calls.get(server.alias) ?? 0 })),
        )
        return { status: 200, body: { servers, isComplete: today.isComplete } as unknown as Json }
      },
    },
    {
      ...base,
      method: 'GET',
      path: '/api/v1/tools/servers/:alias',
      summary:
        'Tools of a server: what was pinned and by whom, what is offered now, what is odd about it, who said what it does.',
      handle: async ({ params }) => {
        const server = known(params)
        const { alias, launch } = server
        const [drifts, pins, month] = await Promise.all([
          catalogue.drifts(alias),
          catalogue.pins(alias),
          survey(log, { kind: 'decision', from: now() - 30 * DAY }),
        ])
        const calls = month.records.filter((record) => serverOf(record) === alias)
        const tools = own(alias).map(({ tool, state, note }) => {
          const seen = drifts.find((drift) => drift.tool === tool.id)?.seen
          const pin = pins.find((each) => each.tool === tool.id)
          const { annotation, annotated, elevated, definition, name } = tool
          return {
            ...{ id: tool.id, name, state, note, annotated, elevated, definition, pin: tool.pin },
            candidate: pinDigest(seen ?? definition, launch),
            seen: seen ?? null,
            annotation: { ...annotation, source: catalogue.annotatedBy(alias, name) },
            /** What the server says of itself: a hint, nothing rests on it. */
            hints: definition.annotations ?? null,
            findings: oddities(deps.findings, seen ?? definition),
            ...{ pinnedBy: pin?.by ?? '', pinnedAt: pin?.at ?? 0, seenAt: pin?.seenAt ?? 0, kept: pin?.kept ?? null },
            history: pin?.history ?? [],
            calls: calls.filter((record) => text(record, 'toolName') === tool.id).length,
          }
        })
        const usedBy = tally(calls, (record) => text(record, 'agentId')).map(({ key, count }) => ({
          agent: key,
          calls: count,
        }))
        const body = { ...(await head(server)), tools, usedBy, launch, isComplete: month.isComplete }
        return { status: 200, body: body as unknown as Json }
      },
    },
    {
      plane: 'operator',
      scope: 'policy',
      presence: 'inert',
      method: 'POST',
      path: '/api/v1/tools/servers/:alias/hold',
      summary: 'Leave changed tools held as they were looked at (tool → candidate digest): they stay denied.',
      handle: async ({ params, body, principal }) => {
        const { alias } = known(params)
        return { status: 200, body: { held: await catalogue.keepHeld(alias, principal.id, readAs(HOLD, body).tools) } }
      },
    },
  ]
}

/** Findings in the words of a definition, with where they stand. */
function oddities(findings: ToolReviewDeps['findings'], definition: ToolDefinition): readonly object[] {
  const texts = { title: definition.title ?? '', description: definition.description ?? '' }
  const schema = JSON.stringify(definition.inputSchema)
  return Object.entries({ ...texts, inputSchema: schema }).flatMap(([where, said]) =>
    said === '' ? [] : findings(said).map((finding) => ({ where, ...finding })),
  )
}
