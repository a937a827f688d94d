import type { PostureSeverity } from '@sallyport/core'

/** What is looked for in the files of agents; each finding says in its own words what it found. */
export interface HostCheck {
  readonly id: string
  readonly severities: readonly PostureSeverity[]
  readonly title: string
  readonly why: string
  readonly remediation: string
}

const row = (
  id: string,
  severities: readonly PostureSeverity[],
  title: string,
  why: string,
  remediation: string,
): HostCheck => ({ id: `hosts.${id}`, severities, title, why, remediation })

/** SYS-1, HB-138, ND-7.1.b. */
export const HOST_CHECKS: readonly HostCheck[] = [
  row(
    'unprotected',
    ['high', 'medium'],
    'Each installed agent asks the gateway.',
    'Its tools act without a policy, a question or a record.',
    'Run `sallyport init`, or confine it with `sallyport run`.',
  ),
  row(
    'mcp_bypass',
    ['high', 'medium'],
    'MCP servers of agents go through the gateway.',
    'Their calls are neither decided nor recorded, and their definitions are not pinned.',
    'Run `sallyport init`, which wraps them.',
  ),
  row(
    'hook_fails_open',
    ['high', 'medium'],
    'Hooks stop a call when they fail, and leave no tool out.',
    'Whoever makes the hook fail or time out, or uses the tool it leaves out, is not asked.',
    'Put the hook in anew with `sallyport init`.',
  ),
  row(
    'dangerous_mode',
    ['critical', 'high', 'medium'],
    'No mode lets an agent act without a question.',
    'What a page, an issue or a file tells the agent to do is done without anybody looking.',
    'Take the mode out of the settings that the finding names.',
  ),
  row(
    'sandbox_off',
    ['high', 'medium'],
    'Sandboxes of agents are on and narrow.',
    'A command of the agent has all rights of the account: keys, mail, other projects.',
    'Switch it on, or run the agent with `sallyport run`.',
  ),
  row(
    'secret_in_config',
    ['high', 'medium'],
    'No secret stands in the files of agents.',
    'Every program of the account, and the agent itself, reads it.',
    'Put it into the vault and name it.',
  ),
  row(
    'writable_by_others',
    ['critical', 'high', 'medium'],
    'Nobody else can change what agents run.',
    'Whoever writes there chooses what the agent does with your rights.',
    'Take the rights of others away.',
  ),
  row(
    'project_overrides_user',
    ['high', 'medium', 'low'],
    'A project does not loosen what the user set.',
    'Whoever can change the repository chooses what runs here.',
    'Remove the setting from the project.',
  ),
  row(
    'redirected',
    ['critical', 'high', 'medium'],
    'Agents talk to the models and services they are made for.',
    'Prompts, code and keys pass whoever runs that address.',
    'Remove the address, or run it on this machine.',
  ),
  row(
    'remote_debug',
    ['critical', 'high', 'medium'],
    'No debugger listens.',
    'Whoever reaches the port runs code in the process and reads what it holds.',
    'Remove the option.',
  ),
  row(
    'unreadable',
    ['medium'],
    'The files of agents can be read.',
    'What could not be read was not looked at, and is not clean.',
    'Repair the file, or run the audit as its owner.',
  ),
]
