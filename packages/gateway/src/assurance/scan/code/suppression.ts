import type { CodeFinding } from './finding.ts'

/** `sallyport-ignore code.sql_injection.statement: names come from the schema`, on the line or the one above. */
const MARK = /sallyport-ignore\s+(?<rule>code(?:\.[a-z_]+){1,2}(?:\.\*)?)\s*:\s*(?<reason>\S.{2,})/g

export interface Sorted {
  readonly open: readonly CodeFinding[]
  readonly suppressed: readonly { readonly finding: CodeFinding; readonly reason: string }[]
}

/** Takes out what a comment accepts with a reason; a mark without a reason, or for everything, does nothing. */
export function applySuppressions(text: string, findings: readonly CodeFinding[]): Sorted {
  if (findings.length === 0 || !text.includes('sallyport-ignore')) return { open: findings, suppressed: [] }
  const marks = text.split('\n').flatMap((line, i) =>
    [...line.matchAll(MARK)].map(({ groups }) => ({
      line: i + 1,
      rule: groups?.['rule'] ?? '',
      reason: (groups?.['reason'] ?? '').replace(/\s*(?:\*\/|-->|#}).*$/, '').trim(),
    })),
  )
  const open: CodeFinding[] = []
  const suppressed: { finding: CodeFinding; reason: string }[] = []
  for (const finding of findings) {
    const mark = marks.find(
      ({ line, rule, reason }) =>
        reason.length > 2 &&
        (line === finding.line || line === finding.line - 1) &&
        (rule === finding.rule || (rule.endsWith('.*') && finding.rule.startsWith(rule.slice(0, -1)))),
    )
    if (mark === undefined) open.push(finding)
    else suppressed.push({ finding, reason: mark.reason })
  }
  return { open, suppressed }
}
