import { withChecks } from './checks.ts'
import type { Machine } from './machine.ts'
import {
  alternatives,
  changed,
  constantText,
  derived,
  either,
  FIT,
  fitFor,
  holeOf,
  isHole,
  LEVEL,
  mapHoles,
  NOTHING,
  numberValue,
  single,
  textValue,
  valueOf,
  type Hole,
  type Value,
} from './value.ts'

const LONGEST_PATH = 160
/** Members that are numbers. */
const COUNTS = /^(?:length|size|count|Len|st_size|byteLength|port|pid|status_code|statusCode)$/
const HOSTS = /^(?:host|hostname|netloc|origin|Host|Hostname|getHost|authority|domain)$/
/** Whose name is its last part. */
const PATHS = /^(?:pathlib\.)?Path\(\)(?:\.(?:resolve|absolute|expanduser|parent|joinpath)(?:\(\))?)*$/
/** A check of these says nothing of the whole. */
const PARTS = /^(?:protocol|scheme|Scheme|extname|suffix|getProtocol|getScheme|Ext)$/

/** `object.name`. */
export function memberOf(machine: Machine, object: Value, name: string): Value {
  if (object.others !== undefined && object.path === undefined)
    return either(alternatives(object).map((one) => memberOf(machine, single(one), name)))
  if (name === '__dict__') return object
  const field = object.fields?.get(name)
  if (field !== undefined) return field
  if (object.items !== undefined && name === 'length') return numberValue(object.items.length)
  const own = machine.root.find(`this.${name}`)
  if (object.path === 'this' && own !== undefined) return withChecks(machine, own)
  const method = methodOf(machine, object, name)
  if (method !== undefined) return method
  // `Colour.RED.value`
  if ((name === 'value' || name === 'name') && object.path === undefined && constantText(object) !== undefined)
    return object
  if (name === 'constructor' && object.closure !== undefined) return valueOf(object.pieces, 'Function')
  const path = pathOf(machine, object, name)
  const source = machine.names.sourceLevel(path)
  if (COUNTS.test(name) && source === undefined) return valueOf([count(object, name)], path)
  if (PATHS.test(object.path ?? '') && (name === 'name' || name === 'stem' || name === 'suffix'))
    return changed(fitFor(object, FIT.path), { path })
  const aspect = HOSTS.test(name) ? ('host' as const) : PARTS.test(name) ? ('part' as const) : ('member' as const)
  let first: Hole | undefined
  for (const piece of object.pieces) {
    if (isHole(piece) && (first === undefined || piece.level > first.level)) first = piece
  }
  const whole = first ?? holeOf(object.path === undefined ? LEVEL.constant : LEVEL.opaque, path)
  const key = `${whole.key}.${name}`
  const level = source ?? whole.level
  const hole = holeOf(
    whole.level > level && source !== LEVEL.config ? whole.level : level,
    key,
    whole.from.length === 0 ? [whole.key] : [whole.key, ...whole.from.slice(0, 4)],
    whole.fit | machine.state.fitOf(key),
    whole.of,
    aspect,
  )
  return valueOf([hole], path, { made: object.made })
}

/** A method of a class of the text. */
function methodOf(machine: Machine, { path }: Value, name: string): Value | undefined {
  if (machine.language === 'go')
    return path === undefined || /^[\w=]+(?:\(\))?$/.test(path) ? machine.root.find(`.${name}`) : undefined
  const owner = path === undefined ? undefined : OF_CLASS.exec(path)?.groups?.['owner']
  return owner === undefined ? undefined : machine.root.find(`#${owner}.${name}`)
}

/** An object of a class of the text, or the class itself. */
const OF_CLASS = /^=(?<owner>\w+)(?:\(\))?$/

function pathOf(machine: Machine, object: Value, name: string): string {
  const before = object.path ?? '?'
  return machine.names.member(before.length > LONGEST_PATH ? '?' : before, name)
}

const count = ({ path = '?' }: Value, name: string): Hole =>
  holeOf(LEVEL.config, `${path}.${name}`, [], FIT.all, undefined, 'part')

/** `object[key]`. A table of known values gives one of them, whatever the key. */
export function keyed(machine: Machine, object: Value, key: Value, at: number): Value {
  const name = constantText(key)
  if (name !== undefined && key.atom === undefined) return memberOf(machine, object, name)
  if (typeof key.atom === 'number') {
    const item = object.items?.at(key.atom)
    if (item !== undefined) return item
    const whole = constantText(object)
    if (whole !== undefined) return textValue(whole.at(key.atom) ?? '')
  }
  const known = [...(object.items ?? []), ...(object.fields?.values() ?? [])]
  if (known.length > 0) return either(known.slice(0, 40))
  if (object.items !== undefined || object.fields !== undefined) return NOTHING
  return element(object, at)
}

/** One of what the value holds. */
export function element(value: Value, at: number): Value {
  if (value.items !== undefined && value.items.length > 0) return either(value.items.slice(0, 40))
  if (value.fields !== undefined && value.fields.size > 0)
    return either([...value.fields.keys()].slice(0, 40).map((key) => textValue(key)))
  if (value.pieces.length === 1 && value.pieces.some(isHole)) {
    const inner = mapHoles(value, ({ level, key, from, fit, of }) =>
      holeOf(level, `${key}[]`, [key, ...from.slice(0, 4)], fit, of),
    )
    return valueOf(inner.pieces, value.path === undefined ? undefined : `${value.path}[]`)
  }
  // what is filled elsewhere
  const isEmpty = value.items !== undefined
  return derived([value], `element@${at}`, isEmpty ? LEVEL.opaque : LEVEL.constant)
}
