import type { Json, JsonObject } from '@sallyport/core'
import { DeniedError } from './errors.ts'

export interface Snapshot {
  /** The exact text that is decided on. */
  readonly text: string
  /** What that text says, deeply frozen: this is what runs. */
  readonly value: JsonObject
}

const MAX_DEPTH = 64
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Copies arguments once, before anything looks at them. What was decided is what runs: getters, proxies and later changes
 * of the caller's object have no effect.
 * @throws DeniedError SP_SDK_ARGUMENTS for what is not plain JSON data
 */
export function snapshotArguments(args: unknown): Snapshot {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) fail('', 'The arguments are not an object.')
  const value = copy(args, '', 0) as JsonObject
  return { text: JSON.stringify(value), value }
}

function copy(value: unknown, path: string, depth: number): Json {
  if (depth > MAX_DEPTH) fail(path, 'It is nested too deeply, or in a circle.')
  switch (typeof value) {
    case 'string':
      return LONE_SURROGATE.test(value) ? fail(path, 'A string is not valid Unicode.') : value
    case 'boolean':
      return value
    case 'number':
      return copyNumber(value, path)
    case 'object':
      if (value === null) return null
      return Array.isArray(value) ? copyArray(value, path, depth) : copyObject(value, path, depth)
    case 'undefined':
    case 'function':
    case 'symbol':
    case 'bigint':
      return fail(path, `A ${typeof value} is no JSON.`)
  }
}

function copyNumber(value: number, path: string): number {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
  if (!exact) fail(path, 'A number cannot be represented exactly.')
  return value === 0 ? 0 : value
}

function copyArray(value: readonly unknown[], path: string, depth: number): readonly Json[] {
  const { length } = value
  const items: Json[] = []
  for (let index = 0; index < length; index++)
    items.push(copy(read(value, String(index), path), `${path}[]`, depth + 1))
  return Object.freeze(items)
}

function copyObject(value: object, path: string, depth: number): JsonObject {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Also of another realm: a plain object's prototype has no prototype itself.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) fail(path, 'An object is not plain data.')
  const result: Record<string, Json> = {}
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') fail(path, 'A symbol is no key.')
    if (key === '__proto__') fail(path, '__proto__ is no key.')
    if (Object.getOwnPropertyDescriptor(value, key)?.enumerable !== true) continue
    const member = read(value, key, path)
    if (member !== undefined) result[key] = copy(member, path === '' ? key : `${path}.${key}`, depth + 1)
  }
  return Object.freeze(result)
}

/** A data property, read once; a getter could answer differently the next time. */
function read(value: object, key: string, path: string): unknown {
  const property = Object.getOwnPropertyDescriptor(value, key)
  if (property !== undefined && !('value' in property)) fail(`${path}.${key}`, 'A getter is no data.')
  return property?.value
}

function fail(path: string, reason: string): never {
  throw new DeniedError({ code: 'SP_SDK_ARGUMENTS', reason: path === '' ? reason : `${path.slice(0, 120)}: ${reason}` })
}
