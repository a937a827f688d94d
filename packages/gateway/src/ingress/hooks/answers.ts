import { CODES, isJsonObject, type Json } from '@sallyport/core'
import type { CrossingResult } from '../../boundary/ports.ts'
import type { HookAnswer } from '../../hosts/event.ts'

const WITHHELD = '[withheld by Sallyport]'

/** What the host is told about a decided call. A human's pending answer is a deny that says how to go on. */
export function answerOf(result: CrossingResult): HookAnswer {
  switch (result.outcome) {
    case 'delegated':
      return { kind: 'proceed' }
    case 'pending':
      return {
        kind: 'deny',
        reason:
          `Sallyport holds this call for a human (SP_APPROVAL_REQUIRED): ${result.reason} Somebody has to run ` +
          `\`sallyport approvals approve ${result.approvalId}\` until ${new Date(result.expiresAt).toISOString()}; ` +
          `then retry exactly this call. Event ${result.auditId}.`,
      }
    case 'denied':
    case 'failed':
      return {
        kind: 'deny',
        reason: `Sallyport denied this call (${result.code}): ${result.reason || CODES[result.code].title} Event ${result.auditId}.`,
      }
    case 'executed':
      // A hook call is never executed by the gateway; if that happened, running it again in the host would be twice.
      return {
        kind: 'deny',
        reason: `Sallyport denied this call (SP_INTERNAL): it has been run already. Event ${result.auditId}.`,
      }
  }
}

/** The same shape with every text withheld: hosts ignore a replacement that has another shape than the result. */
export function withhold(value: Json): Json {
  if (typeof value === 'string') return value === '' ? '' : WITHHELD
  if (Array.isArray(value)) return (value as readonly Json[]).map(withhold)
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withhold(item)]))
  return value
}

/**
 * True when what ran is what was decided: every member equal. Hosts fill in defaults (false, 0, empty), nothing else may
 * be added; another hook that rewrites the input shows up here.
 */
export function sameInput(decided: Json, ran: Json): boolean {
  if (isJsonObject(decided) && isJsonObject(ran)) {
    const added = Object.keys(ran).filter((key) => !Object.hasOwn(decided, key))
    return (
      Object.keys(decided).every(
        (key) => Object.hasOwn(ran, key) && sameInput(decided[key] as Json, ran[key] as Json),
      ) && added.every((key) => isDefault(ran[key] as Json))
    )
  }
  if (Array.isArray(decided) && Array.isArray(ran)) {
    return decided.length === ran.length && decided.every((item: Json, index) => sameInput(item, ran[index] as Json))
  }
  return decided === ran
}

const isDefault = (value: Json): boolean =>
  value === false || value === null || value === 0 || value === '' || (Array.isArray(value) && value.length === 0)
