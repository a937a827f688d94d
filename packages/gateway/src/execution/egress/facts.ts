import {
  decodeUtf8,
  isJsonObject,
  parseJson,
  type Json,
  type JsonObject,
  type McpMessage,
  type RequestFacts,
} from '@sallyport/core'
import { graphqlOperations } from './graphql.ts'
import { overridesOf } from './overrides.ts'

/** A request before anything is known of its body. */
export interface RequestLine {
  readonly method: string
  readonly path: string
  readonly search: string
  /** As the client sent it. */
  readonly contentType: string | undefined
}

/** @param body decoded; undefined: it was not read, or there is none */
export async function factsOf(line: RequestLine, body: Buffer | undefined): Promise<RequestFacts> {
  const { method, path, search, contentType } = line
  const [, ...parameters] = contentType?.split(';') ?? []
  // a body without a type is of none that a rule could name
  const type = contentType === undefined && body === undefined ? undefined : typeOf(contentType)
  const overrides = overridesOf(search, type, body)
  const head = { method, path, search, type, ...(overrides.length === 0 ? {} : { overrides }) }
  if (body === undefined && method !== 'GET') return head
  const text = body === undefined ? '' : isUtf8(parameters) ? textOf(body) : undefined
  // the same bytes may be a form, and say something else there
  const json = text === undefined || type === undefined || !JSON_TYPE.test(type) ? undefined : jsonOf(text)
  const graphql = await graphqlOperations({ ...head, text, json })
  const mcp = json === undefined ? undefined : mcpMessages(json)
  return { ...head, ...(graphql === undefined ? {} : { graphql }), ...(mcp === undefined ? {} : { mcp }) }
}

/** Empty for what is no media type (RFC 9110 section 8.3.1): servers differ on what they take it for. */
function typeOf(contentType = ''): string {
  const essence = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(essence) ? essence : ''
}

const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json$/

/** In another encoding the same bytes are another text: UTF-7 hides quotation marks. */
const isUtf8 = (parameters: readonly string[]): boolean =>
  !/charset/i.test(parameters.join(';')) || /^\s*charset\s*=\s*("?)utf-?8\1\s*$/i.test(parameters.join(';'))

function textOf(body: Buffer): string | undefined {
  try {
    return decodeUtf8(body)
  } catch {
    return undefined
  }
}

/** Members that are there twice, and all else on which two readers could disagree, make it unreadable. */
function jsonOf(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** Messages of a Model Context Protocol client (JSON-RPC 2.0); undefined when one of them is none. */
function mcpMessages(json: Json): readonly McpMessage[] | undefined {
  const messages = (Array.isArray(json) ? json : [json]).map(mcpMessage)
  return messages.every((message) => message !== undefined) ? messages : undefined
}

function mcpMessage(json: Json): McpMessage | undefined {
  if (!isJsonObject(json) || json['jsonrpc'] !== '2.0' || hasLookalike(json, ENVELOPE)) return undefined
  const { method, params = null } = json
  if (method === undefined) return 'result' in json || 'error' in json ? { method: '' } : undefined
  if (typeof method !== 'string' || method === '') return undefined
  if (!isJsonObject(params)) return { method }
  if (hasLookalike(params, ['name'])) return undefined
  const { name } = params
  return typeof name === 'string' ? { method, tool: name } : { method }
}

const ENVELOPE = ['jsonrpc', 'id', 'method', 'params', 'result', 'error']

/** Some readers take `Method` for `method`, as Go's does, and then the last one counts. */
const hasLookalike = (json: JsonObject, names: readonly string[]): boolean =>
  Object.keys(json).some((key) => !names.includes(key) && names.includes(key.toUpperCase().toLowerCase()))
