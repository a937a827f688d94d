import { canonicalJson } from '../json/canonical.ts'
import { keyedTag } from '../json/digest.ts'
import { isJsonObject, type Json, type JsonObject } from '../json/types.ts'
import { judgeKey } from './key-names.ts'
import { findSecrets, mayHoldSecret, type SecretScope } from './secrets.ts'

export const PLACEHOLDER = '[REDACTED]'

export interface RedactOptions {
  /** Argument paths that a schema or annotation marks as secret: `to`, `auth.pin`, `files[].content`. */
  readonly sensitive: readonly string[]
  /** Key of the correlation tags: the same secret has the same tag in one installation and nowhere else (E-15). */
  readonly tagKey: Uint8Array
  /** Deeper values are replaced as a whole; default 64. */
  readonly maxDepth?: number
}

const MAX_DEPTH = 64

/**
 * A copy of `value` fit for the log (AC-1.2.3): members with secret names, marked paths and secrets inside strings become
 * `[REDACTED]~<tag>`. What holds nothing secret is returned as the same object. Keys are looked at too.
 */
export function redact(value: Json, options: RedactOptions): Json {
  const marks = new Set(options.sensitive)
  return walk(value, '', 0, { marks, key: options.tagKey, maxDepth: options.maxDepth ?? MAX_DEPTH })
}

interface Run {
  readonly marks: ReadonlySet<string>
  readonly key: Uint8Array
  readonly maxDepth: number
}

function walk(value: Json, path: string, depth: number, run: Run): Json {
  if (typeof value === 'string') return mayHoldSecret(value, 'log') ? redactText(value, 'log', run.key).text : value
  if (typeof value !== 'object' || value === null) return value
  if (depth > run.maxDepth) return PLACEHOLDER
  return isJsonObject(value) ? walkObject(value, path, depth, run) : walkArray(value, path, depth, run)
}

function walkArray(value: readonly Json[], path: string, depth: number, run: Run): Json {
  const inner = run.marks.size === 0 ? '' : `${path}[]`
  // `["Authorization", "Bearer …"]`, as header lists are often written.
  if (value.length === 2 && typeof value[0] === 'string' && judgeKey(value[0]) === 'secret' && HEADER.test(value[0])) {
    return [value[0], placeholder(value[1] as Json, run.key)]
  }
  let copy: Json[] | undefined
  for (let i = 0; i < value.length; i++) {
    const before = value[i] as Json
    const after =
      run.marks.has(inner) && inner !== '' ? placeholder(before, run.key) : walk(before, inner, depth + 1, run)
    if (after !== before) (copy ??= [...value])[i] = after
  }
  return copy ?? value
}

const HEADER = /^[A-Za-z][A-Za-z0-9-]{2,60}$/

function walkObject(value: JsonObject, path: string, depth: number, run: Run): Json {
  let copy: Record<string, Json> | undefined
  const named = typeof value['name'] === 'string' && 'value' in value && judgeKey(value['name']) === 'secret'
  for (const key of Object.keys(value)) {
    const before = value[key] as Json
    const inner = run.marks.size === 0 ? '' : path === '' ? key : `${path}.${key}`
    const after = redactMember(key, before, inner, depth, named, run)
    const safeKey = mayHoldSecret(key, 'log') ? redactText(key, 'result', run.key).text : key
    if (after === before && safeKey === key) continue
    copy ??= Object.assign(Object.create(null) as Record<string, Json>, value)
    if (safeKey !== key) delete copy[key]
    copy[safeKey] = after
  }
  return copy ?? value
}

function redactMember(key: string, value: Json, path: string, depth: number, named: boolean, run: Run): Json {
  if (path !== '' && run.marks.has(path)) return placeholder(value, run.key)
  const verdict = named && key === 'value' ? 'secret' : judgeKey(key)
  if (verdict === 'secret') return placeholder(value, run.key)
  if (verdict === 'secret-text' && typeof value !== 'number') return placeholder(value, run.key)
  return walk(value, path, depth + 1, run)
}

/** Booleans, null and empty values say nothing and stay; everything else goes as a whole. */
function placeholder(value: Json, key: Uint8Array): Json {
  if (value === null || typeof value === 'boolean' || value === '') return value
  const text = typeof value === 'string' ? value : canonicalJson(value)
  return `${PLACEHOLDER}~${keyedTag(key, text)}`
}

/**
 * Replaces the secrets inside a string. With a key each gets its tag; without one (text that goes back to an agent) only
 * the placeholder, so that nobody can try guesses against the tags (T-131).
 */
export function redactText(
  text: string,
  scope: SecretScope,
  key?: Uint8Array,
): { readonly text: string; readonly redactions: number } {
  const secrets = findSecrets(text, scope)
  if (secrets.length === 0) return { text, redactions: 0 }
  let result = ''
  let at = 0
  for (const { start, end } of secrets) {
    const tag = key === undefined ? '' : `~${keyedTag(key, text.slice(start, end))}`
    result += `${text.slice(at, start)}${PLACEHOLDER}${tag}`
    at = end
  }
  return { text: result + text.slice(at), redactions: secrets.length }
}
