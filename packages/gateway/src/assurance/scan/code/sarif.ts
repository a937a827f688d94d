import type { Severity } from '@sallyport/core'
import type { CodeFinding } from './finding.ts'
import type { Rule } from './rule.ts'
import { SARIF_LEVEL, sarifLog } from '../sarif-log.ts'

export interface SarifFile {
  readonly path: string
  readonly findings: readonly CodeFinding[]
  readonly prints: readonly string[]
}

/** As GitHub reads it. */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
}

/** Findings in SARIF 2.1.0 (OASIS). */
export function toSarif(files: readonly SarifFile[], rules: readonly Rule[], version: string): object {
  return sarifLog(
    {
      name: 'Sallyport CodeGuard',
      version,
      rules: rules.map(({ id, title, fix, severity, cwe }) => ({
        id,
        shortDescription: { text: title },
        help: { text: fix },
        defaultConfiguration: { level: SARIF_LEVEL[severity] },
        properties: { 'security-severity': SCORES[severity], tags: ['security', `external/cwe/cwe-${cwe}`] },
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
              artifactLocation: { uri: encodeURI(path) },
              region: { startLine: line, startColumn: column },
            },
          },
        ],
      })),
    ),
  )
}
