import type { JsonObject } from '@sallyport/core'
import type { HookAnswer, HookEvent, NativeAnswer } from './event.ts'

const OK: NativeAnswer = Object.freeze({ exit: 0, stdout: Object.freeze({}), stderr: '' })

/** Longest reason a host gets; hosts cut longer ones at places of their own choosing. */
const REASON_LIMIT = 1000

/**
 * The answer form that Claude Code introduced and Codex shares. A deny uses every way of blocking at once: JSON, text on
 * stderr and exit code 2. That is the only form which blocked on every host tried; Codex ignores exit 2 without text.
 * `proceed` is `{}` and never `permissionDecision: "allow"`, which would switch off the host's own questions.
 */
export function encodeSharedAnswer(event: Pick<HookEvent, 'event' | 'native'>, answer: HookAnswer): NativeAnswer {
  switch (answer.kind) {
    case 'proceed':
      return OK
    case 'deny':
      return { exit: 2, stdout: denyJson(event, oneLine(answer.reason)), stderr: oneLine(answer.reason) }
    case 'replace':
      return {
        exit: 0,
        stdout: {
          hookSpecificOutput: {
            hookEventName: event.native,
            updatedToolOutput: answer.output,
            additionalContext: oneLine(answer.note),
          },
        },
        stderr: '',
      }
    case 'note':
      return { exit: 0, stdout: { systemMessage: oneLine(answer.text) }, stderr: '' }
  }
}

function denyJson(event: Pick<HookEvent, 'event' | 'native'>, reason: string): JsonObject {
  if (event.event === 'tool.before') {
    return {
      hookSpecificOutput: {
        hookEventName: event.native,
        permissionDecision: 'deny',
        permissionDecisionReason: reason,
      },
    }
  }
  return { decision: 'block', reason }
}

/** Reasons go through shells, terminals and prompts: one line, no control characters, bounded. */
function oneLine(text: string): string {
  const flat = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return flat.length <= REASON_LIMIT ? flat : `${flat.slice(0, REASON_LIMIT - 1)}…`
}
