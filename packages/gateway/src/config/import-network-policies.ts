import { isJsonObject, parseHostRule, type EgressRuleText, type Json, type JsonObject } from '@sallyport/core'

type Shape = NonNullable<EgressRuleText['allow']>[number]

/** What could be taken over, and what people should know of the rest. */
export interface Imported {
  readonly rules: Readonly<Record<string, EgressRuleText>>
  readonly notes: readonly string[]
}

const READ = ['GET', 'HEAD', 'OPTIONS']
const ACCESS: Readonly<Record<string, { readonly rest: Shape; readonly graphql: Shape }>> = {
  'read-only': { rest: { methods: READ }, graphql: { graphql: { operations: ['query'] } } },
  'read-write': {
    rest: { methods: [...READ, 'POST', 'PUT', 'PATCH'] },
    graphql: { graphql: { operations: ['query', 'mutation'] } },
  },
  full: { rest: { paths: ['/**'] }, graphql: { graphql: { operations: ['query', 'mutation', 'subscription'] } } },
}

/**
 * Takes over `network_policies` of OpenShell and NemoClaw (docs.nvidia.com/openshell, policy schema reference, read on 2026-11-28). What
 * cannot be said here is left out and noted, never widened: an endpoint with a rule that is not understood is not taken over at all.
 */
export function importNetworkPolicies(document: JsonObject): Imported {
  const rules: Record<string, EgressRuleText> = {}
  const notes: string[] = []
  const policies = document['network_policies']
  for (const [key, policy] of Object.entries(isJsonObject(policies ?? null) ? (policies as JsonObject) : {})) {
    const { endpoints, binaries } = isJsonObject(policy) ? policy : {}
    if (binaries !== undefined) notes.push(`${key}: it names programs; here it holds for every program of the sandbox.`)
    const list = Array.isArray(endpoints) ? endpoints : []
    list.forEach((endpoint, index) => {
      const name = nameOf(list.length === 1 ? key : `${key}-${index + 1}`)
      try {
        rules[name] = ruleOf(isJsonObject(endpoint) ? endpoint : {}, (note) => notes.push(`${name}: ${note}`))
      } catch (thrown) {
        notes.push(`${name}: not taken over: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      }
    })
  }
  return { rules, notes }
}

const nameOf = (key: string): string =>
  key
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)

function ruleOf(endpoint: JsonObject, note: (text: string) => void): EgressRuleText {
  const hosts = hostsOf(endpoint)
  if (endpoint['allowed_ips'] !== undefined)
    note('allowed_ips is left out; addresses inside need an entry under egress.exceptions.')
  const protocol = textOf(endpoint, 'protocol')
  if (protocol === '' || protocol === 'tcp' || endpoint['tls'] === 'skip') return { hosts }
  if (textOf(endpoint, 'enforcement') !== 'enforce') note('it only audits there; here it is enforced.')
  const access = ACCESS[textOf(endpoint, 'access')]
  const read = READERS[protocol]
  if (read === undefined) throw new Error(`the protocol ${protocol} is not looked into here.`)
  const given = listOf(endpoint, 'rules').map((rule) =>
    read(isJsonObject(rule['allow'] ?? null) ? (rule['allow'] as JsonObject) : {}),
  )
  const deny = listOf(endpoint, 'deny_rules').map((rule) => read(rule))
  const allow = access === undefined ? given : [protocol === 'graphql' ? access.graphql : access.rest]
  if (allow.length === 0) throw new Error('it allows nothing.')
  return { hosts, allow, ...(deny.length === 0 ? {} : { deny }) }
}

function hostsOf(endpoint: JsonObject): readonly string[] {
  const host = textOf(endpoint, 'host')
  const ports = Array.isArray(endpoint['ports']) ? endpoint['ports'] : [endpoint['port'] ?? 443]
  const hosts = ports.map((port) => `${host.includes(':') ? `[${host}]` : host}:${String(port)}`)
  for (const each of hosts) parseHostRule(each)
  return hosts
}

/** Reads matchers of one rule; throws for one that has no counterpart. */
const READERS: Readonly<Record<string, (rule: JsonObject) => Shape>> = {
  rest: restShape,
  websocket: restShape,
  graphql: (rule) => {
    only(rule, ['operation_type', 'fields'])
    const operations = [textOf(rule, 'operation_type') as 'query']
    return { graphql: { operations, ...fieldsOf(rule, 'fields', 'fields') } }
  },
  mcp: (rule) => {
    only(rule, ['method', 'tool'])
    return { mcp: { methods: [textOf(rule, 'method') || '*'], ...fieldsOf(rule, 'tool', 'tools') } }
  },
  'json-rpc': (rule) => {
    only(rule, ['method'])
    return { mcp: { methods: [textOf(rule, 'method')] } }
  },
}

function restShape(rule: JsonObject): Shape {
  only(rule, ['method', 'path', 'query'])
  const [method, path] = [textOf(rule, 'method'), textOf(rule, 'path')]
  if (method === 'WEBSOCKET_TEXT') throw new Error('messages of a WebSocket are not looked into here.')
  if (path.split('/').some((part) => part.includes('*') && part !== '*' && part !== '**'))
    throw new Error(`the path ${path} has a * within a segment.`)
  const query = isJsonObject(rule['query'] ?? null)
    ? Object.fromEntries(Object.entries(rule['query'] as JsonObject).map(([name, value]) => [name, patterns(value)]))
    : undefined
  return {
    ...(method === '' || method === '*' ? {} : { methods: [method] }),
    paths: [path === '' ? '/**' : path],
    ...(query === undefined ? {} : { query }),
  }
}

/** A member that is not known may be what narrows a rule. */
function only(rule: JsonObject, members: readonly string[]): void {
  const other = Object.keys(rule).find((member) => !members.includes(member))
  if (other !== undefined) throw new Error(`${other} has no counterpart here.`)
}

const patterns = (value: Json): readonly string[] => {
  const list = isJsonObject(value) ? value['any'] : value
  return (Array.isArray(list) ? list : [list]).map(String)
}

function fieldsOf(rule: JsonObject, from: string, to: string): Readonly<Record<string, readonly string[]>> {
  return rule[from] === undefined ? {} : { [to]: patterns(rule[from]) }
}

const textOf = (of: JsonObject, member: string): string => {
  const value = of[member]
  return typeof value === 'string' ? value : ''
}
const listOf = (of: JsonObject, member: string): readonly JsonObject[] => {
  const value = of[member]
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
