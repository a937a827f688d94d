import type { CodeEntry } from './code-entry.ts'
import { DECISION_CODES } from './codes/decision.ts'
import { EGRESS_CODES } from './codes/egress.ts'
import { OPERATION_CODES } from './codes/operation.ts'
import { PEOPLE_CODES } from './codes/people.ts'
import { REGISTRY_CODES } from './codes/registry.ts'
import { REQUEST_CODES } from './codes/request.ts'
import { SKILL_CODES } from './codes/skills.ts'
import { VAULT_CODES } from './codes/vault.ts'

export type { CodeEntry } from './code-entry.ts'

const TABLE = {
  ...REQUEST_CODES,
  ...DECISION_CODES,
  ...OPERATION_CODES,
  ...EGRESS_CODES,
  ...REGISTRY_CODES,
  ...VAULT_CODES,
  ...PEOPLE_CODES,
  ...SKILL_CODES,
}

/** Every error the product can report. Codes are API: never reused, never renamed (SP_<AREA>_<CONDITION>). */
export const CODES = Object.freeze(Object.assign(Object.create(null) as object, TABLE)) as {
  readonly [K in keyof typeof TABLE]: CodeEntry
}

export type ErrorCode = keyof typeof CODES
