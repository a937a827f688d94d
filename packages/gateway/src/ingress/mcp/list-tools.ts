import { META_SERVER_INFO, resultMessage, withMember, type Json, type ListedTool } from '@sallyport/core'
import type { Verdict } from '../../boundary/ports.ts'
import { aggregatedName } from './names.ts'
import type { McpServerEntry } from './ports.ts'
import { fitResult } from './render.ts'
import type { ClientSession, RequestContext } from './session.ts'

/**
 * `tools/list`: what the server lists to this connection, the catalogue holds pinned with the very same definition, and
 * policy could allow to this agent (TM-DISC-001). One page; a cursor was never handed out.
 */
export async function listTools(session: ClientSession, context: RequestContext): Promise<void> {
  const { request, reply, era } = context
  if (request.params['cursor'] !== undefined) {
    return session.refuse(request, reply, 'SP_MCP_INVALID_ARGUMENTS', 'The cursor is not one of this gateway.')
  }
  const entries = session.entries()
  const lists = await Promise.all(entries.map(async (entry) => ({ entry, listed: await visibleTools(session, entry) })))
  const texts: string[] = []
  for (const { entry, listed } of lists) {
    if (!listed.ok) {
      if (session.scope.kind === 'server') return session.refuseUpstream(request, reply, listed)
      // One server that is down does not take the others away.
      session.refused(listed.code, `Server ${entry.alias} cannot list its tools: ${listed.reason}`)
      continue
    }
    for (const { definition, text } of listed.value) {
      const name = JSON.stringify(aggregatedName(entry.alias, definition.name))
      texts.push(session.scope.kind === 'server' ? text : withMember(text, 'name', name))
    }
  }
  const meta = era === 'modern' ? `,"_meta":${JSON.stringify({ [META_SERVER_INFO]: serverName(session) })}` : ''
  reply.end(resultMessage(request.idText, fitResult(`{"tools":[${texts.join(',')}]${meta}}`, 'tools/list', era)))
}

async function visibleTools(session: ClientSession, entry: McpServerEntry): Promise<Verdict<readonly ListedTool[]>> {
  const link = session.link(entry)
  const listed = await link.list()
  if (!listed.ok) return listed
  const visible = session.boundary.visible(session.caller, entry.alias)
  const pinned = new Map(visible.map(({ name, definition }) => [name, definition as unknown as Json]))
  return { ok: true, value: link.pinnedTexts(listed.value, pinned) }
}

const serverName = (session: ClientSession) => ({
  name: session.scope.kind === 'server' ? session.scope.entry.alias : 'sallyport',
  version: session.deps.version,
})
