import { digest } from '../json/digest.ts'
import { isJsonObject, type Json } from '../json/types.ts'
import { SallyportError } from '../errors/error.ts'
import { parseJson } from '../json/parse.ts'
import { POSTURE_SEVERITIES, type PostureFinding, type PostureSeverity } from './finding.ts'

/** A finding that somebody has looked at and accepted until a day. */
export interface BaselineEntry {
  readonly fingerprint: string
  readonly id: string
  readonly subject: string
  readonly severity: PostureSeverity
  readonly reason: string
  readonly by: string
  /** Last day it holds, ISO 8601, UTC. */
  readonly expires: string
}

export interface PostureBaseline {
  readonly version: 1
  readonly findings: readonly BaselineEntry[]
}

/** What a finding is known by: id, subject and file; never a line, so that an edit above it changes nothing. */
export const fingerprintOf = ({ id, subject, file = '' }: Pick<PostureFinding, 'id' | 'subject' | 'file'>): string =>
  digest('sallyport/posture/1', [id, subject, file])

export interface Accepted {
  /** What counts for the exit code. */
  readonly open: readonly PostureFinding[]
  /** What was accepted, with the entry that does so. */
  readonly accepted: readonly { readonly finding: PostureFinding; readonly entry: BaselineEntry }[]
  /** Entries that do nothing, and why. */
  readonly idle: readonly {
    readonly entry: BaselineEntry
    readonly why: 'expired' | 'not found' | 'worse' | 'critical'
  }[]
}

/**
 * Findings less those of a baseline (E-72). An entry holds to its last day, for a finding no worse than it was when it was accepted;
 * a critical one is never accepted.
 * @param today ISO 8601 day, UTC
 */
export function acceptedBy(baseline: PostureBaseline, findings: readonly PostureFinding[], today: string): Accepted {
  const prints = new Map(findings.map((finding) => [finding, fingerprintOf(finding)]))
  const idle: Accepted['idle'][number][] = []
  const accepted = new Map<PostureFinding, BaselineEntry>()
  for (const entry of baseline.findings) {
    const same = findings.filter((finding) => prints.get(finding) === entry.fingerprint)
    const why = whyIdle(entry, same, today)
    if (why !== undefined) idle.push({ entry, why })
    else for (const finding of same) accepted.set(finding, entry)
  }
  return {
    open: findings.filter((finding) => !accepted.has(finding)),
    accepted: [...accepted].map(([finding, entry]) => ({ finding, entry })),
    idle,
  }
}

function whyIdle(
  { expires, severity }: BaselineEntry,
  same: readonly PostureFinding[],
  today: string,
): Accepted['idle'][number]['why'] | undefined {
  if (same.length === 0) return 'not found'
  if (same.some((finding) => finding.severity === 'critical')) return 'critical'
  if (expires < today.slice(0, 10)) return 'expired'
  return same.some((finding) => rank(finding.severity) < rank(severity)) ? 'worse' : undefined
}

const rank = (severity: PostureSeverity): number => POSTURE_SEVERITIES.indexOf(severity)

const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/

/** @throws SallyportError SP_POSTURE_BASELINE for what is no baseline, or has an entry nobody answers for */
export function parsePostureBaseline(text: string): PostureBaseline {
  let value: Json
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new SallyportError('SP_POSTURE_BASELINE', 'It is not JSON.', { cause })
  }
  const { version, findings } = isJsonObject(value) ? value : {}
  if (version !== 1 || !Array.isArray(findings))
    throw new SallyportError('SP_POSTURE_BASELINE', 'It is not a baseline of the audit (version 1).')
  return { version: 1, findings: findings.map((one, at) => entryOf(one as Json, at)) }
}

function entryOf(value: Json, at: number): BaselineEntry {
  const given = isJsonObject(value) ? value : {}
  const word = (name: keyof BaselineEntry): string => {
    const text = given[name]
    return typeof text === 'string' ? text.trim() : ''
  }
  const fault = (what: string): SallyportError =>
    new SallyportError('SP_POSTURE_BASELINE', `Entry ${at + 1} (${word('id') || 'without id'}): ${what}`)
  const severity = POSTURE_SEVERITIES.find((one) => one === given['severity'])
  if (!/^[0-9a-f]{64}$/.test(word('fingerprint')) || severity === undefined) throw fault('it is not whole.')
  if (word('reason').length < 8) throw fault('say why it is accepted (`reason`, 8 characters or more).')
  if (word('by') === '') throw fault('say who accepted it (`by`).')
  if (!DAY.test(word('expires'))) throw fault('say until when (`expires`, a day like 2027-01-31).')
  return {
    ...{ fingerprint: word('fingerprint'), id: word('id'), subject: word('subject'), severity },
    ...{ reason: word('reason'), by: word('by'), expires: word('expires') },
  }
}
