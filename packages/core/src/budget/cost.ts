import { globMatches } from '../egress/glob.ts'

/** What a call costs. */
export type BudgetCost =
  | { readonly tool: string; readonly units: number }
  /** So much is set aside; what the result says at this path is what it came to. */
  | { readonly tool: string; readonly reserve: number; readonly reported: string }

/** What is set aside for a call of this tool (`server.tool`), by the first cost that names it; undefined: it is free. */
export function costOf(
  costs: readonly BudgetCost[],
  tool: string,
): { readonly units: number; readonly reported?: string } | undefined {
  const cost = costs.find((one) => globMatches([one.tool], tool))
  if (cost === undefined) return undefined
  return 'units' in cost ? { units: cost.units } : { units: cost.reserve, reported: cost.reported }
}

/** Most that one call is charged: sums of it can still be written. */
const MOST = 2 ** 50

/** Units as somebody reported them: whole, up; undefined for what is no amount. More than can be counted is the most there is. */
export function unitsOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || Number.isNaN(value) || value < 0) return undefined
  return Math.min(MOST, Math.ceil(value))
}

/**
 * What a result says that it cost.
 * @param resultText JSON text of an MCP result; its `structuredContent` counts, or itself where it has none
 * @param path names joined by dots
 */
export function reportedUnits(resultText: string, path: string): number | undefined {
  let value: unknown
  try {
    value = JSON.parse(resultText)
  } catch {
    return undefined
  }
  const within = memberOf(value, 'structuredContent')
  value = typeof within === 'object' && within !== null ? within : value
  for (const name of path.split('.')) value = memberOf(value, name)
  return unitsOf(value)
}

export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}
