import type { ToolBefore } from '../../hosts/event.ts'
import type { WiredHost } from '../../hosts/host.ts'
import { serverAlias } from '../../hosts/server-alias.ts'

/** Key of a call: host, session and call id, all the agent's claims. Entries of one instance never meet another's. */
export const callKey = (host: WiredHost, event: Pick<ToolBefore, 'sessionHint' | 'toolUseId'>): string =>
  JSON.stringify([host.profile.id, event.sessionHint, event.toolUseId])

/** `mcp__<server>__<tool>`: server and tool as the gateway would call them, or undefined for a built-in tool. */
export function routedMcp(event: Pick<ToolBefore, 'tool' | 'mcpServer'>): { alias: string; tool: string } | undefined {
  const parts = /^mcp__(.+?)__(.+)$/.exec(event.tool)
  if (parts === null) return undefined
  const server = event.mcpServer ?? parts[1] ?? ''
  return { alias: serverAlias(server), tool: parts[2] ?? '' }
}

export const hookedMcpTool = (alias: string, tool: string): string => `mcp__${alias}__${tool}`
