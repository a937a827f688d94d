import type { CommandSpec } from './command.ts'

/** Commands of later releases: they are in the tree, answer SP_CLI_NOT_BUILT and exit 3. */
const LATER: readonly (readonly [path: string, summary: string])[] = [
  ['skills lock', 'pin skills'],
  ['skills verify', 'verify pinned skills'],
  ['skills diff', 'show what changed in skills'],
  ['memory ls', 'list memory entries'],
  ['memory quarantine', 'quarantine a memory entry'],
  ['memory release', 'release a memory entry'],
  ['memory erase', 'erase a person from memory'],
  ['detect memory', 'judge memory entries'],
  ['inspect', 'say what a directory would run'],
  ['policy suggest', 'suggest policies from recorded calls'],
  ['mcp serve', 'serve the gateway’s own tools over MCP'],
]

export const laterCommands: readonly CommandSpec[] = LATER.map(([path, summary]) => ({
  path,
  summary: `${summary} (not built yet)`,
  arguments: [['[arguments...]', '']],
}))
