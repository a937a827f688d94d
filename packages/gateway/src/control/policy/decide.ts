import { evaluate, type Decision, type PolicyBundle, type PolicyRequest } from '@sallyport/core'

/** Asks a bundle; whatever goes wrong in it is a deny. */
export function decide(bundle: PolicyBundle, request: PolicyRequest): Decision {
  try {
    return evaluate(bundle, request)
  } catch {
    return {
      outcome: 'deny',
      code: 'SP_POLICY_ERROR',
      reason: 'Policy could not be evaluated, so the call is denied.',
      determining: [],
      severity: 'high',
      bundle: bundle.digest,
      version: bundle.version,
    }
  }
}
