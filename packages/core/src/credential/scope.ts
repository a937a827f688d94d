/** What an operation needs, and what a credential has. */
export interface ScopeCheck {
  /** One of these is enough; none: nobody said what the operation needs, so nothing is (E-48). */
  readonly required: readonly string[]
  readonly actual: readonly string[]
}

export type ScopeAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/**
 * The one place where what an operation needs is compared with what a credential has (AC-4.4.2): for routes of the API as for requests
 * that are to get a key. A refusal names both (AC-4.4.3).
 */
export function validateCredentialScope({ required, actual }: ScopeCheck): ScopeAnswer {
  if (required.some((scope) => actual.includes(scope))) return { ok: true }
  const needs = required.length === 0 ? 'Nothing says what it needs' : `It needs ${required.join(' or ')}`
  return { ok: false, reason: `${needs}; the credential has ${actual.length === 0 ? 'nothing' : actual.join(', ')}.` }
}
