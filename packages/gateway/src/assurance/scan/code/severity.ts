import type { Severity } from '@sallyport/core'
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

export function severityAt(severity: Severity, level: Level | undefined): Severity {
  const steps = level === undefined ? 0 : STEPS[level]
  return SEVERITIES[Math.min(SEVERITIES.indexOf(severity) + steps, 3)] ?? severity
}

export const isAtLeast = (severity: Severity, threshold: Severity): boolean =>
  SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(threshold)
