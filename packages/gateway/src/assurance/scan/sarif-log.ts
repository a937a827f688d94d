import type { Severity } from '@sallyport/core'

/** Level of a result by severity. */
export const SARIF_LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}

/** `security-severity` as GitHub reads it: above 9 critical, from 7 high, from 4 medium, above 0 low. */
export const SARIF_SCORE: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
}

/** A path with `/` as a URI reference of SARIF: every part is encoded, so that none is a query, a fragment or a scheme. */
export const sarifUri = (path: string): string =>
  path
    .split('/')
    .map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\ufffd')))
    .join('/')

/**
 * A log of one run in SARIF 2.1.0 (OASIS); columns are UTF-16 units. `unread` says what was not looked at, `taxonomies` what `taxa` of
 * results stand for.
 */
export const sarifLog = (
  driver: { readonly name: string; readonly version: string; readonly rules: readonly object[] },
  results: readonly object[],
  unread: readonly { readonly path: string; readonly message: string }[] = [],
  taxonomies: readonly object[] = [],
): object => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: { driver },
      columnKind: 'utf16CodeUnits',
      invocations: [
        {
          executionSuccessful: unread.length === 0,
          ...(unread.length > 0 && {
            toolExecutionNotifications: unread.map(({ path, message }) => ({
              level: 'error',
              message: { text: `This file was not scanned: ${message}` },
              locations: [{ physicalLocation: { artifactLocation: { uri: sarifUri(path) } } }],
            })),
          }),
        },
      ],
      results,
      ...(taxonomies.length > 0 && { taxonomies }),
    },
  ],
})
