import type { ProseRule } from './rule.ts'
import { CONDUCT_RULES } from './rules/conduct.ts'
import { CONTROL_RULES } from './rules/control.ts'
import { EXECUTION_RULES } from './rules/execution.ts'
import { EXFILTRATION_RULES } from './rules/exfiltration.ts'
import { FORM_RULES } from './rules/forms.ts'
import { HARM_RULES } from './rules/harm.ts'
import { LANGUAGE_RULES } from './rules/languages.ts'
import { TAKEOVER_RULES } from './rules/takeover.ts'

/** All rules over instructions and descriptions (HB-28 … HB-30, TM-PERSIST-001, TM-EXFIL-003). */
export const PROSE_RULES: readonly ProseRule[] = [
  ...EXFILTRATION_RULES,
  ...CONTROL_RULES,
  ...EXECUTION_RULES,
  ...HARM_RULES,
  ...CONDUCT_RULES,
  ...LANGUAGE_RULES,
  ...TAKEOVER_RULES,
  ...FORM_RULES,
]
