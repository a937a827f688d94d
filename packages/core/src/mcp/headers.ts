import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import { HEADER_MISMATCH } from './envelope.ts'
import { methodRule } from './methods.ts'
import type { Verdict } from './verdict.ts'

/**
 * Headers that repeat the body in 2026-07-28 (T-076): `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name` and the
 * `Mcp-Param-*` that a tool's schema asks for with `x-mcp-header`.
 */

/** Looks a header up by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined

const PREFIX = '=?base64?'
const SUFFIX = '?='
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const VISIBLE_ASCII = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
const DECIMAL = /^-?\d+(\.\d+)?$/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const MAX_DEPTH = 16

/** A header value for any string: as it is when that is safe, else in the base64 form. */
export function encodeHeaderValue(value: string): string {
  const plain = VISIBLE_ASCII.test(value) && !value.startsWith(PREFIX)
  return plain ? value : `${PREFIX}${Buffer.from(value).toString('base64')}${SUFFIX}`
}

/** The string a header value stands for, or undefined when its base64 form is malformed. */
export function decodeHeaderValue(raw: string): string | undefined {
  const value = raw.replace(/^[ \t]+|[ \t]+$/g, '')
  if (!(value.startsWith(PREFIX) && value.endsWith(SUFFIX))) return value
  const payload = value.slice(PREFIX.length, -SUFFIX.length)
  if (!BASE64.test(payload)) return undefined
  const bytes = Buffer.from(payload, 'base64')
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : undefined
}

/** Headers that the client has to send with a request. */
export function headersFor(
  version: string,
  method: string,
  params: JsonObject,
  inputSchema?: JsonObject,
): Record<string, string> {
  const headers: Record<string, string> = { 'mcp-protocol-version': version, 'mcp-method': method }
  const named = methodRule('client', method)?.named
  const name = named === undefined ? undefined : params[named]
  if (typeof name === 'string') headers['mcp-name'] = encodeHeaderValue(name)
  for (const { header, path } of inputSchema === undefined ? [] : paramHeaders(inputSchema)) {
    const text = primitive(at(params['arguments'], path))
    if (text !== undefined) headers[`mcp-param-${header}`] = encodeHeaderValue(text)
  }
  return headers
}

/** Compares the headers of a request with its body; missing and different ones are refused with −32020. */
export function checkHeaders(header: HeaderLookup, version: string, method: string, params: JsonObject): Verdict<null> {
  const said = header('mcp-protocol-version')?.trim()
  if (said !== version) return mismatch('MCP-Protocol-Version', said, version)
  const saidMethod = header('mcp-method')?.trim()
  if (saidMethod !== method) return mismatch('Mcp-Method', saidMethod, method)
  const named = methodRule('client', method)?.named
  const name = named === undefined ? undefined : params[named]
  if (typeof name !== 'string') return { ok: true, value: null }
  const saidName = header('mcp-name')
  const decoded = saidName === undefined ? undefined : decodeHeaderValue(saidName)
  return decoded === name ? { ok: true, value: null } : mismatch('Mcp-Name', saidName, name)
}

/** Compares `Mcp-Param-*` with the arguments, for a tool whose schema declares them. */
export function checkParamHeaders(header: HeaderLookup, inputSchema: JsonObject, params: JsonObject): Verdict<null> {
  for (const { header: name, path, numeric } of paramHeaders(inputSchema)) {
    const value = at(params['arguments'], path)
    const text = primitive(value)
    if (text === undefined) continue
    const said = header(`mcp-param-${name}`)
    const decoded = said === undefined ? undefined : decodeHeaderValue(said)
    const equal =
      decoded !== undefined && numeric && typeof value === 'number' && DECIMAL.test(decoded)
        ? Number(decoded) === value
        : decoded === text
    if (!equal) return mismatch(`Mcp-Param-${name}`, said, text)
  }
  return { ok: true, value: null }
}

interface ParamHeader {
  readonly header: string
  readonly path: readonly string[]
  readonly numeric: boolean
}

/** `x-mcp-header` declarations that are valid: primitive type, reached through `properties` alone, no name twice. */
function paramHeaders(schema: JsonObject): readonly ParamHeader[] {
  const found: ParamHeader[] = []
  const seen = new Set<string>()
  walk(schema, [], 0)
  return found

  function walk(node: JsonObject, path: readonly string[], depth: number): void {
    const properties = node['properties']
    if (!isJsonObject(properties) || depth > MAX_DEPTH) return
    for (const [key, child] of Object.entries(properties)) {
      if (!isJsonObject(child)) continue
      const name = child['x-mcp-header']
      const { type } = child
      const fits = type === 'string' || type === 'integer' || type === 'boolean' || type === 'number'
      if (typeof name === 'string' && TOKEN.test(name) && fits && !seen.has(name.toLowerCase())) {
        seen.add(name.toLowerCase())
        const numeric = type === 'integer' || type === 'number'
        found.push({ header: name.toLowerCase(), path: [...path, key], numeric })
      }
      walk(child, [...path, key], depth + 1)
    }
  }
}

function at(root: Json | undefined, path: readonly string[]): Json | undefined {
  let node = root
  for (const key of path) node = isJsonObject(node) ? node[key] : undefined
  return node
}

function primitive(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function mismatch(name: string, header: string | undefined, body: string): Verdict<null> {
  const message = `Header mismatch: ${name} does not repeat what the body says.`
  return { ok: false, code: HEADER_MISMATCH, message, data: { mismatch: { name, header: header ?? null, body } } }
}
