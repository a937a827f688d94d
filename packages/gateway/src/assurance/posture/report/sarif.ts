import { escapeText } from '@sallyport/core/approval/escape'
import type { PostureSeverity } from '@sallyport/core'
import { SARIF_LEVEL, sarifLog } from '../../scan/sarif-log.ts'
import type { PostureReport, ReportedFinding } from '../audit.ts'

const SCORE: Readonly<Record<PostureSeverity, string>> = {
  ...{ critical: '9.5', high: '8.0', medium: '5.0', low: '2.0', info: '0.0' },
}

/** SARIF 2.1.0. Accepted findings are there, suppressed, with who accepted them; a finding without a file is at the configuration. */
export function sarif({ findings, accepted }: PostureReport, version: string, root: string): object {
  const all: readonly (ReportedFinding & { readonly by?: string; readonly reason?: string })[] = [
    ...findings,
    ...accepted,
  ]
  const rules = [...new Map(all.map((one) => [one.id, one])).values()]
  return sarifLog(
    {
      name: 'Sallyport security audit',
      version,
      rules: rules.map(({ id, detail, why, remediation, severity, category, docs }) => ({
        id,
        shortDescription: { text: escapeText(why ?? detail) },
        fullDescription: { text: escapeText(why ?? detail) },
        help: { text: escapeText(remediation) },
        defaultConfiguration: { level: SARIF_LEVEL[severity] },
        properties: { 'security-severity': SCORE[severity], tags: ['security', category], docs },
      })),
    },
    all.map((one) => ({
      ruleId: one.id,
      ruleIndex: rules.findIndex(({ id }) => id === one.id),
      level: SARIF_LEVEL[one.severity],
      message: { text: `${escapeText(one.subject)}: ${escapeText(one.detail)} ${escapeText(one.remediation)}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(one.file ?? 'sallyport.yaml', root) },
            region: { startLine: one.line ?? 1 },
          },
        },
      ],
      partialFingerprints: { 'sallyport/posture/1': one.fingerprint },
      ...(one.by === undefined
        ? {}
        : {
            suppressions: [{ kind: 'external', status: 'accepted', justification: `${one.by}: ${one.reason ?? ''}` }],
          }),
    })),
  )
}

/** Relative where the file lies below `root`, so that a code host finds it. */
function uriOf(path: string, root: string): string {
  const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
  const encoded = inside
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/')
  return inside.startsWith('/') ? `file://${encoded}` : encoded
}
