import type { Severity } from '@sallyport/core'
import { categoryOf, type Category, type Rule } from './rule.ts'
import { LEVEL, type Level } from './flow/value.ts'

/** Heaviest first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

/** Steps by which a finding weighs less when nothing in the text says that strangers choose the value. */
const STEPS: Readonly<Record<Level, number>> = {
  [LEVEL.constant]: 0,
  [LEVEL.config]: 2,
  [LEVEL.opaque]: 2,
  [LEVEL.free]: 1,
  [LEVEL.param]: 1,
  [LEVEL.input]: 0,
}

/** Categories in which nearly every helper takes such a parameter: it weighs less until a stranger is seen to choose it. */
const COMMON: ReadonlySet<Category> = new Set(['path_traversal', 'outbound_network'])

export function severityAt({ severity, id }: Rule, level: Level | undefined): Severity {
  const plain = level === undefined ? 0 : STEPS[level]
  const steps = plain === 1 && COMMON.has(categoryOf(id)) ? 2 : plain
  return SEVERITIES[Math.min(SEVERITIES.indexOf(severity) + steps, 3)] ?? severity
}

export const isAtLeast = (severity: Severity, threshold: Severity): boolean =>
  SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(threshold)
