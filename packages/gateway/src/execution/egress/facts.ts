import { decodeUtf8, isJsonObject, parseJson, type Json, type McpMessage, type RequestFacts } from '@sallyport/core'
import { graphqlOperations } from './graphql.ts'

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
  const head = { method, path, search, type: contentType?.split(';', 1)[0]?.trim().toLowerCase() }
  if (body === undefined && method !== 'GET') return head
  const text = body === undefined ? '' : textOf(body)
  const json = text === undefined || text === '' ? undefined : jsonOf(text)
  const graphql = await graphqlOperations({ ...head, text, json })
  const mcp = json === undefined ? undefined : mcpMessages(json)
  return { ...head, ...(graphql === undefined ? {} : { graphql }), ...(mcp === undefined ? {} : { mcp }) }
}

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
  if (!isJsonObject(json) || json['jsonrpc'] !== '2.0') return undefined
  const { method, params } = json
  if (method === undefined) return 'result' in json || 'error' in json ? { method: '' } : undefined
  if (typeof method !== 'string' || method === '') return undefined
  const tool = isJsonObject(params ?? null) ? (params as { readonly name?: Json }).name : undefined
  return typeof tool === 'string' ? { method, tool } : { method }
}
