import { isJsonObject, type Json, type RpcResponse, type SplitCall } from '@sallyport/core'
import type { Reply } from './reply.ts'
import type { ClientSession } from './session.ts'

const KEY = 'sallyport-approval'
const MAX_ARGUMENTS = 600

/**
 * A held call asked about through the agent's own client: elicitation (2025 era) or `input_required` (2026 era). The client may
 * answer by itself, so the answer is only client-asserted evidence; who may rely on it is decided elsewhere (T-064).
 */
export const approvalQuestion = Object.freeze({
  /** The `input_required` result that asks. */
  result(approvalId: string, server: string, call: SplitCall, requestState: string): string {
    const inputRequests = { [KEY]: { method: 'elicitation/create', params: question(approvalId, server, call) } }
    return JSON.stringify({ resultType: 'input_required', inputRequests, requestState })
  },
  /** True when the answers that came back hold an acceptance of our question. */
  accepted(inputResponses: Json | undefined): boolean {
    const answer = isJsonObject(inputResponses) ? inputResponses[KEY] : undefined
    return says(answer)
  },
})

/** Asks a client of the 2025 era while the call waits, and hands its answer on. */
export function askAboutApproval(
  session: ClientSession,
  reply: Reply,
  approvalId: string,
  server: string,
  call: SplitCall,
  signal: AbortSignal,
): void {
  const params = JSON.stringify(question(approvalId, server, call))
  session
    .ask('elicitation/create', params, signal, (text) => reply.send(text))
    .then((answer: RpcResponse | undefined) => {
      if (answer?.result !== undefined) session.deps.clientAsserted?.(session.caller, approvalId, says(answer.result))
    })
    .catch(() => undefined)
}

function question(approvalId: string, server: string, call: SplitCall) {
  const shown = call.argsText.length > MAX_ARGUMENTS ? `${call.argsText.slice(0, MAX_ARGUMENTS)}…` : call.argsText
  return {
    mode: 'form',
    message: `Sallyport holds a call to ${server}.${call.tool} (approval ${approvalId}). Arguments: ${escaped(shown)}`,
    requestedSchema: {
      type: 'object',
      properties: { allow: { type: 'boolean', title: 'Allow this one call', default: false } },
      required: ['allow'],
    },
  }
}

const says = (answer: Json | undefined): boolean =>
  isJsonObject(answer) &&
  answer['action'] === 'accept' &&
  isJsonObject(answer['content']) &&
  answer['content']['allow'] === true

/** Arguments come from the agent: control and format characters are shown as escapes (T-032). */
const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`)
