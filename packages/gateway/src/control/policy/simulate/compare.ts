import type { Outcome, PolicyBundle, StoredRecord } from '@sallyport/core'
import { decide } from '../decide.ts'
import { recordedCall, type ToolsNow } from '../recorded.ts'

/** A call that the two policies answer differently. */
export interface ChangedCall {
  readonly auditId: string
  readonly at: string
  readonly agent: string
  readonly tool: string
  readonly session: string
  readonly before: Outcome
  readonly after: Outcome
  /** Rules that decide by the new policy. */
  readonly by: readonly string[]
}

/** What a page of the log came to. */
export interface Compared {
  readonly calls: number
  /** Records of calls that cannot be judged again: a gate before policy decided, or the tool is gone. */
  readonly left: number
  /** Calls that the policy in force would answer otherwise today than the record says. */
  readonly drifted: number
  readonly changes: readonly ChangedCall[]
}

/** Judges recorded calls by two policies. */
export function compareRecords(
  records: readonly Pick<StoredRecord, 'body'>[],
  live: PolicyBundle,
  draft: PolicyBundle,
  tools: ToolsNow,
): Compared {
  let [calls, left, drifted] = [0, 0, 0]
  const changes: ChangedCall[] = []
  for (const { body } of records) {
    const call = recordedCall(JSON.parse(body), tools)
    if (call === undefined) {
      left++
      continue
    }
    calls++
    const { request, outcome, by: _, ...about } = call
    const before = decide(live, request).outcome
    const after = decide(draft, request)
    if (before !== outcome) drifted++
    if (before !== after.outcome) changes.push({ ...about, before, after: after.outcome, by: after.determining })
  }
  return { calls, left, drifted, changes }
}
