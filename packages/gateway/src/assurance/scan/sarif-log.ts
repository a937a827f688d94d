import type { Severity } from '@sallyport/core'

/** Level of a result by severity. */
export const SARIF_LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}

/** A log of one run in SARIF 2.1.0 (OASIS); columns are UTF-16 units. */
export const sarifLog = (
  driver: { readonly name: string; readonly version: string; readonly rules: readonly object[] },
  results: readonly object[],
): object => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
})
