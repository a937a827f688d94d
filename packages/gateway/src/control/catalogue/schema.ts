import { createRequire } from 'node:module'
import type { Ajv2020 as Ajv2020Type, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { canonicalJson, isJsonObject, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import { RE2JS } from 're2js'

const require = createRequire(import.meta.url)

/** What a tool schema may cost before it is refused (T-080). */
const BUDGET = { nodes: 5_000, depth: 48, bytes: 262_144, work: 100_000, pattern: 512 }
/** What checking one call may cost: subschemas tried, and text that patterns and uniqueness look at. */
const FUEL = 1_000_000
const FUEL_KEYWORD = 'x-sallyport-fuel'
const REFUSED = ['$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$recursiveAnchor', '$id', 'id', '$anchor']
const FORMATS = [
  'date',
  'date-time',
  'time',
  'duration',
  'uri',
  'uri-reference',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
]
const COMBINE = ['allOf', 'anyOf', 'oneOf'] as const
/** `dependencies` is of older drafts, and still evaluated. */
const DEPENDENT = ['dependentSchemas', 'dependencies'] as const

export type ArgumentValidator = (args: JsonObject) => readonly string[]

/**
 * Compiles tools' input schemas. A schema comes from a server, so it is weighed first: bounded size, depth and nodes, no
 * remote or dynamic references, no reference cycle that does not descend into the value, a bounded number of combinations,
 * and patterns only as RE2. What weighing cannot foresee (recursion that doubles with every level of the value) burns fuel:
 * every subschema that is tried takes some, and a check that runs out refuses the call. `uniqueItems` is checked by hashing
 * canonical JSON, linear in the size of the array. Nothing is coerced and no default is filled in (T-082). Code is made on first use.
 */
export class SchemaCompiler {
  readonly #fuel = { left: FUEL }
  #ajv: Ajv2020Type | undefined

  /** @throws SallyportError SP_MCP_SCHEMA_REFUSED with the reason, also from the validator when the fuel is out. */
  compile(schema: JsonObject): ArgumentValidator {
    const known = weigh(schema)
    let validate: ValidateFunction | undefined
    return (args) => {
      validate ??= this.#validator(metered(schema, known) as JsonObject)
      this.#fuel.left = FUEL
      return validate(args) ? [] : (validate.errors ?? []).map(describe)
    }
  }

  #validator(schema: JsonObject): ValidateFunction {
    this.#ajv ??= newAjv(this.#fuel)
    try {
      const { $schema: _, ...own } = schema
      return this.#ajv.compile(own)
    } catch (cause) {
      throw new SallyportError('SP_MCP_SCHEMA_REFUSED', cause instanceof Error ? cause.message.slice(0, 200) : '', {
        cause,
      })
    }
  }
}

interface Fuel {
  left: number
}

/** Loaded with the first schema that is used: a start needs none. */
function newAjv(fuel: Fuel): Ajv2020Type {
  const { Ajv2020 } = require('ajv/dist/2020.js') as { Ajv2020: typeof Ajv2020Type }
  const addFormats = require('ajv-formats') as (ajv: Ajv2020Type, formats: readonly string[]) => void
  const ajv = new Ajv2020({
    strict: false,
    allErrors: false,
    validateFormats: true,
    inlineRefs: false,
    code: { regExp: Object.assign((source: string) => linear(source, fuel), { code: 'linear' }) },
  })
  ajv.addKeyword({
    keyword: FUEL_KEYWORD,
    schemaType: 'number',
    before: 'allOf',
    validate: (amount: number) => burn(fuel, amount),
  })
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (wanted: boolean, items: readonly Json[]) => !wanted || unique(items, fuel),
  })
  addFormats(ajv, FORMATS)
  return ajv
}

function burn(fuel: Fuel, amount: number): true {
  fuel.left -= amount
  return fuel.left >= 0 || refuse('Checking these arguments takes too long.')
}

function unique(items: readonly Json[], fuel: Fuel): boolean {
  const seen = new Set<string>()
  for (const item of items) {
    const text = canonicalJson(item)
    burn(fuel, 1 + (text.length >> 4))
    if (seen.has(text)) return false
    seen.add(text)
  }
  return true
}

/** A copy in which every subschema says what trying it costs. */
function metered(value: Json, schemas: ReadonlySet<Json>): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => metered(item, schemas))
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).map(([name, member]) => [name, metered(member, schemas)] as const)
  return Object.fromEntries(schemas.has(value) ? [[FUEL_KEYWORD, price(value)], ...entries] : entries) as JsonObject
}

/** Lists in a subschema (names, values of an enumeration) are walked once per try. */
function price(schema: JsonObject): number {
  const size = (part: Json): number =>
    Array.isArray(part) ? part.length : isJsonObject(part) ? Object.keys(part).length : 0
  return 1 + Object.values(schema).reduce<number>((sum, part) => sum + (size(part) >> 3), 0)
}

const describe = ({ instancePath, message, params }: ErrorObject): string => {
  const extra = (params as { additionalProperty?: string }).additionalProperty
  return `${instancePath === '' ? '(arguments)' : instancePath} ${message ?? 'is not valid'}${extra === undefined ? '' : `: ${extra}`}`
}

function linear(source: string, fuel: Fuel): RegExp {
  if (source.length > BUDGET.pattern) throw new Error('A pattern is too long.')
  const pattern = RE2JS.compile(source)
  const test = (text: string): boolean =>
    text.length <= 65_536 && burn(fuel, 4 + (text.length >> 2)) && pattern.matcher(text).find()
  // ajv shares patterns by their text: without `toString` all of them would be the first one
  return { test, toString: () => `re2:${source}` } as unknown as RegExp
}

/** The subschemas of a schema that is not too heavy. */
function weigh(schema: JsonObject): ReadonlySet<Json> {
  if (JSON.stringify(schema).length > BUDGET.bytes) refuse('It is too large.')
  let nodes = 0
  const visit = (value: Json, depth: number): void => {
    nodes++
    if (nodes > BUDGET.nodes) refuse('It has too many parts.')
    if (depth > BUDGET.depth) refuse('It is nested too deeply.')
    if (Array.isArray(value)) for (const item of value as readonly Json[]) visit(item, depth + 1)
    else if (isJsonObject(value)) for (const member of Object.values(value)) visit(member, depth + 1)
  }
  visit(schema, 0)
  const costs = new Map<JsonObject, number | 'open'>()
  if (cost(schema, schema, costs) > BUDGET.work) refuse('Checking a value against it could take too long.')
  return new Set<Json>(costs.keys())
}

/** Subschemas one value may be checked against without descending into it, references followed; a cycle is refused. */
function cost(root: JsonObject, schema: JsonObject, costs: Map<JsonObject, number | 'open'>): number {
  const known = costs.get(schema)
  if (known === 'open') return refuse('A reference leads back to itself.')
  if (known !== undefined) return known
  costs.set(schema, 'open')
  let sum = 1
  for (const name of REFUSED) if (typeof schema[name] === 'string') refuse(`It uses ${name}.`)
  const same: Json[] = [schema['not'] ?? null, schema['if'] ?? null, schema['then'] ?? null, schema['else'] ?? null]
  for (const name of COMBINE) if (Array.isArray(schema[name])) same.push(...(schema[name] as readonly Json[]))
  for (const name of DEPENDENT) if (isJsonObject(schema[name])) same.push(...Object.values(schema[name]))
  if (typeof schema['$ref'] === 'string') same.push(target(root, schema['$ref']))
  for (const part of same) if (isJsonObject(part)) sum = Math.min(BUDGET.work + 1, sum + cost(root, part, costs))
  costs.set(schema, sum)
  for (const part of below(schema))
    sum = Math.min(BUDGET.work + 1, sum + (costs.has(part) ? 0 : cost(root, part, costs)))
  return sum
}

/** Subschemas for parts of the value: properties, items and definitions. */
function below(schema: JsonObject): readonly JsonObject[] {
  const maps = ['properties', 'patternProperties', '$defs', 'definitions'].flatMap((name) =>
    isJsonObject(schema[name]) ? Object.values(schema[name] as JsonObject) : [],
  )
  const single = [
    'items',
    'additionalItems',
    'contentSchema',
    'additionalProperties',
    'contains',
    'propertyNames',
    'unevaluatedItems',
    'unevaluatedProperties',
  ]
  const prefix = ['prefixItems', 'items'].flatMap((name) =>
    Array.isArray(schema[name]) ? (schema[name] as readonly Json[]) : [],
  )
  return [...maps, ...single.map((name) => schema[name] ?? null), ...prefix].filter(isJsonObject)
}

function target(root: JsonObject, reference: string): Json {
  if (!reference.startsWith('#')) return refuse('It refers to another document.')
  let at: Json = root
  for (const step of reference.split('/').slice(1)) {
    const key = decodeURIComponent(step).replace(/~1/g, '/').replace(/~0/g, '~')
    const next: Json | undefined = Array.isArray(at)
      ? (at as readonly Json[])[Number(key)]
      : isJsonObject(at)
        ? at[key]
        : undefined
    if (next === undefined) return refuse('A reference leads nowhere.')
    at = next
  }
  return at
}

function refuse(reason: string): never {
  throw new SallyportError('SP_MCP_SCHEMA_REFUSED', reason)
}
