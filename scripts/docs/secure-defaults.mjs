// docs/reference/secure-defaults.md from the table of settings that weaken.
import { SECURITY_OPTIONS } from '../../packages/gateway/src/config/security-options.ts'
import { cell, code, GENERATED, table } from './markdown.mjs'

const ANSWERS = {
  acknowledge: [
    'Refused without an acknowledgement',
    'The gateway does not start until `acknowledgeInsecure` names the path, who answers for it, why, and the last day. With it, every start logs the setting, and it stays a finding of `sallyport security audit`.',
  ],
  explicit: [
    'Set on purpose',
    'Setting it is the decision. Every start logs it, and it stays a finding of the severity shown.',
  ],
  justified: [
    'Answered for by each entry',
    'An entry says itself who answers for it, why, and when it ends; after that day it counts no more.',
  ],
}

export function secureDefaultsPage() {
  const sections = Object.entries(ANSWERS).map(([answer, [title, words]]) => {
    const rows = SECURITY_OPTIONS.filter((one) => one.answer === answer)
    return `## ${title}\n\n${words}\n\n${table(
      ['setting', 'default, the strictest', 'weaker', 'severity'],
      rows.map(({ path, strict, why, severity }) => [code(path), cell(strict), cell(why), severity]),
    )}`
  })
  return `# Secure defaults

${GENERATED}

Every setting that matters for security has its strictest value by default (SEC-7.2). What can be made weaker is here, and nothing else.

${sections.join('\n\n')}

\`\`\`yaml
acknowledgeInsecure:
  mode:
    reason: measuring what would be denied before it is
    by: ana
    expires: 2027-01-31
\`\`\`

These defaults are not the strictest that can be set: \`tools.pinning\` takes definitions of tools as they are first seen (\`review\` under \`preset:locked-down\`), \`sandbox.wrapped\` leaves servers of agents' own configurations with the rights of the account until it is set, \`presence.attestation\` takes passkeys of any maker, \`policy.fourEyes\` lets one person loosen a policy, \`egress.unknown\` asks a person about a host that no list names, \`skills.unknown\` lets a host load a skill that was never taken in here, \`registries.*.signatures\` takes what has no signature (one that does not hold is always refused). Each needs something that only you have (reviewers, a second person, a list of makers), or would break what runs already.
`
}
