import { findingOf, type RuleText, type ScanFinding } from '../finding.ts'
import type { Subject } from '../files/file.ts'
import type { ReadCode } from '../scripts/read.ts'
import type { Manifest } from './manifest.ts'

const rule = (name: string, severity: RuleText['severity'], title: string, why: string, fix: string): RuleText => ({
  id: `skill.capability.${name}`,
  severity,
  title,
  why,
  fix,
})
const NETWORK = rule(
  'undeclared-network',
  'medium',
  'uses the network without saying so',
  'What is not declared is not reviewed.',
  'Declare the tool and the hosts.',
)
const PROGRAMS = rule(
  'undeclared-programs',
  'medium',
  'starts programs without saying so',
  'What is not declared is not reviewed.',
  'Declare the tool.',
)
const APPROVAL = rule(
  'approval-missing',
  'low',
  'changes data or goes out without `requires_approval`',
  'A skill that acts on the outside needs a person to say yes (HB-33).',
  'Set `requires_approval: true`.',
)

const NET = /^(?:web\w*|http\w*|fetch\w*|network|bash|shell|exec\w*|python|node|browser\w*|curl|mcp.*|\*)(?:\(.*)?$/i
const RUNS = /^(?:bash|shell|exec\w*|run\w*|terminal|python|node|process|\*)(?:\(.*)?$/i

/** Declared against used (HB-33): what the code does and the manifest does not say. */
export function capabilityFindings(
  subject: Subject,
  codes: readonly ReadCode[],
  paths: readonly string[],
  manifest: Manifest | undefined,
): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const sends = codes.findIndex(({ signs }) => signs.has('net-send'))
  const network = codes.findIndex(({ signs }) => signs.has('net-send') || signs.has('remote-get'))
  const runs = codes.findIndex(({ signs }) => signs.has('exec') || signs.has('exec-module'))
  if (manifest?.tools !== undefined) {
    if (network >= 0 && !manifest.tools.some((tool) => NET.test(tool)))
      found.push(findingOf(NETWORK, paths[network] ?? subject.name, `allowed-tools: ${manifest.tools.join(', ')}`))
    if (runs >= 0 && !manifest.tools.some((tool) => RUNS.test(tool)))
      found.push(findingOf(PROGRAMS, paths[runs] ?? subject.name, `allowed-tools: ${manifest.tools.join(', ')}`))
  }
  const changes = codes.findIndex(({ signs }) => signs.has('removes') || signs.has('deletes-much'))
  if ((sends >= 0 || changes >= 0) && manifest !== undefined && manifest.requiresApproval !== true)
    found.push(findingOf(APPROVAL, paths[Math.max(sends, changes)] ?? subject.name, 'requires_approval is not true'))
  return found
}
