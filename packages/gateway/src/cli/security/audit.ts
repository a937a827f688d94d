import { readFileSync } from 'node:fs'
import {
  auditExit,
  bindingFindings,
  BYPASSES,
  inOrder,
  POSTURE_SEVERITIES,
  SallyportError,
  summaryOf,
  type PostureFinding,
  type PostureSeverity,
} from '@sallyport/core'
import { parseDocument, visit } from 'yaml'
import { bindingFactsOf } from '../../assurance/posture/binding-facts.ts'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import { loadConfig, parseConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import type { CliIo, CliOptions, CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'

/**
 * The checks of SEC-2.3 and SEC-2.4 over the configuration in force.
 * @returns 0, 1 or 2 by severity (ND-7.1.a)
 * @throws SallyportError SP_POSTURE_INCOMPLETE (exit 3) when the configuration cannot be read: never confused with clean
 */
export const run: CommandRun = async (io, _args, options) => {
  const thresholds = {
    failOn: severityOf(options, 'failOn', 'critical'),
    warnOn: severityOf(options, 'warnOn', 'medium'),
  }
  const { config, bypasses } = configurationOf(io)
  const findings = inOrder(bindingFindings(bindingFactsOf(config, bypasses, await forwardedSeen(io))))
  const summary = summaryOf(findings)
  if (io.json) io.out(JSON.stringify({ findings, summary }))
  else print(io, findings)
  return auditExit(findings, thresholds)
}

function severityOf(options: CliOptions, name: string, fallback: PostureSeverity): PostureSeverity {
  const given = options[name] ?? fallback
  const known = POSTURE_SEVERITIES.find((severity) => severity === given)
  if (known !== undefined) return known
  throw new SallyportError(
    'SP_POSTURE_INCOMPLETE',
    `${String(given)} is no severity; say ${POSTURE_SEVERITIES.join(', ')}.`,
  )
}

/** A configuration that a bypass keeps from loading is still looked at: that is when it matters most. */
function configurationOf(io: CliIo): { readonly config: Config; readonly bypasses: readonly string[] } {
  const sources = { env: environment(), stateDir: io.stateDir, now: systemClock.now() }
  try {
    if (io.configPath === undefined) return { config: loadConfig(undefined, sources).config, bypasses: [] }
    const document = parseDocument(readFileSync(io.configPath, 'utf8'))
    const bypasses: string[] = []
    visit(document, {
      Pair: (_key, pair) => {
        const name = String(pair.key)
        if (!Object.hasOwn(BYPASSES, name)) return undefined
        bypasses.push(name)
        return visit.REMOVE
      },
    })
    const text = bypasses.length === 0 ? readFileSync(io.configPath, 'utf8') : document.toString()
    return { config: parseConfig(text, io.configPath, sources).config, bypasses }
  } catch (cause) {
    const why = cause instanceof SallyportError ? cause.message : String(cause)
    throw new SallyportError('SP_POSTURE_INCOMPLETE', `The configuration cannot be read: ${why}`, { cause })
  }
}

/** What a gateway that runs has seen; one that does not run has seen nothing. */
async function forwardedSeen(io: CliIo): Promise<boolean> {
  if (!(await io.gateway.alive())) return false
  const status = (await io.gateway.request('GET', '/api/v1/status')) as { readonly forwardedSeen?: unknown }
  return status.forwardedSeen === true
}

function print(io: CliIo, findings: readonly PostureFinding[]): void {
  if (findings.length === 0) return io.out('Nothing found.')
  io.out(
    formatTable(
      ['SEVERITY', 'CHECK', 'SUBJECT'],
      findings.map(({ severity, id, subject }) => [severity, id, subject]),
    ),
  )
  for (const { id, subject, detail, remediation } of findings)
    io.out(`\n${id} (${subject})\n  ${detail}\n  ${remediation}`)
}
