import { SallyportError } from '../errors/error.ts'
import { parseMessage } from '../json/parse.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import { OUR_META } from './answers.ts'
import { pseudoMethod, pseudoTool } from './methods.ts'
import { memberSpans, memberText, withMember, withoutMembers } from './spans.ts'

/** One request taken apart for the boundary: what policy sees (`tool`, `argsText`) and what travels around it (`meta`). */
export interface SplitCall {
  readonly tool: string
  readonly argsText: string
  /**
   * Everything of `params` that is neither the tool's name nor its arguments, as exact text; empty for the plain form. It is
   * part of the call's digest: what was decided on is what is forwarded.
   */
  readonly meta: JsonObject
  /** The client's progress token; it stays on its hop (T-067). */
  readonly progressToken?: string | number
}

const PLAIN_BEFORE = (name: string): string => `{"name":${JSON.stringify(name)},"arguments":`
const PLAIN_AFTER = '}'

/**
 * Splits `params` of a decided method. `paramsText` must come from a message that `readMessage` accepted.
 * @param name the tool's name on its own server, where the client knows it under another one
 * @throws SallyportError SP_MCP_INVALID_REQUEST when a member has the wrong type.
 */
export function splitCall(method: string, paramsText: string, allowMeta: MetaFilter, name?: string): SplitCall {
  const members = memberSpans(paramsText)
  const metaSpan = members.get('_meta')
  let text = paramsText
  let progressToken: SplitCall['progressToken']
  if (metaSpan !== undefined) {
    const metaText = paramsText.slice(metaSpan.start, metaSpan.end)
    const token = memberText(metaText, 'progressToken')
    const value: unknown = token === undefined ? undefined : JSON.parse(token)
    if (typeof value === 'string' || typeof value === 'number') progressToken = value
    const kept = filterMeta(metaText, allowMeta)
    text = kept === '{}' ? withoutMembers(text, (key) => key === '_meta') : withMember(text, '_meta', kept)
  }
  const token = progressToken === undefined ? {} : { progressToken }
  if (method !== 'tools/call') {
    const kept = memberText(text, '_meta')
    const argsText = withoutMembers(text, (key) => key === '_meta')
    return { tool: pseudoTool(method), argsText, meta: kept === undefined ? {} : { _meta: kept }, ...token }
  }
  return { ...splitToolCall(text, name), ...token }
}

function splitToolCall(paramsText: string, name: string | undefined): Omit<SplitCall, 'progressToken'> {
  const text = name === undefined ? paramsText : withMember(paramsText, 'name', JSON.stringify(name))
  const nameText = memberText(text, 'name') ?? 'null'
  const tool: unknown = JSON.parse(nameText)
  if (typeof tool !== 'string') throw new SallyportError('SP_MCP_INVALID_REQUEST', 'params.name is not a string.')
  const span = memberSpans(text).get('arguments')
  if (span === undefined) return { tool, argsText: '{}', meta: { before: text } }
  const argsText = text.slice(span.start, span.end)
  if (!argsText.startsWith('{'))
    throw new SallyportError('SP_MCP_INVALID_REQUEST', 'params.arguments is not an object.')
  const before = text.slice(0, span.start)
  const after = text.slice(span.end)
  const plain = before === PLAIN_BEFORE(tool) && after === PLAIN_AFTER
  return { tool, argsText, meta: plain ? {} : { before, after } }
}

/**
 * Puts a released call together again: method and exact `params` text for the server. Checks that the text says the very
 * tool and arguments that were released.
 * @throws SallyportError SP_CAP_MISMATCH when it does not.
 */
export function joinCall(tool: string, argsText: string, meta: JsonObject): { method: string; paramsText: string } {
  const method = pseudoMethod(tool)
  if (method !== undefined) {
    const kept = meta['_meta']
    if (typeof kept !== 'string') return { method, paramsText: argsText }
    const paramsText = withMember(argsText, '_meta', requireObject(kept))
    if (withoutMembers(reread(paramsText), (key) => key === '_meta') !== argsText) throw mismatch()
    return { method, paramsText }
  }
  const { before, after } = meta
  if (typeof before !== 'string') {
    return { method: 'tools/call', paramsText: `${PLAIN_BEFORE(tool)}${argsText}${PLAIN_AFTER}` }
  }
  const paramsText = typeof after === 'string' ? `${before}${argsText}${after}` : before
  const message = parseMessage(reread(paramsText))
  const span = message.members.get('arguments')
  const said = span === undefined ? undefined : paramsText.slice(span.start, span.end)
  const same = message.value['name'] === tool && (typeof after === 'string' ? said === argsText : said === undefined)
  if (!same || (said === undefined && argsText !== '{}')) {
    throw mismatch()
  }
  return { method: 'tools/call', paramsText }
}

const mismatch = (): SallyportError =>
  new SallyportError('SP_CAP_MISMATCH', 'The text to forward is not the call that was released.')

/** Whatever is put together from parts is read again, strictly, before it goes out: one object, no key twice (T-074). */
function reread(text: string): string {
  try {
    parseMessage(text)
    return text
  } catch {
    throw mismatch()
  }
}

const requireObject = (text: string): string => reread(text)

/** Keys of `_meta` that may pass besides the protocol's own; `*` for all but ours (T-069). */
export type MetaFilter = readonly string[]

const PROTOCOL_PREFIX = 'io.modelcontextprotocol/'
/** Members of the 2026 envelope: each hop writes its own. */
const HOP_KEYS: ReadonlySet<string> = new Set([
  'progressToken',
  `${PROTOCOL_PREFIX}protocolVersion`,
  `${PROTOCOL_PREFIX}clientInfo`,
  `${PROTOCOL_PREFIX}clientCapabilities`,
  `${PROTOCOL_PREFIX}logLevel`,
  `${PROTOCOL_PREFIX}serverInfo`,
  `${PROTOCOL_PREFIX}subscriptionId`,
])

/** Drops from a request's `_meta` text what belongs to a hop, our own namespace, and what the server is not to be told. */
function filterMeta(metaText: string, allow: MetaFilter): string {
  const all = allow.includes('*')
  return withoutMembers(metaText, (key) => HOP_KEYS.has(key) || isOurs(key) || !(all || allow.includes(key)))
}

/** Removes our own namespace from the `_meta` of a result or of a notification's params (T-069). */
export function stripOurMeta(objectText: string): string {
  if (!objectText.includes('sallyport')) return objectText
  const metaText = memberText(objectText, '_meta')
  if (metaText === undefined || !metaText.startsWith('{')) return objectText
  const kept = withoutMembers(metaText, isOurs)
  return kept === metaText ? objectText : withMember(objectText, '_meta', kept)
}

const isOurs = (key: string): boolean => key.toLowerCase().startsWith(OUR_META)

/** Sets members of `params._meta` and leaves every other byte as it is. Values are JSON lexemes. */
export function withMeta(paramsText: string, members: Readonly<Record<string, string>>): string {
  let metaText = memberText(paramsText, '_meta') ?? '{}'
  for (const [key, lexeme] of Object.entries(members)) metaText = withMember(metaText, key, lexeme)
  return withMember(paramsText, '_meta', metaText)
}

/** `params._meta` of a request, or an empty object. */
export function metaOf(params: JsonObject): JsonObject {
  const meta: Json | undefined = params['_meta']
  return isJsonObject(meta) ? meta : {}
}
