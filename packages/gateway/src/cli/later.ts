import type { CommandSpec } from './command.ts'

/** Commands of later releases: they are in the tree, answer SP_CLI_NOT_BUILT and exit 3. */
const LATER: readonly (readonly [path: string, summary: string])[] = [
  ['memory ls', 'list memory entries'],
  ['memory quarantine', 'quarantine a memory entry'],
  ['memory release', 'release a memory entry'],
  ['memory erase', 'erase a person from memory'],
  ['detect memory', 'judge memory entries'],
  ['policy suggest', 'suggest policies from recorded calls'],
  ['mcp serve', 'serve the gateway’s own tools over MCP'],
]

export const laterCommands: readonly CommandSpec[] = LATER.map(([path, summary]) => ({
  path,
  summary: `${summary} (not built yet)`,
  arguments: [['[arguments...]', '']],
}))
