import type { RegisteredTool } from '../action/tool.ts'
import { NO_FLOW } from '../flow/facts.ts'
import { canonicalJson } from '../json/canonical.ts'
import type { Json, JsonObject } from '../json/types.ts'
import { argumentFacts } from '../action/facts.ts'
import { argumentLeaves } from '../action/leaves.ts'
import { textLiteral } from './cedar-text.ts'
import type { PolicyTest, PolicyTestFile } from './document.ts'
import type { PolicyRequest } from './request.ts'

/** Who and what a drafted rule is about. */
const scopeOf = ({ principal, action }: PolicyRequest): readonly [string, string] => [
  `principal == ${principal.type}::${textLiteral(principal.id)}`,
  `action == Action::${textLiteral(action)}`,
]

/** The clause that takes calls like this one out of a rule that asks. */
export const exceptionClause = (request: PolicyRequest, conditions: readonly string[]): string =>
  `unless {\n${[...scopeOf(request), ...conditions].map((each) => `  ${each}`).join(' &&\n')}\n}`

/** A file of Cedar with one rule that denies calls like this one. */
export function denyFile(request: PolicyRequest, id: string, conditions: readonly string[]): string {
  const [principal, action] = scopeOf(request)
  const when = conditions.map((each) => `  ${each}`).join(' &&\n')
  return [
    '// version: 1.0',
    `@id(${textLiteral(id)})`,
    '@severity("medium")',
    '@advice("A person decided that this agent does not do this.")',
    `forbid (\n  ${principal},\n  ${action},\n  resource\n)${when === '' ? ';' : `\nwhen {\n${when}\n};`}`,
    '',
  ].join('\n')
}

/**
 * A Cedar text in which the rule `rule` (its text as it stands there) has one more clause, and a higher version; undefined where the
 * rule does not stand there exactly once.
 */
export function withClause(text: string, rule: string, clause: string): string | undefined {
  const at = text.indexOf(rule)
  if (at < 0 || text.indexOf(rule, at + 1) >= 0 || !rule.endsWith(';')) return undefined
  return raisedVersion(`${text.slice(0, at)}${rule.slice(0, -1).trimEnd()}\n${clause};${text.slice(at + rule.length)}`)
}

/** `1.4` → `1.5`: the least version that is higher, in the comment that says it. */
const raisedVersion = (text: string): string =>
  text.replace(
    /^(\/\/\s*version:\s*)(\d+)\.(\d+)/m,
    (_, head: string, major: string, minor: string) => `${head}${major}.${Number(minor) + 1}`,
  )

/** Arguments that are like these and name something else: the first value that is held is another one; undefined where none is. */
export function otherArguments(held: JsonObject): JsonObject | undefined {
  const [first] = Object.entries(held).filter(([, value]) => otherValue(value) !== undefined)
  if (first === undefined) return undefined
  return { ...held, [first[0]]: otherValue(first[1]) as Json }
}

function otherValue(value: Json): Json | undefined {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (Array.isArray(value)) {
    const [first] = value as readonly Json[]
    const other = first === undefined ? undefined : otherValue(first)
    return other === undefined ? undefined : [other]
  }
  if (typeof value !== 'string') return undefined
  if (value.includes('@')) return 'somebody@elsewhere.example'
  return /^https?:\/\//.test(value) ? 'https://elsewhere.example/' : `${value}-other`
}

/** One call and what is expected of it. */
export interface ExpectedCall {
  readonly name: string
  readonly request: PolicyRequest
  readonly expected: PolicyTest['expected']
}

/** A file of policy tests about calls of one tool, judged by all policies together. */
export function testFileOf(name: string, tool: RegisteredTool, calls: readonly ExpectedCall[]): PolicyTestFile {
  const { irreversible, persist, sensitive = false } = tool.annotation
  const [first] = calls
  return {
    name,
    tools: {
      [tool.id]: {
        effect: (first?.request.context.tool.effect ?? tool.annotation.effect) as 'read' | 'write' | 'external',
        groups: tool.annotation.groups,
        ...{ irreversible, persist, sensitive, annotated: tool.annotated, elevated: tool.elevated },
      },
    },
    tests: calls.map(({ name: of, request, expected }) => ({
      name: of,
      context: contextJson(tool, request),
      toolCall: { name: tool.id, arguments: request.context.args },
      expected,
    })),
  }
}

const SESSION = ['contentTrust', 'channel', 'chatType', 'surface', 'ingress', 'purpose'] as const
/** Facts that tests may set. */
const FACTS = [
  ...['hosts', 'domains', 'schemes', 'ports', 'networks', 'urlSigns', 'addresses', 'paths', 'canonical', 'where'],
  ...['places', 'pathSigns', 'pathUnresolved', 'hostUnresolved', 'commands', 'command', 'commandEffects', 'count'],
  ...['amountMinor', 'omitted', 'undeclared'],
] as const

/** What a test says of the call, its session and what its arguments rest on; facts only where a test would find others. */
function contextJson(tool: RegisteredTool, { principal, context }: PolicyRequest): JsonObject {
  const { session, labels, flow, facts, args } = context
  const plain = { ...tool.annotation, args: {} }
  const found = argumentFacts(
    { ...tool, annotation: plain, definition: { name: tool.name, inputSchema: {} } },
    args,
    argumentLeaves(plain, args),
    '/work',
  )
  const usual = { ...NO_FLOW, reaches: context.tool.effect === 'external', seenUntrusted: labels.tainted }
  const set = SESSION.filter((name) => session[name] !== '')
  return {
    principal: principal.id,
    trustLevel: session.trustLevel,
    ...Object.fromEntries(set.map((name) => [name, session[name]])),
    labels: { ...labels },
    flow: differing(Object.keys(NO_FLOW), flow, usual),
    facts: differing(FACTS, facts, found),
  }
}

/** Members of `real` that a test would take for others. */
function differing(names: readonly string[], real: object, guessed: object): JsonObject {
  const [is, was] = [real, guessed] as unknown as readonly [JsonObject, JsonObject]
  const told = names.filter((name) => canonicalJson(is[name] ?? null) !== canonicalJson(was[name] ?? null))
  return Object.fromEntries(told.map((name) => [name, is[name] ?? null]))
}
