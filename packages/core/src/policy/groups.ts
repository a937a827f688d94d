import type { Effect, ToolAnnotation } from '../action/tool.ts'
import type { Severity } from './decision.ts'

export interface ToolGroup {
  readonly risk: Severity
  readonly tools: Readonly<Record<string, Effect>>
}

/**
 * Tool groups of the specification with their risk (ND-1.3.b). `group:nodes` runs commands on other machines, hence
 * critical (E-18). The effect of a tool is what it can do at worst: a URL in the arguments of a fetch carries data out.
 */
export const TOOL_GROUPS: Readonly<Record<string, ToolGroup>> = Object.freeze({
  'group:memory': { risk: 'low', tools: { memory_search: 'read', memory_get: 'read' } },
  'group:web': { risk: 'medium', tools: { web_search: 'external', web_fetch: 'external' } },
  'group:fs': { risk: 'high', tools: { read: 'read', write: 'write', edit: 'write', apply_patch: 'write' } },
  'group:runtime': { risk: 'critical', tools: { exec: 'external', process: 'external' } },
  'group:sessions': {
    risk: 'medium',
    tools: {
      sessions_list: 'read',
      sessions_history: 'read',
      sessions_send: 'write',
      sessions_spawn: 'write',
      session_status: 'read',
    },
  },
  'group:ui': { risk: 'high', tools: { browser: 'external', canvas: 'write' } },
  'group:automation': { risk: 'high', tools: { cron: 'write', gateway: 'write' } },
  'group:messaging': { risk: 'medium', tools: { message: 'external' } },
  'group:nodes': { risk: 'critical', tools: { nodes: 'external' } },
})

/** Every tool, whatever its group; `group:openclaw` is the same under the name other products use. */
export const GROUP_ALL = 'group:all'
export const GROUP_ALIASES: Readonly<Record<string, string>> = Object.freeze({ 'group:openclaw': GROUP_ALL })
/** Tools nobody classified (E-18). */
export const GROUP_UNCLASSIFIED = 'group:unclassified'

/** Profiles of the specification (ND-5.1.c). `full` has no restriction and needs an acknowledgement (E-52). */
export const PROFILES: Readonly<Record<string, readonly string[]>> = Object.freeze({
  minimal: ['session_status'],
  coding: ['group:fs', 'group:runtime', 'group:sessions', 'group:memory', 'image'],
  messaging: ['group:messaging', 'sessions_list', 'sessions_history', 'sessions_send', 'session_status'],
  full: [GROUP_ALL],
})

const PERSISTENT: ReadonlySet<string> = new Set(['cron', 'gateway'])

/** Annotation of a tool that the specification names, by its plain name; undefined for every other name. */
export function specifiedTool(name: string): ToolAnnotation | undefined {
  for (const [group, { tools }] of Object.entries(TOOL_GROUPS)) {
    if (!Object.hasOwn(tools, name)) continue
    const effect = tools[name] as Effect
    return { effect, groups: [group], args: {}, irreversible: false, persist: PERSISTENT.has(name) }
  }
  return undefined
}

/** How grave a refusal is where no rule says so: the risk of the tool, and medium where its groups say nothing (E-57). */
export function refusalRisk(groups: readonly string[]): Severity {
  const known = groups.filter((group) => Object.hasOwn(TOOL_GROUPS, group))
  return known.length === 0 ? 'medium' : groupRisk(known)
}

/** Highest risk of a tool's groups; `high` for what nobody classified. */
export function groupRisk(groups: readonly string[]): Severity {
  const order: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']
  const risks = groups.map((group) => (Object.hasOwn(TOOL_GROUPS, group) ? TOOL_GROUPS[group]?.risk : 'high'))
  return order.find((severity) => risks.includes(severity)) ?? 'high'
}
