/** Where something was found. */
export interface FindingPlace {
  readonly server?: string
  /** `<server>.<tool>` */
  readonly tool?: string
  readonly agent?: string
  /** File or address that the text came from. */
  readonly source?: string
}

/** A finding that somebody has looked at and accepted, for a while. */
export interface Suppression {
  /** Id of one rule, or `prefix.*`. */
  readonly rule: string
  /** `server:NAME`, `tool:SERVER.TOOL`, `agent:NAME` or `source:PATH`; a `*` at the end stands for any rest. Never everything. */
  readonly scope: string
  readonly owner: string
  readonly reason: string
  /** Last day it holds, ISO 8601, UTC. */
  readonly expires: string
}

export const SUPPRESSION_SCOPE = /^(server|tool|agent|source):[^*\s][^*]{0,199}\*?$/
export const SUPPRESSION_RULE = /^[a-z][a-z0-9-]*(?:\.[a-z0-9_-]+)*(?:\.\*)?$/

/**
 * The suppression that holds for a finding today; undefined when there is none. Findings are still recorded: what is suppressed
 * is what they do.
 * @param today ISO 8601 day, UTC
 */
export function suppressionFor(
  suppressions: readonly Suppression[],
  finding: { readonly rule: string; readonly place: FindingPlace },
  today: string,
): Suppression | undefined {
  return suppressions.find(
    (one) => !isExpired(one, today) && covers(one.rule, finding.rule) && inScope(one.scope, finding.place),
  )
}

/** A suppression whose last day is over, or whose day is none. */
export const isExpired = ({ expires }: Suppression, today: string): boolean =>
  !/^\d{4}-\d{2}-\d{2}$/.test(expires) || expires < today.slice(0, 10)

const covers = (pattern: string, rule: string): boolean =>
  pattern.endsWith('.*') ? rule.startsWith(pattern.slice(0, -1)) : rule === pattern

function inScope(scope: string, place: FindingPlace): boolean {
  if (!SUPPRESSION_SCOPE.test(scope)) return false
  const colon = scope.indexOf(':')
  const value = place[scope.slice(0, colon) as keyof FindingPlace]
  const wanted = scope.slice(colon + 1)
  if (value === undefined) return false
  return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted
}
