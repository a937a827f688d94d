import type { InjectionRule } from './rule.ts'
import { ADDITIONS, BASELINE } from './rules/baseline.ts'
import { MEANING } from './rules/meaning.ts'
import { ORDERS } from './rules/orders.ts'

/** Every rule that ships. Reviewed 2026-11-28. */
export const INJECTION_RULES: readonly InjectionRule[] = [...BASELINE, ...ADDITIONS, ...MEANING, ...ORDERS]
