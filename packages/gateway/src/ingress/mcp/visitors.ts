import type { Caller } from '../../boundary/ports.ts'
import type { McpServerEntry } from './ports.ts'

/** What agents that strangers talk to may ask over MCP (HB-80). */
const METHODS: ReadonlySet<string> = new Set(['initialize', 'ping', 'server/discover', 'tools/list', 'tools/call'])

export const isVisitor = ({ principal }: Caller): boolean => principal.surface === 'public'

export const mayAsk = (caller: Caller, method: string): boolean => !isVisitor(caller) || METHODS.has(method)

/** Servers that a caller may name; for strangers those that have something for them, and none of these asks them anything. */
export const entriesFor = (caller: Caller, entries: readonly McpServerEntry[]): readonly McpServerEntry[] =>
  isVisitor(caller)
    ? entries.filter(({ visitors }) => visitors === true).map((entry) => ({ ...entry, serverRequests: [] }))
    : entries
