import type { RegisteredTool } from '@sallyport/core'

/** How results of a tool are handed on (ND-3.5.a). Every result is scanned, whatever the mode. */
export interface ResultPolicy {
  /** `strict` wraps every text · `standard` wraps what came from outside or looks suspicious · `minimal` only what looks suspicious. */
  readonly mode: 'strict' | 'standard' | 'minimal'
  /** `full`: the record has every place in which something was found · `summary`: the first place of each rule. */
  readonly logLevel: 'full' | 'summary'
}

const STANDARD: ResultPolicy = { mode: 'standard', logLevel: 'summary' }

/** Defaults by tool group (AC-3.5.3, E-37). */
export const RESULT_TABLE: Readonly<Record<string, ResultPolicy>> = Object.freeze({
  'group:runtime': { mode: 'strict', logLevel: 'full' },
  'group:nodes': { mode: 'strict', logLevel: 'full' },
  'group:web': { mode: 'strict', logLevel: 'full' },
  'group:sessions': { mode: 'minimal', logLevel: 'summary' },
})

/** The line of the tool itself, else the strictest of its groups, else standard. */
export function resultPolicy(tool: RegisteredTool, table: Readonly<Record<string, ResultPolicy>>): ResultPolicy {
  const own = Object.hasOwn(table, tool.id) ? table[tool.id] : undefined
  if (own !== undefined) return own
  const found = tool.annotation.groups.flatMap((group) =>
    Object.hasOwn(table, group) ? [table[group] ?? STANDARD] : [],
  )
  return ORDER.map((mode) => found.find((each) => each.mode === mode)).find((each) => each !== undefined) ?? STANDARD
}

const ORDER: readonly ResultPolicy['mode'][] = ['strict', 'standard', 'minimal']

/** True for results whose label says that others may have written them. Tools of the gateway's own house are trusted. */
export const isExternal = ({ annotation }: RegisteredTool): boolean => (annotation.result?.integrity ?? 1) < 2
