import unhomoglyph from 'unhomoglyph'

const ALIAS = /^[a-z0-9][a-z0-9-]{0,31}$/
const TOOL = /^[A-Za-z0-9_.-]{1,64}$/
const PSEUDO = /^mcp:[a-z][A-Za-z/]{1,62}$/

/** Operator's name for a server. Never holds `.` or `_`, so `<alias>.<tool>` and `<alias>__<tool>` split one way only. */
export const isServerAlias = (alias: string): boolean => ALIAS.test(alias) && !alias.includes('--')

/** Names a tool may be registered under (T-078). Calls must use the name exactly; nothing is folded or trimmed. */
export const isToolName = (name: string): boolean => TOOL.test(name) || PSEUDO.test(name)

/** `<alias>.<tool>`: the Cedar action id and the name in the log. */
export const toolId = (server: string, name: string): string => `${server}.${name}`

/** What a name looks like: two names of one server with the same skeleton cannot both be registered. */
export const nameSkeleton = (name: string): string =>
  unhomoglyph(name.normalize('NFKC')).toLowerCase().replace(/[_.-]/g, '')
