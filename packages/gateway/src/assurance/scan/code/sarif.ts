import type { CodeFinding } from './finding.ts'
import type { Rule } from './rule.ts'
import { SARIF_LEVEL, SARIF_SCORE, sarifLog, sarifUri } from '../sarif-log.ts'

export interface SarifFile {
  readonly path: string
  readonly findings: readonly CodeFinding[]
  readonly prints: readonly string[]
}

/** Findings in SARIF 2.1.0 (OASIS). `unread` are files that were not scanned. */
export function toSarif(
  files: readonly SarifFile[],
  rules: readonly Rule[],
  version: string,
  unread: readonly { readonly path: string; readonly message: string }[] = [],
): object {
  return sarifLog(
    {
      name: 'Sallyport CodeGuard',
      version,
      rules: rules.map(({ id, title, fix, severity, cwe }) => ({
        id,
        shortDescription: { text: title },
        help: { text: fix },
        defaultConfiguration: { level: SARIF_LEVEL[severity] },
        properties: { 'security-severity': SARIF_SCORE[severity], tags: ['security', `external/cwe/cwe-${cwe}`] },
      })),
    },
    files.flatMap(({ path, findings, prints }) =>
      findings.map(({ rule, severity, message, line, column }, i) => ({
        ruleId: rule,
        level: SARIF_LEVEL[severity],
        message: { text: message },
        partialFingerprints: { 'sallyport/v1': prints[i] ?? '' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: sarifUri(path) },
              region: { startLine: line, startColumn: column },
            },
          },
        ],
      })),
    ),
    unread,
  )
}
