import { verifyAssertion, type PasskeyAssertion } from '../approval/assertion.ts'
import type { ApprovalVote } from '../approval/approval.ts'
import { decisionDigest, operatorDecisionDigest } from '../approval/digests.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import type { LogFinding } from './finding.ts'
import type { LogRecord } from './record.ts'

/** Checks every decision that a passkey made again, from the records and their public keys alone (threat-model §3.1). */
export interface AssertionCheck {
  /** Records of all streams, each stream in order. */
  add(record: LogRecord, stream: string, seq: number): void
  /** @param pruned whether records are gone that may have enrolled a passkey: then its decisions stay unchecked */
  result(pruned: boolean): { readonly checked: number; readonly findings: readonly LogFinding[] }
}

interface Enrolled {
  readonly operator: string
  readonly publicKey: string
  readonly rpId: string
  readonly since: number
}

interface Claim {
  readonly at: number
  readonly who: string
  readonly what: string
  readonly assertion: PasskeyAssertion | undefined
  readonly challenge: string | undefined
  readonly stream: string
  readonly seq: number
}

export function createAssertionCheck(): AssertionCheck {
  const enrolled = new Map<string, Enrolled>()
  const removed = new Map<string, number>()
  const claims: Claim[] = []

  function why({ assertion, challenge, who, at }: Claim, pruned: boolean): string | undefined {
    if (assertion === undefined || challenge === undefined) return 'its assertion is missing'
    const key = enrolled.get(assertion.credential)
    if (key === undefined) return pruned ? undefined : 'no record enrols the passkey'
    if (key.operator !== who) return 'the passkey is somebody else’s'
    if (at < key.since) return 'the passkey was enrolled later'
    if (at > (removed.get(assertion.credential) ?? Infinity)) return 'the passkey had been removed'
    const { rpId, publicKey } = key
    const result = verifyAssertion(assertion, { challenge, rpId, publicKey })
    return result.ok ? undefined : result.reason
  }

  return {
    add(record, stream, seq) {
      const at = Date.parse(record.timestamp)
      const { event, credential } = record
      if (record.kind === 'approval.resolved') {
        const claim = approvalClaim(record)
        if (claim !== undefined) claims.push({ ...claim, at, stream, seq })
      } else if (record.kind !== 'identity') return
      else if (event === 'operator.decided' && record['accepted'] === true && record['assertion'] !== undefined) {
        claims.push({ ...operatorClaim(record), at, stream, seq })
      } else if (event === 'passkey.enrolled' && typeof credential === 'string' && !enrolled.has(credential)) {
        const { operator, publicKey, rpId, createdAt } = record
        // written again later: it counts from when it was enrolled
        const since = typeof createdAt === 'number' ? Math.min(createdAt, at) : at
        if (typeof operator === 'string' && typeof publicKey === 'string' && typeof rpId === 'string')
          enrolled.set(credential, { operator, publicKey, rpId, since })
      } else if (event === 'passkey.removed' && typeof credential === 'string') removed.set(credential, at)
    },
    result(pruned) {
      const findings: LogFinding[] = []
      for (const claim of claims) {
        const reason = why(claim, pruned)
        if (reason === undefined) continue
        const message = `Record ${claim.seq} says that ${claim.who} ${claim.what}, but ${reason}.`
        findings.push({ kind: 'assertion', stream: claim.stream, seq: claim.seq, message })
      }
      return { checked: claims.length, findings }
    },
  }
}

type Told = Pick<Claim, 'who' | 'what' | 'assertion' | 'challenge'>

/** An approval that is said to have been given by passkey. */
function approvalClaim(record: LogRecord): Told | undefined {
  const { vote, approvalId, callDigest } = record
  if (record['resolution'] !== 'approve' || !isJsonObject(vote)) return undefined
  const cast = vote as unknown as ApprovalVote
  if (cast.class !== 'passkey' && cast.class !== 'device') return undefined
  const { nonce, notAfter, scope, viewDigest: view } = cast
  const whole = typeof approvalId === 'string' && typeof callDigest === 'string'
  const challenge = whole
    ? digestOf(() => decisionDigest({ approvalId, call: callDigest, view, scope, notAfter, nonce }))
    : undefined
  return {
    who: cast.approver,
    what: `approved ${text(approvalId)}`,
    assertion: readAssertion(vote['assertion']),
    challenge,
  }
}

/** Another act that is said to have been agreed to by passkey. */
function operatorClaim(record: LogRecord): Told {
  const { decisionKind, call, view, notAfter, nonce, operator, assertion } = record as JsonObject
  const subject = { kind: decisionKind, call, view, notAfter, nonce } as Parameters<typeof operatorDecisionDigest>[0]
  const challenge = digestOf(() => operatorDecisionDigest(subject))
  return {
    who: text(operator),
    what: `agreed to ${text(decisionKind)}`,
    assertion: readAssertion(assertion),
    challenge,
  }
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

function digestOf(work: () => string): string | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

function readAssertion(value: Json | undefined): PasskeyAssertion | undefined {
  return isJsonObject(value) && typeof value['credential'] === 'string'
    ? (value as unknown as PasskeyAssertion)
    : undefined
}
