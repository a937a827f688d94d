import { SallyportError } from '../../errors/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json/types.ts'
import { PACK_FORMAT, PACK_LIMITS, RULE_CATEGORIES, type PackRule, type RuleCategory, type RulePack } from './pack.ts'

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const
const NAME = /^[a-z0-9](?:-?[a-z0-9]){0,39}$/
const RULE_ID = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+){1,4}$/
const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/

const refuse = (detail: string): never => {
  throw new SallyportError('SP_RULES_INVALID', detail)
}

/** The members of an object, no more and no fewer. */
function members(value: Json | undefined, names: readonly string[], where: string): JsonObject {
  if (!isJsonObject(value)) return refuse(`${where} is not an object.`)
  const missing = names.find((name) => value[name] === undefined)
  const odd = Object.keys(value).find((name) => !names.includes(name))
  if (missing !== undefined) refuse(`${where} has no ${missing}.`)
  if (odd !== undefined) refuse(`${where} has an unknown member ${JSON.stringify(odd.slice(0, 60))}.`)
  return value
}

function text(value: Json | undefined, where: string, longest: number): string {
  if (typeof value !== 'string' || value === '' || value.length > longest) {
    return refuse(`${where} is not a text of 1 to ${longest} characters.`)
  }
  return value
}

function texts(value: Json | undefined, where: string, longest: number): readonly string[] {
  const isShortList = Array.isArray(value) && value.length > 0 && value.length <= PACK_LIMITS.examples
  if (!isShortList) return refuse(`${where} is not a list of 1 to ${PACK_LIMITS.examples} texts.`)
  return (value as readonly Json[]).map((item, index) => text(item, `${where}[${index}]`, longest))
}

/**
 * The signed part of a pack, every member checked.
 * @throws SallyportError SP_RULES_INVALID, naming the place
 */
export function readPack(value: Json | undefined): RulePack {
  const pack = members(value, ['format', 'name', 'version', 'rules'], 'The pack')
  if (pack['format'] !== PACK_FORMAT) refuse(`The format is not ${PACK_FORMAT}.`)
  const name = text(pack['name'], 'name', 40)
  if (!NAME.test(name)) refuse('name is not of a-z, 0-9 and single dashes.')
  const version = members(pack['version'], ['number', 'date'], 'version')
  const { number, date } = version
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) {
    return refuse('version.number is not an integer from 1.')
  }
  if (typeof date !== 'string' || !DAY.test(date)) return refuse('version.date is not a day like 2026-11-28.')
  const given = pack['rules']
  if (!Array.isArray(given) || given.length === 0 || given.length > PACK_LIMITS.rules) {
    return refuse(`rules is not a list of 1 to ${PACK_LIMITS.rules} rules.`)
  }
  const rules = (given as readonly Json[]).map((rule, index) => readRule(rule, `rules[${index}]`))
  const ids = new Set<string>()
  for (const { id } of rules) {
    if (ids.has(id)) refuse(`The rule ${id} is there twice.`)
    ids.add(id)
  }
  return { format: PACK_FORMAT, name, version: { number, date }, rules }
}

const RULE_MEMBERS = ['id', 'category', 'severity', 'points', 'anchors', 'pattern', 'positive', 'negative']

function readRule(value: Json, where: string): PackRule {
  const rule = members(value, RULE_MEMBERS, where)
  const id = text(rule['id'], `${where}.id`, 100)
  if (!RULE_ID.test(id)) refuse(`${where}.id is not a dotted name like injection.example.`)
  const { category, severity, points } = rule
  if (!RULE_CATEGORIES.includes(category as RuleCategory)) refuse(`${where}.category is not known.`)
  if (!SEVERITIES.includes(severity as (typeof SEVERITIES)[number])) refuse(`${where}.severity is not known.`)
  if (typeof points !== 'number' || !Number.isInteger(points) || points < 1 || points > 100) {
    return refuse(`${where}.points is not an integer from 1 to 100.`)
  }
  const anchors = texts(rule['anchors'], `${where}.anchors`, 100)
  if (anchors.some((anchor) => anchor !== anchor.toLowerCase() || anchor.trim().length < 2)) {
    refuse(`${where}.anchors are not in lower case, or shorter than two characters.`)
  }
  return {
    id,
    category: category as RuleCategory,
    severity: severity as PackRule['severity'],
    points,
    anchors,
    pattern: text(rule['pattern'], `${where}.pattern`, PACK_LIMITS.pattern),
    positive: texts(rule['positive'], `${where}.positive`, PACK_LIMITS.example),
    negative: texts(rule['negative'], `${where}.negative`, PACK_LIMITS.example),
  }
}
