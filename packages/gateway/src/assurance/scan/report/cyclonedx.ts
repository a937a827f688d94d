import { escapeText } from '@sallyport/core/approval/escape'
import { bySeverity, type ScanReport } from './report.ts'

/**
 * CycloneDX 1.6: the subject, its files with findings as components, and each rule that found something as a
 * vulnerability of them. The same findings give the same bytes: there is no serial number and no time.
 */
export function cyclonedx({ subject, verdict, files, findings }: ScanReport, version: string): object {
  const paths = [...new Set(findings.map(({ file }) => file))].toSorted()
  const refs = new Map(paths.map((path, i) => [path, `file-${i + 1}`]))
  const rules = [...new Map(bySeverity(findings).map((finding) => [finding.id, finding])).keys()].toSorted()
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'sallyport', version }] },
      component: { type: 'application', 'bom-ref': 'subject', name: escapeText(subject) },
      properties: [
        { name: 'sallyport:verdict', value: verdict },
        { name: 'sallyport:files', value: String(files) },
      ],
    },
    components: paths.map((path) => ({ type: 'file', 'bom-ref': refs.get(path), name: escapeText(path) })),
    vulnerabilities: rules.map((rule) => {
      const mine = findings.filter(({ id }) => id === rule)
      const [worst] = bySeverity(mine)
      return {
        'bom-ref': rule,
        id: rule,
        source: { name: 'Sallyport' },
        ratings: [{ source: { name: 'Sallyport' }, severity: worst?.severity ?? 'unknown', method: 'other' }],
        ...(worst?.cwe !== undefined && { cwes: [worst.cwe] }),
        description: escapeText(worst?.title ?? rule),
        detail: escapeText(worst?.why ?? ''),
        recommendation: escapeText(worst?.fix ?? ''),
        affects: [...new Set(mine.map(({ file }) => file))].toSorted().map((file) => ({ ref: refs.get(file) })),
        properties: mine.map(({ file, line, column, evidence }) => ({
          name: 'sallyport:place',
          value: `${escapeText(file)}:${line}:${column} ${escapeText(evidence)}`,
        })),
      }
    }),
  }
}
