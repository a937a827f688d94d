import { argumentLeaves } from '../action/leaves.ts'
import type { ArgRole, RegisteredTool } from '../action/tool.ts'
import { canonicalJson } from '../json/canonical.ts'
import type { Json, JsonObject } from '../json/types.ts'
import { escapeText } from '../approval/escape.ts'
import { attribute, literal, oneOf, textLiteral } from './cedar-text.ts'
import type { PolicyRequest } from './request.ts'
import { argumentShape } from './shape.ts'

/** Conditions that hold for one call and its like, and what they say in plain words. */
export type Narrowest =
  | {
      readonly ok: true
      /** Cedar expressions that all have to hold. */
      readonly conditions: readonly string[]
      readonly sentences: readonly string[]
      /** The arguments that are held, as they are; what they leave out may differ. */
      readonly held: JsonObject
    }
  | { readonly ok: false; readonly why: string }

/** What an argument of these roles says may differ from call to call. */
const FREE: ReadonlySet<ArgRole> = new Set(['content', 'secret'])

/**
 * The narrowest conditions under which a call like this one goes on without a question: every argument that is no content has
 * exactly this value, what was left out stays left out, and a session is no worse than the one that asked. `logged`: the arguments as
 * the log has them; a value that is masked there is not written into a rule.
 */
export function narrowestAllow(tool: RegisteredTool, request: PolicyRequest, logged: JsonObject): Narrowest {
  const { args, facts, labels } = request.context
  const schema = tool.definition.inputSchema
  const shape = argumentShape(schema)
  const roles = rolesOf(tool, args)
  const conditions: string[] = []
  const held: Record<string, Json> = {}
  const names = [...new Set([...Object.keys(propertiesOf(schema)), ...Object.keys(args)])].sort()
  const free: string[] = []
  for (const name of names) {
    const given = Object.hasOwn(args, name)
    const known = shape.attributes.has(name)
    if ((roles.get(name) ?? [roleOf(tool, name)]).every((role) => FREE.has(role))) {
      free.push(name)
      continue
    }
    if (!given && !known) {
      if (!facts.omitted.includes(name)) return no(`Cedar cannot say that ${quoted(name)} is left out.`)
      conditions.push(`context.facts.omitted.contains(${textLiteral(name)})`)
      continue
    }
    if (!given) {
      conditions.push(`!(context.args has ${attribute(name)})`)
      continue
    }
    const value = args[name] as Json
    const text = known ? literal(value) : undefined
    if (text === undefined)
      return no(`Cedar cannot name the value of ${quoted(name)}. Write a rule by hand that says what is meant.`)
    if (canonicalJson(logged[name] ?? null) !== canonicalJson(value))
      return no(
        `The value of ${quoted(name)} is masked in the log, so it does not belong into a rule that others read.`,
      )
    conditions.push(
      `context.args has ${attribute(name)} && ${text === '[]' ? `${at(name)}.isEmpty()` : `${at(name)} == ${text}`}`,
    )
    held[name] = value
  }
  const isClosed = schema['additionalProperties'] === false
  if (isClosed) conditions.push('context.facts.undeclared.isEmpty()')
  else
    for (const fact of ['hosts', 'addresses', 'paths'] as const)
      conditions.push(
        facts[fact].length === 0
          ? `context.facts.${fact}.isEmpty()`
          : `${oneOf(facts[fact])}.containsAll(context.facts.${fact})`,
      )
  if (!labels.tainted) conditions.push('!context.labels.tainted')
  // what a plain answer of a server is labelled does not count; what is confidential does
  const highest = Math.max(1, labels.confidentiality)
  if (highest < 3) conditions.push(`context.labels.confidentiality <= ${highest}`)
  return {
    ok: true,
    conditions,
    held,
    sentences: [
      heldSentence(held),
      ...(free.length === 0 ? [] : [`${list(free.map(quoted))} may differ.`]),
      labels.tainted
        ? 'It also holds in sessions that have read untrusted text, because this one had.'
        : 'It holds only in sessions that have read nothing untrusted.',
      ...(highest < 3 ? [`It holds in no session that has read ${ABOVE[highest]} data.`] : []),
      ...(isClosed
        ? []
        : ['The tool takes arguments that it does not declare; of those only hosts, addresses and paths are held.']),
    ],
  }
}

/** Conditions that stop calls like this one: any of its destinations, else exactly the values it names. */
export function narrowestDeny(tool: RegisteredTool, request: PolicyRequest, logged: JsonObject): Narrowest {
  const { args, facts } = request.context
  const leaves = argumentLeaves(tool.annotation, args, tool.definition.inputSchema)
  const sinks = leaves.filter(({ role }) => role === 'sink' || role === 'audience')
  for (const fact of ['addresses', 'hosts'] as const) {
    const named = sinks.filter(({ value }) => facts[fact].some((each) => String(value).toLowerCase().includes(each)))
    const found = facts[fact].filter((each) => named.some(({ value }) => String(value).toLowerCase().includes(each)))
    if (found.length === 0) continue
    const names = new Set(named.map(({ path }) => topOf(path)))
    return {
      ok: true,
      conditions: [`context.facts.${fact}.containsAny(${oneOf(found)})`],
      sentences: [`It holds for every call that names ${list(found.map(quoted))}, whatever else it says.`],
      held: Object.fromEntries(Object.entries(args).filter(([name]) => names.has(name))),
    }
  }
  const exact = narrowestAllow(tool, request, logged)
  if (!exact.ok) return exact
  const { held } = exact
  const conditions = Object.entries(held).map(([name, value]) => {
    const text = literal(value) ?? '[]'
    return `context.args has ${attribute(name)} && ${text === '[]' ? `${at(name)}.isEmpty()` : `${at(name)} == ${text}`}`
  })
  return { ok: true, conditions, held, sentences: [heldSentence(held)] }
}

/** What lies above a level of confidentiality. */
const ABOVE: Readonly<Record<number, string>> = { 1: 'confidential', 2: 'secret' }

const topOf = (path: string): string => path.split(/[.[{]/, 1)[0] ?? ''
const no = (why: string): Narrowest => ({ ok: false, why })
const at = (name: string): string =>
  attribute(name) === name ? `context.args.${name}` : `context.args[${textLiteral(name)}]`

const propertiesOf = (schema: JsonObject): JsonObject => {
  const { properties } = schema
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties)
    ? (properties as JsonObject)
    : {}
}

/** Role of an argument that the call leaves out. What nobody annotated is a destination. */
const roleOf = ({ annotation: { args } }: RegisteredTool, name: string): ArgRole =>
  args[name] ?? args[`${name}[]`] ?? 'sink'

/** Roles of the values of every argument of the call, by its name; an argument without a value has the role of its name. */
function rolesOf(tool: RegisteredTool, args: JsonObject): ReadonlyMap<string, readonly ArgRole[]> {
  const roles = new Map<string, ArgRole[]>()
  for (const { path, role, isName } of argumentLeaves(tool.annotation, args, tool.definition.inputSchema)) {
    if (isName === true && path === '{}') continue
    const name = topOf(path)
    roles.set(name, [...(roles.get(name) ?? []), role])
  }
  return roles
}

const heldSentence = (held: JsonObject): string => {
  const parts = Object.entries(held).map(([name, value]) => `${quoted(name)} is ${list([value].flat().map(quoted))}`)
  return parts.length === 0
    ? 'It holds for every call of the tool: the call names no value.'
    : `It holds where ${list(parts)}.`
}
/** A value of the call, escaped: no word in “…” is ours. */
const quoted = (value: unknown): string => `“${escapeText(String(value)).replaceAll('”', '\\u{201d}')}”`
const list = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
