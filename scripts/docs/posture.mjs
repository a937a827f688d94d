// docs/reference/posture.md from the table of checks: a section for each finding.
import { POSTURE_CHECKS } from '../../packages/gateway/src/assurance/posture/checks.ts'
import { HOST_CHECKS } from '../../packages/gateway/src/assurance/posture/hosts/host-checks.ts'
import { cell, code, GENERATED, table } from './markdown.mjs'

const NEEDS = {
  config: 'the configuration',
  files: 'files of the gateway',
  policy: 'the policies',
  level: 'this account',
  agents: 'registered agents',
  gateway: 'a gateway that runs',
  deep: '`--deep`',
  hosts: 'files of agents, and of the folder that is named',
}

export function posturePage() {
  const categories = [...new Set(POSTURE_CHECKS.map(({ category }) => category))]
  const hosts = HOST_CHECKS.map((one) => ({ ...one, requirements: ['SYS-1', 'HB-138'] }))
  const rows = [...POSTURE_CHECKS, ...hosts].map(({ id, severities, requirements }) => [
    `[${code(id)}](#${id.replace(/[^a-z0-9_]/g, '')})`,
    severities.join(', '),
    requirements.join(', '),
  ])
  return `# Findings of the audit

${GENERATED}

\`sallyport security audit\` judges what it can see of this installation: ${POSTURE_CHECKS.length} checks. What it could not look at is *unknown*, never clean; a check whose feature is not in this version says so as \`info\`. Exit codes: 0 below \`--warn-on\` · 1 from there · 2 from \`--fail-on\` · 3 when something could not be looked at that may hide a finding ([how to use it in a pipeline](#baseline)).

${table(['finding', 'severity', 'requirements'], rows)}

## Baseline

\`--write-baseline FILE\` writes what is found now, without what is critical or only to know. Each entry needs \`reason\`, \`by\` and \`expires\` before \`--baseline FILE\` takes it; after that day, or when the finding gets worse, it counts again. A critical finding counts whatever a baseline says (E-72). Entries are known by id, subject and file, not by line.

${categories.map(section).join('\n\n')}

## hosts

The agents of this machine: Claude Code, Claude Desktop, Cursor, VS Code, Codex, Copilot CLI, Gemini CLI, Windsurf, OpenClaw. \`--no-hosts\` leaves them out.

${HOST_CHECKS.map((one) => entry({ ...one, needs: ['hosts'] })).join('\n\n')}
`
}

function section(category) {
  const own = POSTURE_CHECKS.filter((one) => one.category === category)
  return `## ${category}\n\n${own.map(entry).join('\n\n')}`
}

function entry({ id, title, why, remediation, severities, needs }) {
  const looks = needs.map((need) => NEEDS[need] ?? 'a feature that is not installed').join(', ')
  return `### ${code(id)}

${cell(title)}

- Otherwise: ${cell(why)}
- Fix: ${cell(remediation)}
- Reported as ${severities.join(' or ')}; looks at ${looks}.`
}
