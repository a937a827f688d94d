import { severityRank, type Severity } from '@sallyport/core'

/** What a scan says of one place in its subject. Ids are dotted, stable and never renamed: `skill.<category>.<name>`, `mcp.<category>.<name>`. */
export interface ScanFinding {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** Path inside the subject, `!` before a member of an archive. */
  readonly file: string
  /** 1-based; 1 where the whole file is meant. */
  readonly line: number
  readonly column: number
  /** Part of the subject, shortened. Untrusted: escape it for the surface that shows it (T-147). */
  readonly evidence: string
  readonly why: string
  readonly fix: string
}

/** What all findings of one rule have in common. */
export interface RuleText {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly why: string
  readonly fix: string
}

/** Makes the rules of one kind of subject: `rulesOf('mcp')('typosquat.tool-name', …)`. */
export const rulesOf =
  (kind: 'skill' | 'mcp') =>
  (name: string, severity: Severity, title: string, why: string, fix: string): RuleText => ({
    id: `${kind}.${name}`,
    ...{ severity, title, why, fix },
  })

/** `ask`: held for a review · `block`: refused. */
export type ScanVerdict = 'allow' | 'ask' | 'block'

/** A critical finding refuses, a high one holds, anything less is a notice (HB-34). */
export function verdictOf(findings: readonly Pick<ScanFinding, 'severity'>[]): ScanVerdict {
  const worst = Math.max(-1, ...findings.map(({ severity }) => severityRank(severity)))
  if (worst >= severityRank('critical')) return 'block'
  return worst >= severityRank('high') ? 'ask' : 'allow'
}

const LONGEST_EVIDENCE = 160

/** A place in a text as a finding. `start` and `end` are UTF-16 units of `text`. */
export function findingAt(
  rule: RuleText,
  file: string,
  text: string,
  start: number,
  end: number,
  severity: Severity = rule.severity,
): ScanFinding {
  const { line, column } = placeOf(text, start)
  const { id, title, why, fix } = rule
  const evidence = shorten(text.slice(start, Math.min(end, start + LONGEST_EVIDENCE * 2)))
  return { id, severity, title, file, line, column, evidence, why, fix }
}

/** A finding about a file as a whole, or about something that is not in a text. */
export function findingOf(rule: RuleText, file: string, evidence: string, severity = rule.severity): ScanFinding {
  const { id, title, why, fix } = rule
  return { id, severity, title, file, line: 1, column: 1, evidence: shorten(evidence), why, fix }
}

function shorten(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length > LONGEST_EVIDENCE ? `${flat.slice(0, LONGEST_EVIDENCE)}…` : flat
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1
  let begin = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++
    begin = at + 1
  }
  return { line, column: offset - begin + 1 }
}

/** Worst first, then by place; of equal findings the first. */
export function inOrder(findings: readonly ScanFinding[]): readonly ScanFinding[] {
  const seen = new Map<string, ScanFinding>()
  for (const finding of findings) {
    const key = `${finding.id}\0${finding.file}\0${finding.line}\0${finding.evidence}`
    const other = seen.get(key)
    if (other === undefined || severityRank(finding.severity) > severityRank(other.severity)) seen.set(key, finding)
  }
  return [...seen.values()].toSorted(
    (one, other) =>
      severityRank(other.severity) - severityRank(one.severity) ||
      (one.file < other.file ? -1 : one.file > other.file ? 1 : one.line - other.line || one.column - other.column),
  )
}

/** One step less grave: what is quoted in writing about attacks, or done with consent. */
const LESS: Readonly<Record<Severity, Severity>> = {
  critical: 'medium',
  high: 'medium',
  medium: 'low',
  low: 'info',
  info: 'info',
}
export const asNotice = (severity: Severity): Severity => LESS[severity]
