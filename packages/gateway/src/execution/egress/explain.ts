import {
  decideEgress,
  insideOf,
  judgeRequest,
  lookingInto,
  readUrl,
  type EgressRule,
  type JsonObject,
  type RequestShape,
} from '@sallyport/core'
import { merged, type EgressBook } from './book.ts'
import { factsOf } from './facts.ts'

/** A rule as people read it. */
export function ruleView(source: string, { name, agents, hosts, requests }: EgressRule): JsonObject {
  return {
    name,
    source,
    agents: agents === undefined ? ['*'] : [...agents],
    hosts: hosts.map(({ text }) => text),
    requests: requests === undefined ? ['any, in a tunnel'] : requests.allow.map(shapeText),
    denied: requests === undefined ? [] : requests.deny.map(shapeText),
    ...(requests === undefined ? {} : { credentials: requests.credentials, secrets: requests.secrets }),
  }
}

function shapeText({ methods, paths, query, types, graphql, mcp }: RequestShape): string {
  const parts = [
    methods?.join('|') ?? 'any method',
    paths?.join(' ') ?? '',
    query === undefined ? '' : `?${Object.keys(query).join('&')}`,
    types?.join('|') ?? '',
    graphql === undefined ? '' : `GraphQL ${graphql.operations.join('|')} ${graphql.fields?.join('|') ?? ''}`,
    mcp === undefined ? '' : `MCP ${mcp.methods.join('|')} ${mcp.tools?.join('|') ?? ''}`,
  ]
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ')
}

/**
 * What the way out would make of a request of somebody, by the operator's rules alone: lists of a profile come on top. A body is not known
 * here, so that what its content decides is refused. Nothing is resolved or connected to.
 */
export async function tested(
  { url: text, method, holder }: { readonly url: string; readonly method: string; readonly holder: string },
  book: EgressBook,
  unknown: 'ask' | 'refuse',
): Promise<JsonObject> {
  const read = readUrl(text)
  const said = { url: text, method, holder }
  if (read.kind !== 'url') return { ...said, verdict: 'refused', reason: 'malformed' }
  const { host, port, href } = read.url
  const held = book.of(holder)
  const looking = lookingInto(held.looking, host, port)
  const allowed = looking.flatMap(({ hosts }) => hosts)
  const place = decideEgress({ host, port }, merged({ allowed, blocked: [] }, held))
  if (place.kind === 'refused') {
    const inside = place.reason === 'not_allowlisted' ? insideOf({ host, port }) : undefined
    const reason = inside ?? place.reason
    const verdict = reason === 'not_allowlisted' && unknown === 'ask' ? 'asked' : 'refused'
    return { ...said, verdict, reason, ...(place.rule === undefined ? {} : { rule: place.rule }) }
  }
  if (looking.length === 0) return { ...said, verdict: 'allowed', rule: place.rule, inspected: false }
  const { pathname: path, search } = new URL(href)
  const judged = judgeRequest(looking, await factsOf({ method, path, search, contentType: undefined }, undefined))
  return judged.ok
    ? { ...said, verdict: 'allowed', rule: judged.rule.name, inspected: true }
    : { ...said, verdict: 'refused', reason: judged.reason, rule: judged.rule, inspected: true }
}
