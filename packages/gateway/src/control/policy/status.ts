import type { PolicyBundle } from '@sallyport/core'
import type { Issue } from './position.ts'
import type { Prepared } from './prepared.ts'

export interface PolicyStatus {
  readonly version: string
  readonly digest: string
  readonly number: number
  readonly policies: number
  readonly files: Prepared['files']
  readonly inactive: Prepared['inactive']
  readonly blocked: Prepared['blocked']
  /** Actions that the stock engine answers, with the policies that need it. */
  readonly stockEngine: Readonly<Record<string, readonly string[]>>
  readonly selfCheck: Prepared['selfCheck']
  readonly issues: readonly Issue[]
}

/** What is in force, for people. `number` counts loads. */
export function policyStatus(bundle: PolicyBundle, prepared: Prepared | undefined, number: number): PolicyStatus {
  const stockEngine: Record<string, readonly string[]> = {}
  for (const [action, { foreign, forbids, permits }] of bundle.buckets) {
    if (foreign === undefined) continue
    const rules = [...forbids.generic, ...permits.generic].filter((rule) => rule.unsupported !== undefined)
    stockEngine[action] = rules.map((rule) => `${rule.meta.id} (${rule.unsupported ?? ''})`)
  }
  return {
    version: bundle.version,
    digest: bundle.digest,
    number,
    policies: bundle.policies.length,
    files: prepared?.files ?? [],
    inactive: prepared?.inactive ?? {},
    blocked: prepared?.blocked ?? {},
    stockEngine,
    selfCheck: prepared?.selfCheck ?? { requests: 0, policies: 0, skipped: [], disagreements: [], ms: 0 },
    issues: prepared?.issues ?? [],
  }
}
