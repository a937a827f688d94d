import { escapeText } from '@sallyport/core/approval/escape'
import { digest } from '@sallyport/core'
import { atlasTaxa, atlasTaxonomy } from '../atlas.ts'
import type { ScanFinding } from '../finding.ts'
import { SARIF_LEVEL, SARIF_SCORE, sarifLog, sarifUri } from '../sarif-log.ts'

/** SARIF 2.1.0. Places are relative to the subject; fingerprints do not hold line numbers, so that a baseline outlives an edit above. */
export function sarif(findings: readonly ScanFinding[], version: string): object {
  const rules = [...new Map(findings.map((finding) => [finding.id, finding])).values()]
  return sarifLog(
    {
      name: 'sallyport',
      version,
      rules: rules.map(({ id, title, why, fix, severity }) => ({
        id,
        shortDescription: { text: escapeText(title) },
        fullDescription: { text: escapeText(why) },
        help: { text: escapeText(fix) },
        defaultConfiguration: { level: SARIF_LEVEL[severity] },
        properties: {
          'security-severity': SARIF_SCORE[severity],
          tags: ['security', id.split('.').slice(0, 2).join('.')],
        },
      })),
    },
    findings.map((finding) => ({
      ruleId: finding.id,
      ruleIndex: rules.findIndex(({ id }) => id === finding.id),
      level: SARIF_LEVEL[finding.severity],
      message: { text: `${escapeText(finding.title)}: ${escapeText(finding.evidence)}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: sarifUri(finding.file), uriBaseId: '%SRCROOT%' },
            region: { startLine: finding.line, startColumn: finding.column },
          },
        },
      ],
      partialFingerprints: {
        'sallyport/v1': digest('sallyport/scan/1', [finding.id, finding.file, finding.evidence]),
      },
      taxa: atlasTaxa(finding.id),
    })),
    [],
    [atlasTaxonomy(rules.map(({ id }) => id))],
  )
}
