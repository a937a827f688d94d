// docs/reference/self-approval.md from the attempts that test/levels makes.
import { ATTEMPTS, EFFECTS } from '../../test/levels/attempts.ts'
import { cell, GENERATED, table } from './markdown.mjs'

export function selfApprovalPage() {
  const succeeding = ATTEMPTS.filter(({ atL0 }) => atL0.length > 0)
  const rows = ATTEMPTS.map(({ row, what, atL0 }) =>
    [
      row,
      what,
      atL0.length === 0 ? 'refused' : atL0.map((effect) => EFFECTS[effect]).join('; '),
      'refused',
      'refused',
    ].map(cell),
  )
  return `# Attempts to approve oneself

${GENERATED}

What comes of it when an agent with a shell tries to approve its own call, to read what approves, or to take the question away. \`test/levels\` runs each attempt as a command of such an agent against the program as it is shipped, at three levels, looks at the operator's world from outside before and after, and fails when anything but this comes of it:

- **L0**: the agent runs under the account of the gateway, unconfined. Nothing can prevent what this account may do: the gateway's files, memory and process are the agent's as well. The product says so: \`sallyport doctor\` calls it advisory, and the security score has the finding \`isolation.advisory\` (high).
- **L1**: the same account, the agent inside [\`sallyport run\`](../guides/run.md).
- **L2**: the gateway under an account of its own, the agent unconfined under another.

At L1 and L2 none of the ${ATTEMPTS.length} succeeds. At L0 ${ATTEMPTS.length - succeeding.length} are refused and ${succeeding.length} succeed.

${table(['row', 'attempt', 'L0', 'L1', 'L2'], rows)}

The rows are those of the threat model that tests are named by. An attempt that reads sees nothing of what a passkey on another device signs: that private key is nowhere on this machine.

## What is found afterwards at L0

${table(
  ['attempt', 'what a human finds'],
  succeeding.map(({ what, seen = '' }) => [what, seen].map(cell)),
)}
`
}
