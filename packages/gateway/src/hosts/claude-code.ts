import { encodeSharedAnswer } from './answer.ts'
import { CLAUDE_CODE_FACTS } from './facts/claude-code.ts'
import { matcherHookFile } from './hook-file.ts'
import type { Disabling, HostFailure, HostProfile, WiredHost } from './host.ts'
import { JsonText } from './json-text.ts'
import { decodeSharedPayload } from './payload.ts'
import { CLAUDE_CODE_TOOLS } from './tools/claude-code.ts'
import { unreachable } from './unreachable.ts'

const TIMEOUT = 120
const OBSERVE_TIMEOUT = 20

const OPEN: HostFailure = { crash: 'open', timeout: 'open', badOutput: 'open', silent: 'open' }
const BLOCK: HostFailure = { crash: 'closed', timeout: 'closed', badOutput: 'open', silent: 'open' }

const PROFILE: HostProfile = {
  id: 'claude-code',
  title: 'Claude Code',
  versions: '2.1.329',
  events: {
    PreToolUse: 'tool.before',
    PostToolUse: 'tool.after',
    PostToolUseFailure: 'tool.failed',
    UserPromptSubmit: 'prompt',
    SessionStart: 'session.start',
  },
  canAsk: true,
  failure: OPEN,
  hardened: { by: 'onFailure: "block"', since: '2.1.295', failure: BLOCK },
  facts: CLAUDE_CODE_FACTS,
}

/** Claude Code. Its own `ask` is never used: the person at its prompt is not one of our approvers. */
export const CLAUDE_CODE: WiredHost = {
  wired: true,
  profile: PROFILE,
  server: 'claude-code',
  tools: CLAUDE_CODE_TOOLS,
  timeoutSeconds: TIMEOUT,
  observeTimeoutSeconds: OBSERVE_TIMEOUT,
  hookFile: matcherHookFile({
    path: '.claude/settings.json',
    events: [
      { native: 'PreToolUse', gate: true, matcher: '*' },
      { native: 'PostToolUse', gate: false, matcher: '*' },
      { native: 'PostToolUseFailure', gate: false, matcher: '*' },
      { native: 'UserPromptSubmit', gate: false },
      { native: 'SessionStart', gate: false },
    ],
    timeoutSeconds: TIMEOUT,
    observeTimeoutSeconds: OBSERVE_TIMEOUT,
    hardening: { onFailure: 'block' },
  }),
  managed: {
    path: '/etc/claude-code/managed-settings.json',
    more: { allowManagedHooksOnly: true, enableAllProjectMcpServers: false },
    servers: '/etc/claude-code/managed-mcp.json',
  },
  afterInstall: 'Restart running Claude Code sessions: hooks are read when a session starts.',
  disabling(text) {
    const file = new JsonText(text)
    return SWITCHES.filter(({ setting, when }) => when(file.get([setting])))
  },
  decode: (payload) => decodeSharedPayload(payload, PROFILE.events),
  encode: encodeSharedAnswer,
  unreachable: unreachable('PreToolUse'),
}

const SWITCHES: readonly (Disabling & { readonly when: (value: unknown) => boolean })[] = [
  { setting: 'disableAllHooks', effect: 'No hook runs.', when: (value) => value === true },
  {
    setting: 'allowManagedHooksOnly',
    effect: 'Only hooks of the managed settings run; ours has to be put there.',
    when: (value) => value === true,
  },
]
