import { inOrder, type PostureFinding } from '@sallyport/core'
import { z } from 'zod'

const via = z.union([
  z.string(),
  z.object({
    title: z.string().max(2000),
    url: z.string().max(500),
    severity: z.string(),
    range: z.string().max(2000),
  }),
])
const REPORT = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({ name: z.string(), severity: z.string(), via: z.array(via), fixAvailable: z.unknown() }),
  ),
})
const SEVERITIES = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['info', 'info'],
] as const)

/** Findings of `npm audit --json` (npm 7 and later). What is no such report, like that of a registry that gave no answer, is “not verified”. */
export function npmAuditFindings(text: string, file: string): readonly PostureFinding[] {
  let report
  try {
    report = REPORT.parse(JSON.parse(text))
  } catch {
    return [
      {
        ...{ id: 'supply.npm_audit_unread', severity: 'medium', subject: file, file },
        detail: 'Not verified: this is no report of `npm audit --json`; the registry may have given no answer.',
        why: 'A package with a known hole would not be noticed.',
        remediation: 'Run `npm audit --json` where the registry answers, or import advisories.',
      },
    ]
  }
  return inOrder(
    Object.values(report.vulnerabilities).flatMap(({ name, via: causes, fixAvailable }) =>
      // a name stands for a package that depends on another one, which has a row of its own
      causes.flatMap((cause): readonly PostureFinding[] =>
        typeof cause === 'string'
          ? []
          : [
              {
                id: 'supply.vulnerable_package',
                severity: SEVERITIES.get(cause.severity as 'high') ?? 'high',
                ...{ subject: `npm ${name}@${cause.range}`, file, detail: `${cause.title} (${cause.url})` },
                why: 'The hole is public: whoever can reach the package can use it.',
                remediation:
                  fixAvailable === false || fixAvailable === undefined
                    ? `No repaired version of ${name} is known: take it out, or another one.`
                    : `Run \`npm audit fix\`, or update what needs ${name}.`,
              },
            ],
      ),
    ),
  )
}
