import type { Json, PostureSeverity } from '@sallyport/core'
import { valueAt } from '../../../../../hosts/settings-text.ts'
import type { SettingRule } from '../../host-table.ts'
import { pathOf, rule } from '../../rule.ts'

/** Where OpenClaw's own audit says `warn`, ours says medium (peers §6.1). */
export const WARN: PostureSeverity = 'medium'

export const claw = (
  name: string,
  severity: PostureSeverity,
  at: string,
  bad: SettingRule['bad'],
  what: string,
  why: string,
  remedy: string,
  fix?: 'remove' | { readonly set: Json },
): SettingRule => rule(`openclaw.${name}`, severity, at, bad, what, why, remedy, fix)

export const at = (root: unknown, path: string): unknown => valueAt(root, pathOf(path))
export const isOpenToAll = (root: unknown): boolean =>
  !['loopback', undefined].includes(at(root, 'gateway.bind') as string | undefined)
export const elevated = (root: unknown): boolean =>
  at(root, 'tools.elevated.enabled') === true || at(root, 'tools.elevated.allowFrom') !== undefined
export const sandboxed = (root: unknown): boolean => at(root, 'agents.defaults.sandbox.mode') === 'all'
export const isLiteral = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !/^\$\{.*\}$|^\$[A-Z_]+$/.test(value)
export const short = (value: unknown): boolean => isLiteral(value) && value.length < 24

export const GATEWAY_WHY = 'Whoever reaches the port commands the agent and everything that it may do.'
export const CHAT_WHY = 'Every stranger who can write a message gives the agent orders.'
export const FORGED = 'Requests of strangers pass for those of somebody else.'

/** Agents have settings of their own over those of all. */
export const agents = (make: (prefix: string) => SettingRule): readonly SettingRule[] => [
  make('agents.defaults.'),
  make('agents.list.*.'),
]
/** Channels, and accounts in them. */
export const channels = (make: (prefix: string) => SettingRule): readonly SettingRule[] => [
  make('channels.*.'),
  make('channels.*.accounts.*.'),
]
/** Tools of all agents, and of one. */
export const tools = (make: (prefix: string) => SettingRule): readonly SettingRule[] => [
  make('tools.'),
  make('agents.list.*.tools.'),
]

/** Programs that run other programs. */
export const INTERPRETERS =
  /^(?:.*\/)?(?:\*+|sudo|bash|sh|zsh|fish|env|xargs|eval|python\d?(?:\.\d+)?|node|bun|deno|ruby|perl|php|lua|osascript|npx|uvx|curl|wget|ssh|docker|find|awk)$/
