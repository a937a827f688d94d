import { parse } from 'smol-toml'
import { isJsonObject, SallyportError } from '@sallyport/core'
import { encodeSharedAnswer } from './answer.ts'
import { CODEX_FACTS } from './facts/codex.ts'
import { matcherHookFile } from './hook-file.ts'
import type { HostFailure, HostProfile, WiredHost } from './host.ts'
import { decodeSharedPayload } from './payload.ts'
import { CODEX_TOOLS } from './tools/codex.ts'
import { unreachable } from './unreachable.ts'

const TIMEOUT = 120
const OBSERVE_TIMEOUT = 20

const OPEN: HostFailure = { crash: 'open', timeout: 'open', badOutput: 'open', silent: 'open' }

const PROFILE: HostProfile = {
  id: 'codex',
  title: 'Codex CLI',
  versions: '0.169.0',
  events: {
    PreToolUse: 'tool.before',
    PostToolUse: 'tool.after',
    UserPromptSubmit: 'prompt',
    SessionStart: 'session.start',
  },
  canAsk: false,
  failure: OPEN,
  facts: CODEX_FACTS,
}

/** Codex CLI. Every failure of a hook lets the call through, so it is reported as observe-only (T-043). */
export const CODEX: WiredHost = {
  wired: true,
  profile: PROFILE,
  server: 'codex',
  tools: CODEX_TOOLS,
  timeoutSeconds: TIMEOUT,
  observeTimeoutSeconds: OBSERVE_TIMEOUT,
  hookFile: matcherHookFile({
    path: '.codex/hooks.json',
    events: [
      { native: 'PreToolUse', gate: true, matcher: '.*' },
      { native: 'PostToolUse', gate: false, matcher: '.*' },
      { native: 'UserPromptSubmit', gate: false },
      { native: 'SessionStart', gate: false },
    ],
    timeoutSeconds: TIMEOUT,
    observeTimeoutSeconds: OBSERVE_TIMEOUT,
    hardening: {},
  }),
  afterInstall:
    'Start Codex once and trust the new hooks when it asks: it skips hooks that nobody has reviewed, without a word.',
  disabling(text) {
    const features = tomlTable(text)['features']
    const off = isJsonObject(features) && features['hooks'] === false
    return off ? [{ setting: 'features.hooks', effect: 'No hook runs.' }] : []
  },
  decode(payload) {
    const event = decodeSharedPayload(payload, PROFILE.events)
    // The hook's cwd is the session's; a command's own `workdir` is not shown, so relative paths stay unresolved.
    return event.event === 'tool.before' ? { ...event, cwd: '' } : event
  },
  encode(event, answer) {
    if (answer.kind !== 'replace') return encodeSharedAnswer(event, answer)
    const text = typeof answer.output === 'string' ? answer.output : JSON.stringify(answer.output)
    return { exit: 0, stdout: { decision: 'block', reason: text === '' ? answer.note : text }, stderr: '' }
  },
  unreachable: unreachable('PreToolUse'),
}

function tomlTable(text: string): Record<string, unknown> {
  try {
    return parse(text)
  } catch (cause) {
    throw new SallyportError('SP_CONFIG_INVALID', cause instanceof Error ? cause.message : '', { cause })
  }
}
