import {
  isJsonObject,
  parseMessage,
  SallyportError,
  type Json,
  type JsonObject,
  type ParsedMessage,
} from '@sallyport/core'
import type { CanonicalEvent, HookEvent } from './event.ts'

/**
 * Reads the payload shape that Claude Code introduced and Codex shares: snake_case members, `hook_event_name`,
 * `tool_name`, `tool_input`, `tool_use_id`, `tool_response`. Strict: a tool event that lacks one of them is a version we
 * do not know and therefore an error, which the ingress answers with deny.
 * A result that is not strictly readable JSON is still attributed to its call, with `response` undefined.
 * @throws SallyportError SP_JSON_*, SP_HOOK_PAYLOAD
 */
export function decodeSharedPayload(text: string, events: Readonly<Record<string, CanonicalEvent>>): HookEvent {
  const message = readMessage(text, events)
  const native = requireText(message.value, 'hook_event_name')
  const event = Object.hasOwn(events, native) ? events[native] : undefined
  if (event === undefined) throw new SallyportError('SP_HOOK_PAYLOAD', `Event ${quote(native)} is not known.`)
  const base = {
    native,
    sessionHint: optionalText(message.value, 'session_id').slice(0, 128),
    cwd: optionalText(message.value, 'cwd'),
  }
  switch (event) {
    case 'tool.before':
      return { event, ...base, ...toolMembers(message) }
    case 'tool.after':
      return { event, ...base, ...toolMembers(message), ...responseMembers(message, 'tool_response') }
    case 'tool.failed':
      return { event, ...base, ...toolMembers(message), ...responseMembers(message, 'error') }
    case 'prompt':
      return { event, ...base, prompt: requireText(message.value, 'prompt', true) }
    case 'session.start':
      return { event, ...base, source: optionalText(message.value, 'source').slice(0, 32) }
  }
}

interface Readable extends ParsedMessage {
  readonly responseUnreadable: boolean
}

/**
 * Before a call runs, nothing but strict reading counts. After it ran, a result with, say, a lone surrogate must still
 * find its call: the lax reader then serves for the members that name it, and the result itself is withheld.
 */
function readMessage(text: string, events: Readonly<Record<string, CanonicalEvent>>): Readable {
  try {
    return { ...parseMessage(text), responseUnreadable: false }
  } catch (strict) {
    const lax = laxObject(text)
    const name = lax?.['hook_event_name']
    const event = typeof name === 'string' && Object.hasOwn(events, name) ? events[name] : undefined
    if (lax === undefined || (event !== 'tool.after' && event !== 'tool.failed')) throw strict
    const { tool_response: _response, error: _error, ...rest } = lax
    return { ...parseMessage(JSON.stringify(rest)), responseUnreadable: true }
  }
}

function laxObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function toolMembers(message: ParsedMessage): {
  tool: string
  toolUseId: string
  mcpServer: string | undefined
  mcpSource: string | undefined
  inputText: string
} {
  const { value, members } = message
  const span = members.get('tool_input')
  if (span === undefined || !isJsonObject(value['tool_input'])) {
    throw new SallyportError('SP_HOOK_PAYLOAD', 'Member "tool_input" is not an object.')
  }
  const server = value['mcp_server']
  const { name, source } = isJsonObject(server) ? server : {}
  return {
    tool: requireText(value, 'tool_name'),
    toolUseId: requireText(value, 'tool_use_id').slice(0, 256),
    mcpServer: typeof name === 'string' ? name : undefined,
    mcpSource: typeof source === 'string' ? source : undefined,
    inputText: message.text.slice(span.start, span.end),
  }
}

function responseMembers(
  message: Readable,
  member: string,
): { response: Json | undefined; responseText: string | undefined; interrupted: boolean } {
  const span = message.members.get(member)
  const readable = !message.responseUnreadable && span !== undefined
  return {
    response: readable ? message.value[member] : undefined,
    responseText: readable ? message.text.slice(span.start, span.end) : undefined,
    interrupted: message.value['is_interrupt'] === true,
  }
}

function requireText(value: JsonObject, member: string, empty = false): string {
  const text = value[member]
  if (typeof text === 'string' && (empty || text !== '')) return text
  throw new SallyportError('SP_HOOK_PAYLOAD', `Member ${quote(member)} is missing or not text.`)
}

function optionalText(value: JsonObject, member: string): string {
  const text = value[member]
  return typeof text === 'string' ? text : ''
}

const quote = (text: string): string => JSON.stringify(text.slice(0, 64))
