import type { ErrorCode } from '../errors/codes.ts'
import { toSallyportError } from '../errors/error.ts'
import {
  DEFAULT_LIMITS,
  decodeUtf8,
  parseJson,
  parseMessage,
  type JsonLimits,
  type ParsedMessage,
} from '../json/parse.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import { envelopeLookalike, paramsLookalike } from './members.ts'

export type RpcId = string | number

export interface RpcRequest {
  readonly kind: 'request'
  readonly id: RpcId
  /** The id exactly as it was sent; the answer repeats it. */
  readonly idText: string
  readonly method: string
  readonly params: JsonObject
  /** Exact text of `params`; `{}` when there are none. */
  readonly paramsText: string
}

export interface RpcNotification {
  readonly kind: 'notification'
  readonly method: string
  readonly params: JsonObject
  readonly paramsText: string
}

export interface RpcResponse {
  readonly kind: 'response'
  readonly id: RpcId
  readonly resultText?: string
  readonly result?: Json
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Json }
}

/** What is none of the above. It still gets an answer: silence makes a caller hang. */
export interface RpcInvalid {
  readonly kind: 'invalid'
  readonly code: ErrorCode
  readonly reason: string
  /** Id lexemes to answer; `null` where none could be read. More than one for a batch. */
  readonly idTexts: readonly string[]
}

export type RpcMessage = RpcRequest | RpcNotification | RpcResponse | RpcInvalid

/** Longest id and method in UTF-16 units (T-077). */
const MAX_ID = 256
const MAX_METHOD = 128
/** Longest batch whose entries are answered one by one; a longer one gets a single error. */
const MAX_BATCH_ANSWERS = 64
const INTEGER = /^-?(?:0|[1-9][0-9]*)$/
const EMPTY: JsonObject = Object.freeze(Object.create(null) as JsonObject)

/** Reads bytes of one message. Never throws. */
export function readMessageBytes(bytes: Uint8Array, limits: JsonLimits = DEFAULT_LIMITS): RpcMessage {
  try {
    return readMessage(decodeUtf8(bytes), limits)
  } catch (thrown) {
    const { code, detail } = toSallyportError(thrown)
    return invalid(code, detail)
  }
}

/** Reads one JSON-RPC 2.0 message strictly (T-074, T-075, T-077). Never throws. */
export function readMessage(text: string, limits: JsonLimits = DEFAULT_LIMITS): RpcMessage {
  if (/^[ \t\r\n]*\[/.test(text)) return batch(text, limits)
  let message: ParsedMessage
  try {
    message = parseMessage(text, limits)
  } catch (thrown) {
    const { code, detail } = toSallyportError(thrown)
    return invalid(code, detail, code === 'SP_JSON_TOO_LARGE' ? 'null' : recoverId(text))
  }
  return classify(message)
}

/** Key of an id in maps: `1` and `"1"` are two ids. */
export const idKey = (id: RpcId): string => (typeof id === 'number' ? `n${id}` : `s${id}`)

function classify(message: ParsedMessage): RpcMessage {
  const { value } = message
  const id = readId(message)
  const idText = id === undefined ? 'null' : lexeme(message, 'id')
  const wrong = (reason: string): RpcInvalid => invalid('SP_MCP_INVALID_REQUEST', reason, idText)
  const spoofed = envelopeLookalike(message.members.keys())
  if (spoofed !== undefined) return wrong(`A key looks like "${spoofed}" and is not.`)
  if (value['jsonrpc'] !== '2.0') return wrong('"jsonrpc" is not "2.0".')
  if (message.members.has('id') && id === undefined) return wrong('The id is not a string or an integer.')
  if (!message.members.has('method')) return response(message, id, wrong)
  if (message.members.has('result') || message.members.has('error'))
    return wrong('It is a request and a response at once.')
  const { method } = value
  if (typeof method !== 'string' || method === '' || method.length > MAX_METHOD)
    return wrong('The method is not a name.')
  const params = value['params'] ?? EMPTY
  if (!isJsonObject(params)) return wrong('"params" is not an object.')
  const spoofedParam = paramsLookalike(Object.keys(params))
  if (spoofedParam !== undefined) return wrong(`A key of "params" looks like "${spoofedParam}" and is not.`)
  const paramsText = value['params'] === undefined || value['params'] === null ? '{}' : lexeme(message, 'params')
  if (id === undefined) return { kind: 'notification', method, params, paramsText }
  return { kind: 'request', id, idText, method, params, paramsText }
}

function response(message: ParsedMessage, id: RpcId | undefined, wrong: (reason: string) => RpcInvalid): RpcMessage {
  const { value } = message
  const { error } = value
  const hasResult = message.members.has('result')
  if (hasResult === (error !== undefined)) return wrong('It has no method, and not exactly one of result and error.')
  if (id === undefined) return wrong('A response without an id.')
  if (hasResult) return { kind: 'response', id, result: value['result'] ?? null, resultText: lexeme(message, 'result') }
  if (!isJsonObject(error) || !Number.isInteger(error['code']) || typeof error['message'] !== 'string') {
    return wrong('The error has no code or no message.')
  }
  const data = error['data']
  const shape = { code: error['code'] as number, message: error['message'] }
  return { kind: 'response', id, error: data === undefined ? shape : { ...shape, data } }
}

/** A string or an integer without fraction and exponent; `1.0` is refused because peers disagree on what it equals. */
function readId(message: ParsedMessage): RpcId | undefined {
  const { id } = message.value
  if (typeof id === 'string') return id.length <= MAX_ID ? id : undefined
  return typeof id === 'number' && INTEGER.test(lexeme(message, 'id')) ? id : undefined
}

function lexeme(message: ParsedMessage, member: string): string {
  const span = message.members.get(member)
  return span === undefined ? 'null' : message.text.slice(span.start, span.end)
}

const invalid = (code: ErrorCode, reason: string, ...idTexts: string[]): RpcInvalid => ({
  kind: 'invalid',
  code,
  reason,
  idTexts: idTexts.length === 0 ? ['null'] : idTexts,
})

/** Batches exist in 2025-03-26 only, where a receiver may not split them by policy: each entry is refused by its id (T-072). */
function batch(text: string, limits: JsonLimits): RpcInvalid {
  const reason = 'Batches are not accepted; send one message at a time.'
  try {
    const entries = parseJson(text, limits) as readonly Json[]
    const ids = entries.flatMap((entry) => {
      if (!isJsonObject(entry) || entry['method'] === undefined) return []
      const { id } = entry
      return typeof id === 'string' || Number.isSafeInteger(id) ? [JSON.stringify(id)] : []
    })
    if (ids.length > MAX_BATCH_ANSWERS) return invalid('SP_MCP_INVALID_REQUEST', reason)
    return invalid('SP_MCP_INVALID_REQUEST', reason, ...new Set(ids))
  } catch (thrown) {
    const { code, detail } = toSallyportError(thrown)
    return invalid(code, detail)
  }
}

/** For the error answer only: the id that a lenient reader would see, so that the caller learns which message was refused. */
function recoverId(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !('id' in value)) return 'null'
    const { id } = value
    const usable = (typeof id === 'string' && id.length <= MAX_ID) || Number.isSafeInteger(id)
    return usable ? JSON.stringify(id) : 'null'
  } catch {
    return 'null'
  }
}
