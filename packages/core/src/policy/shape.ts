import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import { Fault, type RecordValue, type Value } from './value.ts'

/** The typed part of a tool's arguments, as policies see it. */
export type Shape =
  | { readonly kind: 'string' | 'long' | 'bool' }
  | { readonly kind: 'set'; readonly of: Shape }
  | { readonly kind: 'record'; readonly attributes: ReadonlyMap<string, Attribute> }
interface Attribute {
  readonly shape: Shape
  readonly required: boolean
}
export type RecordShape = Extract<Shape, { kind: 'record' }>

const MAX_DEPTH = 6
const MAX_ATTRIBUTES = 256
/** Read by Cedar's JSON form as entities and extension values: never attribute names. */
const RESERVED: ReadonlySet<string> = new Set(['__entity', '__extn', '__expr', '__proto__', ''])
const EMPTY: RecordShape = Object.freeze({ kind: 'record', attributes: new Map<string, Attribute>() })

/**
 * Cedar type of a tool's arguments from its JSON Schema (recipes §3.3). What a JSON Schema does not pin to one Cedar type
 * (numbers, unions, null, references, free-form maps) is left out: policies cannot name it, so they cannot be wrong on it.
 */
export function argumentShape(inputSchema: JsonObject): RecordShape {
  const shape = shapeOf({ ...inputSchema, type: 'object' }, 0)
  return shape?.kind === 'record' ? shape : EMPTY
}

function shapeOf(schema: Json | undefined, depth: number): Shape | undefined {
  if (!isJsonObject(schema) || depth > MAX_DEPTH || schema['nullable'] === true || '$ref' in schema) return undefined
  const types = schema['type'] ?? inferredType(schema)
  const type = Array.isArray(types) && types.length === 1 ? types[0] : types
  switch (type) {
    case 'string':
      return { kind: 'string' }
    case 'integer':
      return { kind: 'long' }
    case 'boolean':
      return { kind: 'bool' }
    case 'array': {
      const of = shapeOf(schema['items'], depth + 1)
      return of === undefined || 'prefixItems' in schema ? undefined : { kind: 'set', of }
    }
    case 'object':
      return recordOf(schema, depth)
    default:
      return undefined
  }
}

function inferredType(schema: JsonObject): Json | undefined {
  if (typeof schema['const'] === 'string') return 'string'
  const values = schema['enum']
  return Array.isArray(values) && values.length > 0 && values.every((v) => typeof v === 'string') ? 'string' : undefined
}

function recordOf(schema: JsonObject, depth: number): RecordShape | undefined {
  const properties = schema['properties']
  if (!isJsonObject(properties)) return undefined
  const required = Array.isArray(schema['required']) ? new Set(schema['required']) : new Set()
  const attributes = new Map<string, Attribute>()
  for (const name of Object.keys(properties).slice(0, MAX_ATTRIBUTES)) {
    if (RESERVED.has(name)) continue
    const shape = shapeOf(properties[name], depth + 1)
    if (shape !== undefined) attributes.set(name, { shape, required: required.has(name) })
  }
  return { kind: 'record', attributes }
}

/**
 * Cuts a value down to a shape. What the shape does not name is dropped; what it names but has another type, or lacks
 * though required, is a fault (the call then is a deny: it should have been refused by its JSON Schema before).
 */
export type Cut = (value: Json) => Value

export function compileCut(shape: Shape): Cut {
  switch (shape.kind) {
    case 'string':
      return (value) => (typeof value === 'string' ? value : mismatch('String'))
    case 'bool':
      return (value) => (typeof value === 'boolean' ? value : mismatch('Bool'))
    case 'long':
      return (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? value : mismatch('Long'))
    case 'set': {
      const cut = compileCut(shape.of)
      return (value) => {
        if (!Array.isArray(value)) return mismatch('Set')
        const items = value as readonly Json[]
        for (let at = 0; at < items.length; at++) {
          const item = items[at] as Json
          if (cut(item) !== item) return items.map(cut)
        }
        return items as readonly Value[]
      }
    }
    case 'record':
      return cutRecord([...shape.attributes])
  }
}

/** A record that has nothing to drop is passed on as it is. */
function cutRecord(attributes: readonly (readonly [string, Attribute])[]): Cut {
  const members = attributes.map(([name, { shape, required }]) => ({ name, cut: compileCut(shape), required }))
  return (value) => {
    if (!isJsonObject(value)) return mismatch('Record')
    let kept = 0
    let same = true
    for (let at = 0; at < members.length; at++) {
      const { name, cut, required } = members[at] as (typeof members)[number]
      if (Object.hasOwn(value, name)) {
        kept++
        same &&= cut(value[name] as Json) === value[name]
      } else if (required) throw new Fault('missing', `argument ${name} is missing`)
    }
    if (same && Object.keys(value).length === kept) return value as unknown as RecordValue
    const out: Record<string, Value> = {}
    for (const { name, cut } of members) if (Object.hasOwn(value, name)) out[name] = cut(value[name] as Json)
    return out as RecordValue
  }
}

function mismatch(type: string): never {
  throw new Fault('type', `an argument is not a ${type}`)
}

/** Type in Cedar's JSON schema form. */
export function cedarType(shape: Shape): JsonObject {
  switch (shape.kind) {
    case 'string':
      return { type: 'String' }
    case 'long':
      return { type: 'Long' }
    case 'bool':
      return { type: 'Boolean' }
    case 'set':
      return { type: 'Set', element: cedarType(shape.of) }
    case 'record': {
      const attributes: Record<string, JsonObject> = {}
      for (const [name, { shape: of, required }] of shape.attributes) attributes[name] = { ...cedarType(of), required }
      return { type: 'Record', attributes }
    }
  }
}
