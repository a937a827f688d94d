/** Cedar values at run time. Sets are arrays (duplicates do not count), records are objects read by own property only. */
export type Value = boolean | number | string | Entity | readonly Value[] | RecordValue
export interface RecordValue {
  readonly [attribute: string]: Value
}

const NONE: ReadonlySet<string> = new Set()

/** An entity and the ids of everything it is a member of. Only actions have ancestors here. */
export class Entity {
  readonly type: string
  readonly id: string
  readonly ancestors: ReadonlySet<string>

  constructor(type: string, id: string, ancestors: ReadonlySet<string> = NONE) {
    this.type = type
    this.id = id
    this.ancestors = ancestors
  }
}

export type FaultKind = 'type' | 'missing' | 'overflow' | 'budget'

/** Why an expression has no value. Never leaves `evaluate`: there it becomes a deny. */
export class Fault extends Error {
  readonly kind: FaultKind

  constructor(kind: FaultKind, message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * What one evaluation reads, and how much work it may still do (about one unit per nanosecond: characters matched, elements
 * compared), so that no policy and no argument can make a decision slow (T-160).
 */
export interface Env {
  readonly principal: Entity
  readonly action: Entity
  readonly resource: Entity
  readonly context: ContextValue
  fuel: number
}

/** The context of a request as a value. Its parts are always there: the gateway makes them all. */
export interface ContextValue extends RecordValue {
  readonly args: RecordValue
  readonly facts: RecordValue
  readonly tool: RecordValue
  readonly labels: RecordValue
  readonly flow: RecordValue
  readonly session: RecordValue
  readonly approved: boolean
}

export const isSet = (value: Value): value is readonly Value[] => Array.isArray(value)
export const isRecord = (value: Value): value is RecordValue =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Entity)

/** Takes `amount` units of work from the budget. */
export function spend(env: Env, amount: number): void {
  env.fuel -= amount
  if (env.fuel < 0) throw new Fault('budget', 'the evaluation takes more work than a decision may')
}

/** True for equal values; values of different types are unequal (Cedar's `==` never fails). */
export function equals(env: Env, a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') {
    if (typeof a === 'string' && a.length > 256) spend(env, a.length >> 4)
    return a === b
  }
  if (a instanceof Entity || b instanceof Entity) {
    return a instanceof Entity && b instanceof Entity && a.type === b.type && a.id === b.id
  }
  if (isSet(a) !== isSet(b)) return false
  return keyOf(env, a) === keyOf(env, b)
}

/** One string per value: equal strings mean equal values. Sets are sorted and free of duplicates. */
function keyOf(env: Env, value: Value): string {
  if (typeof value === 'string') {
    spend(env, 400 + 4 * value.length)
    return `s${JSON.stringify(value)}`
  }
  spend(env, 200)
  if (typeof value !== 'object') return String(value)
  if (value instanceof Entity) return `e${JSON.stringify([value.type, value.id])}`
  if (isSet(value)) return `[${[...new Set(value.map((item) => keyOf(env, item)))].sort().join()}]`
  const record = value as RecordValue
  const parts = Object.keys(record)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${keyOf(env, record[name] as Value)}`)
  return `{${parts.join()}}`
}

/** Membership in a set. */
export function includes(env: Env, set: readonly Value[], value: Value): boolean {
  spend(env, 2 * set.length)
  if (typeof value !== 'object') return set.includes(value)
  return set.some((item) => equals(env, item, value))
}

/** Members of a set as keys, for sets that are compared as a whole. */
export const keysOf = (env: Env, set: readonly Value[]): ReadonlySet<string> =>
  new Set(set.map((item) => keyOf(env, item)))
