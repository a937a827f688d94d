import { canonicalJson } from '../../json/canonical.ts'
import { keyedTag } from '../../json/digest.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json/types.ts'
import { judgeKey } from './key-names.ts'
import { findSecrets, type SecretMatch, type SecretScope } from './find.ts'
import type { KnownSecrets } from './known.ts'

export const PLACEHOLDER = '[REDACTED]'

export interface RedactOptions {
  /** Argument paths that a schema or annotation marks as secret: `to`, `auth.pin`, `files[].content`. */
  readonly sensitive: readonly string[]
  /** Key of the correlation tags: the same secret has the same tag in one installation and nowhere else (E-15). */
  readonly tagKey: Uint8Array
  /** Values that the vault issued and canaries (HB-77). */
  readonly known?: KnownSecrets
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
  const { tagKey: key, known, maxDepth = MAX_DEPTH } = options
  return walk(value, '', 0, { marks, maxDepth, how: { key, write: 'tag', ...(known === undefined ? {} : { known }) } })
}

interface Run {
  readonly marks: ReadonlySet<string>
  readonly how: RedactTextOptions & { readonly key: Uint8Array }
  readonly maxDepth: number
}

function walk(value: Json, path: string, depth: number, run: Run): Json {
  if (typeof value === 'string') return redactText(value, 'log', run.how).text
  if (typeof value !== 'object' || value === null) return value
  if (depth > run.maxDepth) return PLACEHOLDER
  return isJsonObject(value) ? walkObject(value, path, depth, run) : walkArray(value, path, depth, run)
}

function walkArray(value: readonly Json[], path: string, depth: number, run: Run): Json {
  const inner = run.marks.size === 0 ? '' : `${path}[]`
  // `["Authorization", "Bearer …"]`, as header lists are often written.
  if (value.length === 2 && typeof value[0] === 'string' && judgeKey(value[0]) === 'secret' && HEADER.test(value[0])) {
    return [value[0], placeholder(value[1] as Json, run.how.key)]
  }
  let copy: Json[] | undefined
  for (let i = 0; i < value.length; i++) {
    const before = value[i] as Json
    const after =
      run.marks.has(inner) && inner !== '' ? placeholder(before, run.how.key) : walk(before, inner, depth + 1, run)
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
    const safeKey = redactText(key, 'result', run.how).text
    if (after === before && safeKey === key) continue
    copy ??= Object.assign(Object.create(null) as Record<string, Json>, value)
    if (safeKey !== key) delete copy[key]
    copy[safeKey] = after
  }
  return copy ?? value
}

function redactMember(key: string, value: Json, path: string, depth: number, named: boolean, run: Run): Json {
  if (path !== '' && run.marks.has(path)) return placeholder(value, run.how.key)
  const verdict = named && key === 'value' ? 'secret' : judgeKey(key)
  if (verdict === 'secret') return placeholder(value, run.how.key)
  if (verdict === 'secret-text' && typeof value !== 'number') return placeholder(value, run.how.key)
  return walk(value, path, depth + 1, run)
}

/** Booleans, null and empty values say nothing and stay; everything else goes as a whole. */
function placeholder(value: Json, key: Uint8Array): Json {
  if (value === null || typeof value === 'boolean' || value === '') return value
  const text = typeof value === 'string' ? value : canonicalJson(value)
  return `${PLACEHOLDER}~${keyedTag(key, text)}`
}

/** How secrets are written (T-131: nobody is to try guesses against a tag that he can see). */
export interface RedactTextOptions {
  /** With a key every secret gets a tag, in the report; see `tagged`. */
  readonly key?: Uint8Array
  /**
   * What stands in the text. `tag`: `[REDACTED]~<tag>`, for the log · `full`: `[REDACTED:<type>]~<tag>` · default: the
   * placeholder alone. Without a key there is no tag.
   */
  readonly write?: 'tag' | 'full' | 'placeholder'
  readonly known?: KnownSecrets
}

/** What was redacted, for the record: the kind, and a keyed tag by which the same value is known again (E-15). */
export interface Redacted {
  readonly type: string
  /** 16 hex characters; absent without a key. */
  readonly tag?: string
}

export interface RedactedText {
  readonly text: string
  readonly redactions: number
  readonly redacted: readonly Redacted[]
}

/** Replaces the secrets inside a string, encoded ones with the whole encoded run. A clean string comes back as it is. */
export function redactText(text: string, scope: SecretScope, options: RedactTextOptions = NO_OPTIONS): RedactedText {
  const secrets = findSecrets(text, scope, options)
  if (secrets.length === 0) return { text, redactions: 0, redacted: NOTHING }
  const write = options.write ?? (scope === 'log' ? 'tag' : 'placeholder')
  const redacted: Redacted[] = []
  let result = ''
  let at = 0
  for (const secret of secrets) {
    const entry = describe(text, secret, options.key)
    redacted.push(entry)
    result += `${text.slice(at, secret.start)}${written(entry, write)}`
    at = secret.end
  }
  return { text: result + text.slice(at), redactions: secrets.length, redacted }
}

const NOTHING: readonly Redacted[] = Object.freeze([])
const NO_OPTIONS: RedactTextOptions = Object.freeze({})

function describe(text: string, { family, start, end }: SecretMatch, key: Uint8Array | undefined): Redacted {
  return key === undefined ? { type: family } : { type: family, tag: keyedTag(key, text.slice(start, end)) }
}

function written({ type, tag }: Redacted, write: 'tag' | 'full' | 'placeholder'): string {
  if (write === 'placeholder' || tag === undefined) return PLACEHOLDER
  return write === 'tag' ? `${PLACEHOLDER}~${tag}` : `${PLACEHOLDER.slice(0, -1)}:${type}]~${tag}`
}
