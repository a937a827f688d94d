import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml'
import {
  nearest,
  POLICY_DOCUMENT_SCHEMA,
  POLICY_TEST_SCHEMA,
  type JsonObject,
  type PolicyDocument,
  type PolicyTestFile,
} from '@sallyport/core'
import type { Issue, Position } from './position.ts'

/** A YAML file that fits its schema, with the place of every node. */
export type YamlFile =
  | { readonly kind: 'policy'; readonly document: PolicyDocument; readonly at: Locate }
  | { readonly kind: 'tests'; readonly tests: PolicyTestFile; readonly at: Locate }
type Locate = (path: readonly (string | number)[]) => Position

export type YamlResult =
  { readonly ok: true; readonly value: YamlFile } | { readonly ok: false; readonly issues: readonly Issue[] }

/**
 * Reads a policy or a file of policy tests (one with `tests` at the top). No anchors, aliases, merge keys, tags or
 * duplicate keys: two readers could disagree on them (T-049).
 */
export function readYamlFile(file: string, text: string): YamlResult {
  const counter = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: counter,
    uniqueKeys: true,
    merge: false,
    strict: true,
    prettyErrors: false,
  })
  const at: Locate = (path) => locate(document, counter, path)
  const issue = (place: Position, message: string): Issue => ({ severity: 'error', file, ...place, message })
  if (document.errors.length > 0) {
    const issues = document.errors.map((error) => issue(offsetPosition(counter, error.pos[0]), error.message))
    return { ok: false, issues }
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 0 })
  } catch {
    return { ok: false, issues: [issue(at([]), 'anchors and aliases are not allowed here')] }
  }
  if (!isMap(document.contents)) return { ok: false, issues: [issue(at([]), 'expected a mapping')] }
  const kind = document.has('tests') ? 'tests' : 'policy'
  const validate = validator(kind)
  if (!validate(value)) {
    return { ok: false, issues: firstErrors(validate.errors ?? []).map((error) => toIssue(error, issue, at)) }
  }
  const result: YamlFile =
    kind === 'tests' ? { kind, tests: value as PolicyTestFile, at } : { kind, document: value as PolicyDocument, at }
  return { ok: true, value: result }
}

/** The schemas are ours and tested: a start does not check them again, nor polish code that runs once. */
const SETTINGS = { allErrors: true, strict: false, verbose: true, validateSchema: false, code: { optimize: false } }
const compiled = new Map<string, ValidateFunction>()
function validator(kind: 'tests' | 'policy'): ValidateFunction {
  const known = compiled.get(kind)
  if (known !== undefined) return known
  const schema = kind === 'tests' ? POLICY_TEST_SCHEMA : POLICY_DOCUMENT_SCHEMA
  const made = new Ajv(SETTINGS).compile(schema)
  compiled.set(kind, made)
  return made
}

/** Without the branches of an `anyOf` when the `anyOf` itself is reported. */
function firstErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf').map((error) => error.schemaPath)
  return errors.filter((error) => !unions.some((path) => error.schemaPath.startsWith(`${path}/`)))
}

function toIssue(error: ErrorObject, issue: (at: Position, text: string) => Issue, at: Locate): Issue {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part))
  if (error.keyword === 'additionalProperties') {
    const key = (error.params as { additionalProperty: string }).additionalProperty
    const known = Object.keys((error.parentSchema as { properties?: JsonObject }).properties ?? {})
    const near = nearest(key, known)
    const hint = near === undefined ? `known are ${known.sort().join(', ')}` : `did you mean "${near}"?`
    return issue(at([...path, key]), `unknown key "${key}" (${hint})`)
  }
  if (error.keyword === 'enum') {
    const allowed = (error.params as { allowedValues: unknown[] }).allowedValues
    return issue(at(path), `must be one of ${allowed.join(', ')}`)
  }
  if (error.keyword === 'anyOf') return issue(at(path), 'must be one name or a list of names')
  if (error.keyword === 'pattern' && path.at(-1) === 'version') {
    return issue(at(path), 'must be two numbers with a dot, in quotes: "1.10"')
  }
  return issue(at(path), error.message ?? 'is not valid')
}

function locate(document: Document.Parsed, counter: LineCounter, path: readonly (string | number)[]): Position {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isNode(item.key) && String(item.key) === String(key))
      const start = isNode(pair?.key) ? pair.key.range?.[0] : undefined
      if (start !== undefined) return offsetPosition(counter, start)
    }
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range != null) return offsetPosition(counter, node.range[0])
  }
  return { line: 1, col: 1 }
}

const offsetPosition = (counter: LineCounter, offset: number): Position => {
  const { line, col } = counter.linePos(offset)
  return { line: Math.max(1, line), col: Math.max(1, col) }
}
