import {
  foreignParameter,
  isCredentialHeader,
  judgeRequest,
  lookingInto,
  needBody,
  type EgressRule,
  type RequestFacts,
  type SecretMatch,
} from '@sallyport/core'
import { decodeBody, type Message, type Unread } from './body.ts'
import { factsOf, type RequestLine } from './facts.ts'
import { headersOf } from './lend.ts'

/** What is known of secrets in a text. */
export type FindSecrets = (text: string) => readonly SecretMatch[]

/** A request that rules let through; absent members: no rule looks into its host, and it is streamed. */
export interface Passed {
  readonly ok: true
  readonly rule?: EgressRule
  /** As it was judged and is to be sent on: not encoded, for what another decoder makes of it is not known. */
  readonly body?: Buffer
  /** How many secrets were found, and sent or masked, by the word of the rule; absent: none. */
  readonly secrets?: number
}
export interface Barred {
  readonly ok: false
  readonly reason: string
  readonly rule?: string
}

/** For the record of it. */
export const foundIn = ({ secrets }: { readonly secrets?: number | undefined }): { readonly secrets?: number } =>
  secrets === undefined ? {} : { secrets }

const UNREAD: Readonly<Record<Unread, string>> = {
  long: 'too_large',
  crowded: 'too_many',
  unfinished: 'body_unfinished',
}

/**
 * Judges a request by the rules that look into its host: method, path, query, operations and calls in its body, the credentials that the
 * client brought, and secrets anywhere in it. The body is read whole only when its head has passed.
 */
export async function judged(
  rules: () => readonly EgressRule[],
  { host, port }: { readonly host: string; readonly port: number },
  line: RequestLine,
  message: Message,
  findSecrets: FindSecrets,
): Promise<Passed | Barred> {
  const before = lookingInto(rules(), host, port)
  if (before.length === 0) return { ok: true }
  if (!needBody(before)) {
    const early = judgeRequest(before, await factsOf(line, undefined))
    if (!early.ok) return early
  }
  const most = Math.max(...before.map(({ requests }) => requests?.bodyBytes ?? 0))
  const raw = message.hasBody ? await message.read(most) : Buffer.alloc(0)
  if (typeof raw === 'string') return { ok: false, reason: UNREAD[raw] }
  const body = await decodeBody(raw, message.headers['content-encoding'], most)
  if (body === undefined) return { ok: false, reason: 'body_encoding' }
  const facts: RequestFacts = await factsOf(line, body.length === 0 ? undefined : body)
  // a client may take its time with a body: what counts are the rules when it is here
  const looking = lookingInto(rules(), host, port)
  if (looking.length === 0) return { ok: false, reason: 'not_allowlisted' }
  const verdict = judgeRequest(looking, facts)
  if (!verdict.ok) return verdict
  const { rule } = verdict
  const no = (reason: string): Barred => ({ ok: false, reason, rule: rule.name })
  if (Math.max(raw.length, body.length) > (rule.requests?.bodyBytes ?? 0)) return no('too_large')
  if (isForeign(rule, line, message)) return no('credential_foreign')
  return withoutSecrets(rule, line, message, body, findSecrets)
}

function isForeign({ requests }: EgressRule, { search }: RequestLine, message: Message): boolean {
  if (requests?.credentials === 'client') return false
  // to take it out of the query would change what is asked for
  if (foreignParameter(search) !== undefined) return true
  return requests?.credentials === 'refuse' && Object.keys(message.headers).some(isCredentialHeader)
}

/** Nothing that leaves holds a secret (HB-52, HB-74): in a body it may be masked, elsewhere it could not be without changing what is asked. */
function withoutSecrets(
  rule: EgressRule,
  { path, search }: RequestLine,
  message: Message,
  body: Buffer,
  findSecrets: FindSecrets,
): Passed | Barred {
  const passed: Passed = message.hasBody ? { ok: true, rule, body } : { ok: true, rule }
  const { secrets } = rule.requests ?? {}
  const refused: Barred = { ok: false, reason: 'secret', rule: rule.name }
  // those are taken out, or the client's own by a rule
  const headers = Object.entries(headersOf(message)).filter(([name]) => !isCredentialHeader(name))
  const head = [
    ...new Set([path + search, decoded(path + search)]),
    ...headers.map(([name, value]) => `${name}: ${String(value)}`),
  ]
  const inHead = head.filter((text) => findSecrets(text).length > 0).length
  if (inHead > 0 && secrets !== 'record') return refused
  const text = body.toString('utf8')
  const found = findSecrets(text)
  if (found.length + inHead === 0) return passed
  if (secrets === 'record') return { ...passed, secrets: found.length + inHead }
  // what is no text would not be the same again
  if (secrets !== 'mask' || !Buffer.from(text).equals(body)) return refused
  return { ok: true, rule, body: Buffer.from(maskedText(text, found)), secrets: found.length }
}

function maskedText(text: string, found: readonly SecretMatch[]): string {
  const parts: string[] = []
  let from = 0
  for (const { start, end } of found) {
    parts.push(text.slice(from, start), '*'.repeat(end - start))
    from = end
  }
  return parts.join('') + text.slice(from)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
