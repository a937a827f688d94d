import { advisoriesCommands } from './advisories/commands.ts'
import { alertsCommands } from './alerts/commands.ts'
import { approvalsCommands } from './approvals/commands.ts'
import { agentsCommands } from './agents/commands.ts'
import { attackCommands } from './attack/commands.ts'
import { budgetsCommands } from './budgets/commands.ts'
import { policyCommands } from './policy/commands.ts'
import { logCommands } from './log/commands.ts'
import { mcpCommands } from './mcp/commands.ts'
import { ciCommands } from './ci/commands.ts'
import { configCommands } from './config/commands.ts'
import { daemonCommands } from './daemon/commands.ts'
import type { CommandSpec } from './command.ts'
import { consoleCommands } from './console/commands.ts'
import { credentialsCommands } from './credentials/commands.ts'
import { detectCommands } from './detect/commands.ts'
import { doctorCommands } from './doctor/commands.ts'
import { egressCommands } from './egress/commands.ts'
import { healthCommands } from './health/commands.ts'
import { hookCommands } from './hook/commands.ts'
import { initCommands } from './init/commands.ts'
import { inspectCommands } from './inspect/commands.ts'
import { laterCommands } from './later.ts'
import { peopleCommands } from './people/commands.ts'
import { rulesCommands } from './rules/commands.ts'
import { runCommands } from './run/commands.ts'
import { sbomCommands } from './sbom/commands.ts'
import { scanCommands } from './scan/commands.ts'
import { sandboxCommands } from './sandbox/commands.ts'
import { securityCommands } from './security/commands.ts'
import { skillsCommands } from './skills/commands.ts'
import { tuiCommands } from './tui/commands.ts'
import { vaultCommands } from './vault/commands.ts'

/** All leaves. Data only: a command's code is loaded when it runs. */
export const commandTree: readonly CommandSpec[] = [
  ...daemonCommands,
  ...initCommands,
  ...doctorCommands,
  ...healthCommands,
  ...hookCommands,
  ...approvalsCommands,
  ...tuiCommands,
  ...agentsCommands,
  ...peopleCommands,
  ...policyCommands,
  ...logCommands,
  ...mcpCommands,
  ...configCommands,
  ...consoleCommands,
  ...detectCommands,
  ...attackCommands,
  ...rulesCommands,
  ...sandboxCommands,
  ...runCommands,
  ...vaultCommands,
  ...credentialsCommands,
  ...egressCommands,
  ...budgetsCommands,
  ...alertsCommands,
  ...securityCommands,
  ...scanCommands,
  ...sbomCommands,
  ...ciCommands,
  ...advisoriesCommands,
  ...skillsCommands,
  ...inspectCommands,
  {
    path: 'completion',
    summary: 'print a completion script',
    arguments: [['<shell>', 'bash, zsh or fish']],
    load: () => import('./completion.ts'),
  },
  {
    path: 'version',
    summary: 'show version, path and digest of this program',
    load: () => import('./version-command.ts'),
  },
  ...laterCommands,
]
