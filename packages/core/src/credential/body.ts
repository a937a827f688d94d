import { SallyportError } from '../errors/error.ts'
import { decodeUtf8, parseJson } from '../json/parse.ts'
import type { Json } from '../json/types.ts'
import { withoutMembers } from './foreign.ts'
import type { Injectable, RequestHead } from './injection.ts'

/** One kind of body, as `content-type` has it; parameters do not matter. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/
const FORM_TYPE = /^application\/x-www-form-urlencoded$/

/** Media type of a body, in lower case and without parameters; empty when nothing is said, or more than one thing. */
export function mediaType({ headers }: RequestHead): string {
  const said = headers['content-type']
  return typeof said === 'string' ? (said.split(';', 1)[0] ?? '').trim().toLowerCase() : ''
}

/**
 * The value in the place of the placeholder that the pointer leads to; no other byte changes. The text is read strictly: members that are
 * there twice could be read in two ways.
 * @throws SallyportError SP_VAULT_BODY
 */
export function putIntoJson(request: Injectable, pointer: string, value: string): Uint8Array {
  const { head, body, placeholder } = request
  const document = readJson(head, body)
  const text = decodeUtf8(body ?? new Uint8Array())
  const quoted = JSON.stringify(placeholder)
  if (at(document, pointer) !== placeholder || text.split(quoted).length !== 2)
    throw refused(`The member ${pointer} has to be ${quoted}, which stands there and nowhere else.`)
  return Buffer.from(text.replace(quoted, () => JSON.stringify(value)))
}

/** @throws SallyportError SP_VAULT_BODY */
export function putIntoForm({ head, body }: Injectable, name: string, value: string): Uint8Array {
  const text = readForm(head, body)
  const rest = withoutMembers(text, (each) => each === name)
  const own = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  return Buffer.from(`${rest === '' ? '' : `${rest}&`}${own}`, 'latin1')
}

/** @throws SallyportError SP_VAULT_BODY for what is not JSON, or can be read in two ways */
export function readJson(head: RequestHead, body: Uint8Array | undefined): Json {
  requireType(head, JSON_TYPE, 'application/json')
  try {
    return parseJson(decodeUtf8(body ?? new Uint8Array()))
  } catch (cause) {
    const { code } = cause as SallyportError
    throw refused(`It is not JSON that can be read in one way (${code}).`)
  }
}

/** @throws SallyportError SP_VAULT_BODY */
export function readForm(head: RequestHead, body: Uint8Array | undefined): string {
  requireType(head, FORM_TYPE, 'application/x-www-form-urlencoded')
  return Buffer.from(body ?? []).toString('latin1')
}

/** What a JSON pointer (RFC 6901) leads to; undefined when there is nothing. */
function at(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, Json>>)[name]
  }
  return value
}

function requireType(head: RequestHead, type: RegExp, name: string): void {
  if (!type.test(mediaType(head))) throw refused(`It has to be ${name}.`)
  const { 'content-encoding': encoding = 'identity' } = head.headers
  if (encoding !== 'identity') throw refused('It may not be compressed.')
}

/** Methods whose requests have no body unless one is announced (RFC 9110 section 9.3). */
const BODILESS = /^(?:GET|HEAD|DELETE|OPTIONS)$/

/** The head with the length of this body, and nothing else about where it ends. */
export function announced(head: RequestHead, method: string, body: Uint8Array): RequestHead {
  const { 'transfer-encoding': _, 'content-length': length, ...headers } = head.headers
  if (body.length === 0 && length === undefined && BODILESS.test(method)) return { ...head, headers }
  return { ...head, headers: { ...headers, 'content-length': String(body.length) } }
}

const refused = (why: string): SallyportError => new SallyportError('SP_VAULT_BODY', why)
