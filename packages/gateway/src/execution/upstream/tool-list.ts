import {
  entrySpans,
  isJsonObject,
  memberText,
  parseJson,
  type Json,
  type ListedTool,
  type ToolDefinition,
} from '@sallyport/core'
import { refuse, type Clock, type Verdict } from '../../boundary/ports.ts'
import type { Reply, UpstreamConnection } from './connection.ts'

/** Pages and tools of a `tools/list` and how long all of it may take, ms (T-084). */
export interface ListLimits {
  readonly listPages: number
  readonly listTools: number
  readonly listMs: number
}

/** All pages of a server's `tools/list`. The first of two tools of one name stays; a later one never takes its place (T-085). */
export async function readToolList(
  live: UpstreamConnection,
  timeoutMs: number,
  limits: ListLimits,
  clock: Clock,
): Promise<Verdict<readonly ListedTool[]>> {
  const until = clock.monotonic() + limits.listMs
  const tools = new Map<string, ListedTool>()
  let cursor: Json | undefined
  for (let page = 0; page < limits.listPages && clock.monotonic() <= until; page++) {
    const params = cursor === undefined ? '{}' : JSON.stringify({ cursor })
    const reply = await live.request('tools/list', params, { timeoutMs: Math.min(timeoutMs, limits.listMs) })
    if (reply.kind === 'lost') return refuse(reply.code, reply.reason)
    if (reply.kind === 'error') {
      return refuse('SP_MCP_UPSTREAM_FAILED', `It refused to list its tools (${reply.error.code}).`)
    }
    const listed = toolsOf(reply)
    if (!listed.ok) return listed
    for (const tool of listed.value) if (!tools.has(tool.definition.name)) tools.set(tool.definition.name, tool)
    if (tools.size > limits.listTools) return refuse('SP_MCP_UPSTREAM_PROTOCOL', 'It lists too many tools.')
    cursor = reply.result['nextCursor']
    if (typeof cursor !== 'string') return { ok: true, value: [...tools.values()] }
  }
  return refuse('SP_MCP_UPSTREAM_PROTOCOL', 'Its list of tools does not end.')
}

function toolsOf(reply: Extract<Reply, { kind: 'result' }>): Verdict<readonly ListedTool[]> {
  const listText = memberText(reply.resultText, 'tools')
  if (listText === undefined || !listText.startsWith('[')) {
    return refuse('SP_MCP_UPSTREAM_PROTOCOL', 'Its list of tools is not a list.')
  }
  const tools: ListedTool[] = []
  for (const { start, end } of entrySpans(listText)) {
    const text = listText.slice(start, end)
    const definition = parseJson(text)
    const valid =
      isJsonObject(definition) && typeof definition['name'] === 'string' && isJsonObject(definition['inputSchema'])
    if (!valid) return refuse('SP_MCP_UPSTREAM_PROTOCOL', 'A tool has no name or no input schema.')
    tools.push({ definition: definition as unknown as ToolDefinition, text })
  }
  return { ok: true, value: tools }
}
