import { readFileSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import {
  inOrder,
  POSTURE_SEVERITIES,
  SallyportError,
  severityRank,
  type PostureFinding,
  type PostureSeverity,
} from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import { advisoryFindings } from '../../assurance/advisories/advisory-findings.ts'
import { npmAuditFindings } from '../../assurance/advisories/npm-audit.ts'
import { readSnapshot } from '../../assurance/advisories/snapshot.ts'
import { readDependencies } from '../../assurance/sbom/read-dependencies.ts'
import { systemClock } from '../../clock.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

/** `advisories check [PATH]`: 0 nothing from `--fail-on` on · 1 findings · 2 usage · 3 something was not verified (AC-7.5.2). */
export const run: CommandRun = async (io, [path = '.'], options) => {
  const failOn = severityOf(options)
  const root = resolve(io.cwd, path)
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new SallyportError('SP_CLI_USAGE', `${path} is not a directory.`)
  const inventory = readDependencies(root)
  const findings = inOrder([
    ...advisoryFindings(inventory, readSnapshot(io.stateDir), systemClock.now()),
    ...auditOf(io, options),
  ])
  const verified = !findings.some(isUnverified)
  if (io.json) io.out(JSON.stringify({ packages: inventory.components.length, verified, findings }))
  else print(io, inventory.components.length, findings)
  if (findings.some((one) => !isUnverified(one) && severityRank(one.severity) >= severityRank(failOn))) return 1
  return verified ? 0 : 3
}

const isUnverified = ({ detail }: PostureFinding): boolean => detail.startsWith('Not verified')

function auditOf(io: CliIo, { npmAudit }: CliOptions): readonly PostureFinding[] {
  if (typeof npmAudit !== 'string') return []
  try {
    return npmAuditFindings(readFileSync(resolve(io.cwd, npmAudit), 'utf8'), basename(npmAudit))
  } catch (cause) {
    throw new SallyportError('SP_CLI_USAGE', `${npmAudit} cannot be read.`, { cause })
  }
}

function severityOf({ failOn = 'high' }: CliOptions): PostureSeverity {
  const known = POSTURE_SEVERITIES.find((severity) => severity === failOn)
  if (known !== undefined) return known
  throw new SallyportError('SP_CLI_USAGE', `\`--fail-on\` is ${POSTURE_SEVERITIES.join(', ')}.`)
}

function print(io: CliIo, packages: number, findings: readonly PostureFinding[]): void {
  if (findings.length > 0)
    io.out(
      formatTable(
        ['SEVERITY', 'WHAT', 'DETAIL'],
        findings.map(({ severity, subject, detail }) => [severity, subject, detail]),
      ),
    )
  for (const remediation of new Set(findings.map((one) => one.remediation))) io.err(escapeText(remediation))
  io.err(`${packages} packages, ${findings.length} findings.`)
}
