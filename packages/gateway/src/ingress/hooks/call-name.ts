import { canonicalJson, digest, parseJson, sha256 } from '@sallyport/core'
import type { ToolBefore } from '../../hosts/event.ts'
import type { WiredHost } from '../../hosts/host.ts'

/** Key of a call: host, session and call id, all the agent's claims. Entries of one instance never meet another's. */
export const callKey = (host: WiredHost, event: Pick<ToolBefore, 'sessionHint' | 'toolUseId'>): string =>
  JSON.stringify([host.profile.id, event.sessionHint, event.toolUseId])

/**
 * Configurations that are the person's own and that `init` wires, and the administrator's, which `run` writes. What a repository or a
 * plugin brings is none of these.
 */
const OWN_SOURCES: ReadonlySet<string> = new Set(['user', 'local', 'enterprise'])

/**
 * Server and tool of a call that may be decided at the gateway alone: the host says which of the person's own entries it
 * will call, and its name is the alias to the letter. A name that only folds to the alias, an entry of a repository, or a
 * host that does not say where the entry comes from gives `undefined`: such a call is decided at the hook (T-085).
 */
export function routedMcp(
  event: Pick<ToolBefore, 'tool' | 'mcpServer' | 'mcpSource'>,
): { alias: string; tool: string } | undefined {
  const { mcpServer: alias, mcpSource } = event
  if (alias === undefined || mcpSource === undefined || !OWN_SOURCES.has(mcpSource)) return undefined
  const prefix = hookedMcpTool(alias, '')
  const tool = event.tool.slice(prefix.length)
  return event.tool.startsWith(prefix) && tool !== '' ? { alias, tool } : undefined
}

export const isMcpTool = (tool: string): boolean => tool.startsWith('mcp__')
export const hookedMcpTool = (alias: string, tool: string): string => `mcp__${alias}__${tool}`

/** Digest of arguments that does not depend on how they are spelled: the host's text and the client's differ in form. */
export function argumentsDigest(argsText: string): string {
  let form: string
  try {
    form = canonicalJson(parseJson(argsText))
  } catch {
    form = `unreadable ${sha256(argsText)}`
  }
  return digest('sallyport/hook-arguments/1', { arguments: sha256(form) })
}
