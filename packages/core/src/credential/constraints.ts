import type { Json } from '../json/types.ts'
import { mediaType, readForm, readJson } from './body.ts'
import { membersOf } from './foreign.ts'
import type { RequestHead } from './injection.ts'

/** What a request with a credential may say, beyond where it goes (HB-93). */
export interface Constraints {
  /** Bytes; absent: no limit but that of bodies which have to be there as a whole. */
  readonly maxBodyBytes?: number | undefined
  readonly noAttachmentUpload: boolean
  /** Media types of bodies; absent: any. */
  readonly contentTypes?: readonly string[] | undefined
  /** Names of members that the query may have; absent: any. */
  readonly query?: readonly string[] | undefined
  /** Who may be written to. */
  readonly recipients?: Recipients | undefined
}

interface Recipients {
  /**
   * JSON pointers, where `*` is each element of a list; in a form the names without their slash. What stands there has to be an address
   * that is allowed, and so has each address anywhere else.
   */
  readonly at: readonly string[]
  /** `ana@example.com`, `*@example.com`. */
  readonly allow: readonly string[]
}

/** Whether a body has to be there as a whole before it can be judged. */
export const readsWhole = ({ maxBodyBytes, noAttachmentUpload, contentTypes, recipients }: Constraints): boolean =>
  noAttachmentUpload || [maxBodyBytes, contentTypes, recipients].some((each) => each !== undefined)

/** A constraint that a request does not keep: what is allowed, and what it has instead. */
export interface Broken {
  readonly member: keyof Constraints
  readonly reason: string
}

/** The first constraint of a query that is not kept. */
export function judgeQuery({ query }: Constraints, search: string): Broken | undefined {
  const foreign = membersOf(search.replace(/^\?/, '')).find(([name]) => query?.includes(name) === false)
  if (foreign === undefined) return undefined
  return { member: 'query', reason: `The query may have ${query?.join(', ') ?? ''}, not ${foreign[0].slice(0, 64)}.` }
}

/**
 * The first constraint that a body does not keep.
 * @throws SallyportError SP_VAULT_BODY for a body that cannot be read in one way
 */
export function judgeBody(constraints: Constraints, head: RequestHead, body: Uint8Array): Broken | undefined {
  const { contentTypes, noAttachmentUpload, recipients } = constraints
  if (body.length === 0 && recipients === undefined) return undefined
  const type = mediaType(head)
  if (contentTypes?.includes(type) === false)
    return { member: 'contentTypes', reason: `A body may be ${contentTypes.join(', ')}, not ${shown(type)}.` }
  if (noAttachmentUpload) {
    const found = attachmentIn(type, head, body)
    if (found !== undefined)
      return { member: 'noAttachmentUpload', reason: `Nothing may be attached, and it has ${found}.` }
  }
  return recipients === undefined ? undefined : judgeRecipients(recipients, documentOf(type, head, body))
}

/** Names under which the interfaces of mail, chat and files take what is attached; `raw` is a whole message. */
const ATTACHMENT =
  /^(?:attach(?:ed|ments?)?|files?|upload|media|blob|raw|mime|inline_?(?:images?|attachments?))(?:_?(?:urls?|data|content))?$/i

function attachmentIn(type: string, head: RequestHead, body: Uint8Array): string | undefined {
  if (type.startsWith('multipart/') || 'content-disposition' in head.headers) return 'a file'
  const names = namesIn(documentOf(type, head, body))
  const found = names.flatMap((name) => name.split(/[[\].]+/)).find((name) => ATTACHMENT.test(name))
  return found?.slice(0, 64)
}

/** A form is an object whose members are lists. */
function documentOf(type: string, head: RequestHead, body: Uint8Array): Json {
  if (type !== 'application/x-www-form-urlencoded') return readJson(head, body)
  const members = new Map<string, string[]>()
  for (const [name, value] of membersOf(readForm(head, body))) members.set(name, [...(members.get(name) ?? []), value])
  return Object.fromEntries(members)
}

function namesIn(value: Json): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Array.isArray(value) ? [] : Object.keys(value)
  return [...own, ...Object.values(value as Readonly<Record<string, Json>>).flatMap(namesIn)]
}

function judgeRecipients({ at, allow }: Recipients, document: Json): Broken | undefined {
  const said = at.flatMap((pointer) => found(document, pointer.split('/').slice(1)))
  const others = textsIn(document)
    .flatMap((text) => text.split(/[,;]/).map((part) => /<([^<>]*)>\s*$/.exec(part)?.[1] ?? part.trim()))
    .filter((each) => ADDRESS.test(each))
  const refused = [...said, ...others].find((each) => !allow.some((pattern) => isOf(pattern, each)))
  const reason = (what: string): Broken => ({
    member: 'recipients',
    reason: `It may go to ${allow.join(', ')}, not to ${what}.`,
  })
  if (said.length === 0) return reason(`nobody (${at.join(', ')})`)
  return refused === undefined ? undefined : reason(shown(refused))
}

/** Addresses at a place; whatever stands there instead of a text is none that could be allowed. */
function found(value: Json | undefined, path: readonly string[]): readonly string[] {
  const [token, ...rest] = path
  if (value === undefined) return []
  if (token === undefined) {
    if (Array.isArray(value)) return value.flatMap((each: Json) => found(each, []))
    return typeof value === 'string' ? value.split(/[,;]/).map((each) => each.trim()) : [JSON.stringify(value)]
  }
  if (typeof value !== 'object' || value === null) return []
  if (token === '*') return Object.values(value as Readonly<Record<string, Json>>).flatMap((each) => found(each, rest))
  return Object.hasOwn(value, token) ? found((value as Readonly<Record<string, Json>>)[token], rest) : []
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value as Readonly<Record<string, Json>>).flatMap(textsIn)
}

const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9.-]+$/i

function isOf(pattern: string, address: string): boolean {
  if (!ADDRESS.test(address)) return false
  const [wanted, given] = [pattern.toLowerCase(), address.toLowerCase()]
  return wanted.startsWith('*@') ? given.slice(given.lastIndexOf('@')) === wanted.slice(1) : wanted === given
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 80))
