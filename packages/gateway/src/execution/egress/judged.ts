import type { IncomingMessage } from 'node:http'
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
import { decodeBody, hasBody, readBody } from './body.ts'
import { factsOf, type RequestLine } from './facts.ts'
import { headersOf } from './lend.ts'

/** What is known of secrets in a text. */
export type FindSecrets = (text: string) => readonly SecretMatch[]

/** A request that rules let through; absent members: no rule looks into its host, and it is streamed. */
export interface Passed {
  readonly ok: true
  readonly rule?: EgressRule
  /** As it is to be sent on, decoded where something was masked in it. */
  readonly body?: Buffer
  /** Something was taken out of the body, which is no longer encoded. */
  readonly isMasked?: true
}
export interface Barred {
  readonly ok: false
  readonly reason: string
  readonly rule?: string
}

/** A decoded body may be so many times as long as the encoded one may be. */
const EXPANSION = 8

/**
 * Judges a request by the rules that look into its host: method, path, query, operations and calls in its body, the credentials that the
 * client brought, and secrets anywhere in it. The body is read whole only when its head has passed.
 */
export async function judged(
  rules: readonly EgressRule[],
  { host, port }: { readonly host: string; readonly port: number },
  line: RequestLine,
  request: IncomingMessage,
  findSecrets: FindSecrets,
): Promise<Passed | Barred> {
  const looking = lookingInto(rules, host, port)
  if (looking.length === 0) return { ok: true }
  if (!needBody(looking)) {
    const early = judgeRequest(looking, await factsOf(line, undefined))
    if (!early.ok) return early
  }
  const most = Math.max(...looking.map(({ requests }) => requests?.bodyBytes ?? 0))
  const raw = hasBody(request) ? await readBody(request, most) : Buffer.alloc(0)
  if (raw === undefined) return { ok: false, reason: 'too_large' }
  const body = await decodeBody(raw, request.headers['content-encoding'], most * EXPANSION)
  if (body === undefined) return { ok: false, reason: 'body_encoding' }
  const facts: RequestFacts = await factsOf(line, body.length === 0 ? undefined : body)
  const verdict = judgeRequest(looking, facts)
  if (!verdict.ok) return verdict
  const { rule } = verdict
  const no = (reason: string): Barred => ({ ok: false, reason, rule: rule.name })
  if (raw.length > (rule.requests?.bodyBytes ?? 0)) return no('too_large')
  if (isForeign(rule, line, request)) return no('credential_foreign')
  return withoutSecrets(rule, line, request, { raw, body }, findSecrets)
}

function isForeign({ requests }: EgressRule, { search }: RequestLine, request: IncomingMessage): boolean {
  if (requests?.credentials === 'client') return false
  // to take it out of the query would change what is asked for
  if (foreignParameter(search) !== undefined) return true
  return requests?.credentials === 'refuse' && Object.keys(request.headers).some(isCredentialHeader)
}

/** Nothing that leaves holds a secret (HB-52, HB-74): in a body it may be masked, elsewhere it could not be without changing what is asked. */
function withoutSecrets(
  rule: EgressRule,
  { path, search }: RequestLine,
  request: IncomingMessage,
  { raw, body }: { readonly raw: Buffer; readonly body: Buffer },
  findSecrets: FindSecrets,
): Passed | Barred {
  const passed: Passed = hasBody(request) ? { ok: true, rule, body: raw } : { ok: true, rule }
  const { secrets } = rule.requests ?? {}
  if (secrets === 'record') return passed
  const refused: Barred = { ok: false, reason: 'secret', rule: rule.name }
  // those are taken out, or the client's own by a rule
  const headers = Object.entries(headersOf(request)).filter(([name]) => !isCredentialHeader(name))
  const head = [path + search, decoded(path + search), ...headers.map(([name, value]) => `${name}: ${String(value)}`)]
  if (head.some((text) => findSecrets(text).length > 0)) return refused
  const text = body.toString('utf8')
  const found = findSecrets(text)
  if (found.length === 0) return passed
  // what is no text would not be the same again
  if (secrets !== 'mask' || !Buffer.from(text).equals(body)) return refused
  return { ok: true, rule, body: Buffer.from(maskedText(text, found)), isMasked: true }
}

function maskedText(text: string, found: readonly SecretMatch[]): string {
  let masked = text
  for (const { start, end } of found) masked = masked.slice(0, start) + '*'.repeat(end - start) + masked.slice(end)
  return masked
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
