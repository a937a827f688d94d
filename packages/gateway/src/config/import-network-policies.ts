import { isJsonObject, parseHostRule, type EgressRuleText, type Json, type JsonObject } from '@sallyport/core'

type Shape = NonNullable<EgressRuleText['allow']>[number]

/** What could be taken over, and what people should know of the rest. */
export interface Imported {
  readonly rules: Readonly<Record<string, EgressRuleText>>
  readonly notes: readonly string[]
}

const READ = ['GET', 'HEAD', 'OPTIONS']
const GRAPHQL = ['query', 'mutation', 'subscription'] as const
/** What presets of access stand for, by protocol; other protocols have none. */
const ACCESS: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  rest: {
    'read-only': { methods: READ },
    'read-write': { methods: [...READ, 'POST', 'PUT', 'PATCH'] },
    full: { paths: ['/**'] },
  },
  // the request that opens it, and no messages
  websocket: { 'read-only': { methods: ['GET'] }, 'read-write': { methods: ['GET'] }, full: { methods: ['GET'] } },
  graphql: {
    'read-only': { graphql: { operations: GRAPHQL.slice(0, 1) } },
    'read-write': { graphql: { operations: GRAPHQL.slice(0, 2) } },
    full: { graphql: { operations: GRAPHQL } },
  },
}
const ENDPOINT = ['host', 'port', 'ports', 'protocol', 'tls', 'enforcement', 'access', 'rules', 'deny_rules']
/** Members of an endpoint that allow more there, or are about credentials. */
const LEFT_OUT = [
  ...['allowed_ips', 'allow_encoded_slash', 'credential_binding', 'request_body_credential_rewrite'],
  ...['websocket_credential_rewrite', 'allow_uninspected_credentials', 'credential_signing', 'signing_service'],
  ...['signing_region', 'persisted_queries', 'graphql_persisted_queries'],
]

/**
 * Takes over `network_policies` of OpenShell and NemoClaw (docs.nvidia.com/openshell, policy schema reference, read on 2026-11-28). What
 * cannot be said here is left out and noted, never widened: an endpoint with a rule that is not understood is not taken over at all.
 */
export function importNetworkPolicies(document: JsonObject): Imported {
  const rules: Record<string, EgressRuleText> = {}
  const notes: string[] = []
  const refused: string[] = []
  const policies = document['network_policies']
  for (const [key, policy] of Object.entries(isJsonObject(policies ?? null) ? (policies as JsonObject) : {})) {
    const { endpoints, binaries } = isJsonObject(policy) ? policy : {}
    const list = Array.isArray(endpoints) ? endpoints : []
    if (!Array.isArray(binaries) || binaries.length === 0) {
      notes.push(`${key}: not taken over: it names no program, and so allows nothing there.`)
      continue
    }
    notes.push(`${key}: it names programs; here it holds for every program of the sandbox.`)
    list.forEach((each, index) => {
      const endpoint = isJsonObject(each) ? each : {}
      const name = nameOf(list.length === 1 ? key : `${key}-${index + 1}`)
      try {
        if (name in rules) throw new Error('another one would have the same name.')
        const said: string[] = []
        rules[name] = ruleOf(endpoint, (note) => said.push(`${name}: ${note}`))
        notes.push(...said)
      } catch (thrown) {
        if (typeof endpoint['host'] === 'string') refused.push(endpoint['host'])
        notes.push(`${name}: not taken over: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      }
    })
  }
  // what was left out may have denied what another one allows
  for (const [name, { hosts = [] }] of Object.entries(rules))
    if (hosts.some((host) => refused.some((other) => mayMeet(host.replace(/:\d+$/, ''), other)))) {
      Reflect.deleteProperty(rules, name)
      notes.push(`${name}: not taken over: another one for its host is not.`)
    }
  return { rules, notes }
}

/** Whether some name may be of both. */
function mayMeet(one: string, other: string): boolean {
  const [a, b] = [one, other].map((host) => ({
    below: host.includes('*'),
    base: host.toLowerCase().replace(/^.*\*[^.]*\./, ''),
  }))
  if (a === undefined || b === undefined) return true
  const isUnder = (upper: typeof a, lower: typeof a): boolean => upper.below && lower.base.endsWith(`.${upper.base}`)
  return a.base === b.base || isUnder(a, b) || isUnder(b, a)
}

const nameOf = (key: string): string =>
  key
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)

function ruleOf(endpoint: JsonObject, note: (text: string) => void): EgressRuleText {
  const out = LEFT_OUT.filter((member) => endpoint[member] !== undefined)
  if (out.length > 0) note(`left out: ${out.join(', ')}. Addresses inside need an entry under egress.exceptions.`)
  only(endpoint, [...ENDPOINT, ...LEFT_OUT])
  const hosts = hostsOf(endpoint)
  const [protocol, preset] = [textOf(endpoint, 'protocol'), textOf(endpoint, 'access')]
  const [rules, denied] = [listOf(endpoint, 'rules'), listOf(endpoint, 'deny_rules')]
  if (protocol === '' || protocol === 'tcp') return { hosts }
  if (textOf(endpoint, 'tls') === 'skip') throw new Error('it is not looked into there, whatever it says of requests.')
  if (textOf(endpoint, 'enforcement') !== 'enforce') note('it only audits there; here it is enforced.')
  const read = READERS[protocol]
  if (read === undefined) throw new Error(`the protocol ${protocol} is not looked into here.`)
  const given = rules.map((rule) => {
    only(rule, ['allow'])
    if (!isJsonObject(rule['allow'] ?? null)) throw new Error('a rule allows nothing that can be read.')
    return read(rule['allow'] as JsonObject, 'allow')
  })
  const access = ACCESS[protocol]?.[preset]
  if (preset !== '' && (access === undefined || given.length > 0))
    throw new Error(`access: ${preset} is not understood.`)
  const allow = access === undefined ? given : [access]
  if (allow.length === 0) throw new Error('it allows nothing.')
  const deny = denied.map((rule) => read(rule, 'deny'))
  return { hosts, allow, ...(deny.length === 0 ? {} : { deny }) }
}

function hostsOf(endpoint: JsonObject): readonly string[] {
  const given = textOf(endpoint, 'host')
  if (given.startsWith('*.')) throw new Error(`${given} is one label there, and would be any number of them here.`)
  const host = given.replace(/^\*\*\./, '*.')
  const ports = Array.isArray(endpoint['ports']) ? endpoint['ports'] : [endpoint['port'] ?? 443]
  if (!ports.every((port) => Number.isInteger(port))) throw new Error('a port is not a number.')
  const hosts = ports.map((port) => `${host.includes(':') ? `[${host}]` : host}:${String(port)}`)
  for (const each of hosts) parseHostRule(each)
  return hosts
}

type Question = 'allow' | 'deny'

/** Reads matchers of one rule; throws for one that has no counterpart. */
const READERS: Readonly<Record<string, (rule: JsonObject, question: Question) => Shape>> = {
  rest: restShape,
  websocket: (rule, question) => {
    const shape = restShape(rule, question)
    // `*` stands for messages, too
    return question === 'deny' || shape.methods !== undefined ? shape : { ...shape, methods: ['GET'] }
  },
  graphql: (rule, question) => {
    only(rule, ['operation_type', 'fields'])
    const type = needed(rule, 'operation_type')
    const operations = GRAPHQL.filter((one) => one === type)
    if (operations.length === 0) throw new Error(`the operation ${type} is not understood.`)
    return { graphql: { operations, ...patternsOf(rule, 'fields', 'fields', question) } }
  },
  mcp: (rule, question) => {
    only(rule, ['method', 'tool'])
    const method = needed(rule, 'method')
    if (rule['tool'] !== undefined && method !== 'tools/call') throw new Error(`${method} has no tool.`)
    return { mcp: { methods: [method], ...patternsOf(rule, 'tool', 'tools', question) } }
  },
  'json-rpc': (rule) => {
    only(rule, ['method'])
    return { mcp: { methods: [needed(rule, 'method')] } }
  },
}

function restShape(rule: JsonObject, question: Question): Shape {
  only(rule, ['method', 'path', 'query'])
  const [method, path, query] = [needed(rule, 'method'), needed(rule, 'path'), rule['query']]
  if (method === 'WEBSOCKET_TEXT') throw new Error('messages of a WebSocket are not looked into here.')
  if (method !== '*' && !/^[A-Z]{1,20}$/.test(method)) throw new Error(`the method ${method} is not understood.`)
  if (!path.startsWith('/')) throw new Error(`the path ${path} does not begin with a slash.`)
  const parts = path.split('/')
  if (parts.some((part) => GLOB.test(part) && part !== '*' && part !== '**'))
    throw new Error(`the path ${path} has signs of a pattern within a segment.`)
  if (query !== undefined && question === 'allow')
    throw new Error('a query that has to be there has no counterpart here.')
  return {
    ...(method === '*' ? {} : { methods: [method] }),
    // in the middle of a path `**` is one segment at least there
    paths: [question === 'deny' ? path : path.replace(/\/\*\*(?=\/)/g, '/*/**')],
    ...(query === undefined ? {} : { query: queryOf(query) }),
  }
}

function queryOf(query: Json): NonNullable<Shape['query']> {
  if (!isJsonObject(query)) throw new Error('a query is not understood.')
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, patterns(value, 'deny')]))
}

/** A member that is not known may be what narrows a rule. */
function only(rule: JsonObject, members: readonly string[]): void {
  const other = Object.keys(rule).find((member) => !members.includes(member))
  if (other !== undefined) throw new Error(`${other} has no counterpart here.`)
}

const GLOB = /[*?[\]{}\\]/

/** There `*` ends at a dot and `**` does not; here it never does. */
function patterns(value: Json, question: Question): readonly string[] {
  const given = isJsonObject(value) ? value['any'] : value
  const list = Array.isArray(given) ? (given as readonly Json[]) : [given ?? null]
  return list.map((each) => {
    if (typeof each !== 'string' || each === '') throw new Error('a pattern is no text.')
    const rest = each.split('.').filter((part) => part !== '**')
    if (rest.some((part) => GLOB.test(question === 'deny' ? part.replaceAll('*', '') : part)))
      throw new Error(`the pattern ${each} would be a wider one here, or none.`)
    return each.replaceAll('**', '*')
  })
}

function patternsOf(
  rule: JsonObject,
  from: string,
  to: string,
  question: Question,
): Readonly<Record<string, readonly string[]>> {
  return rule[from] === undefined ? {} : { [to]: patterns(rule[from], question) }
}

/** Empty when it is not there. */
function textOf(of: JsonObject, member: string): string {
  const value = of[member] ?? ''
  if (typeof value !== 'string') throw new Error(`${member} is no text.`)
  return value
}

function needed(of: JsonObject, member: string): string {
  const value = textOf(of, member)
  if (value === '') throw new Error(`${member} is missing.`)
  return value
}

function listOf(of: JsonObject, member: string): readonly JsonObject[] {
  const value = of[member] ?? []
  if (!Array.isArray(value) || !value.every((each) => isJsonObject(each)))
    throw new Error(`${member} is no list of rules.`)
  return value
}
