import { findingOf, inOrder, type ScanFinding } from '../finding.ts'
import type { ScanDeps } from '../skill/deps.ts'
import { readConfig, scanConfig } from './config.ts'
import { scanDrift } from './drift.ts'
import { scanServer } from './scan-tools.ts'
import { readTools, type ListedServer } from './tools.ts'

/** How texts of MCP belong together. `pair`: the first was reviewed before, the second is served now · `multi`: connected at the same time. */
export type McpKind = 'tools' | 'pair' | 'multi' | 'config'

const UNREADABLE = {
  id: 'mcp.file.unreadable',
  severity: 'high',
  title: 'is neither a list of tools nor a configuration',
  why: 'What cannot be read is not clean.',
  fix: 'Give the result of tools/list or the configuration of a client.',
} as const

/** Findings of MCP servers by what they say of themselves and how they are started (T-078, T-146). Nothing is started or connected to. */
export function scanMcp(
  kind: McpKind,
  files: readonly (readonly [path: string, text: string])[],
  deps: ScanDeps,
): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const servers: ListedServer[] = []
  for (const [path, text] of files) {
    const config = readConfig(path, text)
    const tools = config === undefined ? readTools(path, text) : undefined
    if (config !== undefined || kind === 'config') found.push(...scanConfig(path, text, deps))
    else if (tools === undefined) found.push(findingOf(UNREADABLE, path, text.slice(0, 80)))
    if (tools !== undefined) servers.push(tools)
  }
  const [before, now] = servers
  if (kind === 'pair' && before !== undefined && now !== undefined) found.push(...scanDrift(before, now, deps))
  else
    for (const server of servers)
      found.push(
        ...scanServer(
          server,
          servers.filter((other) => other !== server),
          deps,
        ),
      )
  return inOrder(found)
}
