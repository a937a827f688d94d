import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { BYPASSES, SallyportError, withPreset } from '@sallyport/core'
import { misScoped } from '@sallyport/core/surface'
import { isNode, LineCounter, parseDocument, visit, type Document } from 'yaml'
import type { z } from 'zod'
import { configSchema, type Config } from './schema.ts'
import { unanswered } from './weakenings.ts'
import { baseText, leaseText } from './credentials.ts'
import { suggestion } from './suggest.ts'

export interface LoadedConfig {
  readonly config: Config
  /** Absolute path of the file; undefined when the defaults are used. */
  readonly file: string | undefined
  /** Directory that relative paths in the file are relative to. */
  readonly baseDir: string
  /** Dotted paths that the file sets; everything else is a default. */
  readonly set: ReadonlySet<string>
}

export interface ConfigSources {
  /** Values for `${env:NAME}` and `${xdg:NAME}`. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stateDir: string
  readonly now: number
  /** `read`: settings that weaken are read though nobody answers for them. For those who look at a configuration, never for those who run it. */
  readonly unanswered?: 'read'
}

/**
 * Reads `sallyport.yaml`: strict objects, no anchors, merge keys or duplicate keys, interpolation only as a whole scalar.
 * @throws SallyportError SP_CONFIG_INVALID or SP_CONFIG_INSECURE; the message has one line per problem, `file:line:col …`.
 */
export function loadConfig(file: string | undefined, sources: ConfigSources): LoadedConfig {
  if (file === undefined)
    return { config: configSchema.parse({ version: 1 }), file, baseDir: sources.stateDir, set: new Set() }
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('SP_CONFIG_NOT_FOUND', `${file} cannot be read.`, { cause })
  }
  return parseConfig(text, resolve(file), sources)
}

export function parseConfig(text: string, file: string, sources: ConfigSources): LoadedConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false, strict: true })
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`
  const problems = document.errors.map((error) => `${at(error.pos[0])} ${error.message.split('\n')[0]}`)
  visit(document, {
    Alias: (_key, node) => void problems.push(`${at(node.range?.[0] ?? 0)} Anchors and aliases are not allowed.`),
  })
  if (problems.length > 0) throw invalid(problems)
  const raw: unknown = interpolate(document.toJS({ maxAliasCount: 0 }), sources, '')
  const parsed = configSchema.safeParse(filled(raw))
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map((issue) => `${at(place(document, issue))} ${explain(issue, raw)}`))
  }
  if (sources.unanswered !== 'read') {
    refuseInsecure(parsed.data, sources.now)
    refuseMisScoped(parsed.data)
  }
  return { config: parsed.data, file, baseDir: dirname(file), set: new Set(setPaths(raw, '')) }
}

/** What presets give is a default: it does not count as set. */
function filled(raw: unknown): unknown {
  const { credentials } = (raw ?? {}) as { readonly credentials?: unknown }
  if (typeof credentials !== 'object' || credentials === null || Array.isArray(credentials)) return raw
  const each = Object.entries(credentials).map(([name, one]) => [name, withPreset(one)] as const)
  return { ...(raw as object), credentials: Object.fromEntries(each) }
}

/** Paths in the configuration are relative to its file. */
export const configPath = (loaded: LoadedConfig, path: string): string =>
  isAbsolute(path) ? path : resolve(loaded.baseDir, path)

const invalid = (problems: readonly string[]): SallyportError =>
  new SallyportError('SP_CONFIG_INVALID', `\n${problems.join('\n')}`, { details: { problems } })

function refuseInsecure(config: Config, now: number): void {
  const open = unanswered(config, now)
  if (open.length === 0) return
  throw new SallyportError('SP_CONFIG_INSECURE', open.map(({ path, option: { why } }) => `${path}: ${why}`).join(' '))
}

/** What strangers cannot be given stops the start, like every other setting that nobody may make (HB-18, E-91). */
function refuseMisScoped({ surfaces }: Config): void {
  const [first, ...rest] = misScoped(surfaces.tools).map(({ tool, reason }) => `surfaces.tools.${tool}: ${reason}`)
  if (first !== undefined) throw new SallyportError('SP_SURFACE_TOOL', [first, ...rest].join('\n'))
}

function place(document: Document, issue: z.core.$ZodIssue): number {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return keyStart(document, path.slice(0, length)) ?? node.range[0]
  }
  return 0
}

/** Unknown keys are reported where the key stands, not where its value stands. */
function keyStart(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const pairs = (parent as { items?: readonly { key?: { value?: unknown; range?: readonly number[] } }[] } | null)
    ?.items
  return pairs?.find((pair) => pair.key?.value === path.at(-1))?.key?.range?.[0]
}

function explain(issue: z.core.$ZodIssue, raw: unknown): string {
  const where = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') return `${where === '' ? '' : `${where}: `}${issue.message}`
  const key = issue.keys[0] ?? ''
  if (Object.hasOwn(BYPASSES, key))
    return `"${key}" is deprecated: it switches a protection off elsewhere, and was never built here. Remove it.`
  const near = suggestion(key, knownKeys(issue.path, raw))
  return `Unknown key "${key}"${where === '' ? '' : ` in ${where}`}${near === undefined ? '' : ` (did you mean "${near}"?)`}`
}

/** Keys the schema knows at a path: what it fills in for an empty object there, and what is optional. */
function knownKeys(path: readonly PropertyKey[], _raw: unknown): readonly string[] {
  let at: unknown = configSchema
  for (const step of path) at = inner(at, String(step))
  const shape = (unwrap(at) as { shape?: Record<string, unknown> } | undefined)?.shape
  return Object.keys(shape ?? {})
}

interface Wrapper {
  readonly def?: { readonly innerType?: unknown; readonly in?: unknown; readonly valueType?: unknown }
}

function unwrap(schema: unknown): unknown {
  let at = schema
  for (;;) {
    const def = (at as Wrapper | undefined)?.def
    const next = def?.innerType ?? def?.in
    if (next === undefined) return at
    at = next
  }
}

function inner(schema: unknown, key: string): unknown {
  const at = unwrap(schema) as (Wrapper & { shape?: Record<string, unknown> }) | undefined
  return at?.shape?.[key] ?? at?.def?.valueType
}

const REFERENCE = /^\$\{(env|xdg|lease|base):([A-Za-z0-9_][A-Za-z0-9._-]*)\}(\/[^$]*)?$/

const RESOLVE: Readonly<Record<string, (name: string, sources: ConfigSources) => string | undefined>> = {
  env: (name, { env }) => env[name],
  xdg: (name, { stateDir }) => (name === 'data' ? stateDir : undefined),
  lease: leaseText,
  base: baseText,
}

function interpolate(value: unknown, sources: ConfigSources, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => interpolate(item, sources, `${path}.${index}`))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, interpolate(item, sources, `${path}.${key}`)]),
    )
  }
  if (typeof value !== 'string' || !value.includes('${')) return value
  const [, source, name = '', rest = ''] = REFERENCE.exec(value) ?? []
  const found = RESOLVE[source ?? '']?.(name, sources)
  if (found === undefined) throw invalid([`${path.slice(1)}: ${value} cannot be resolved.`])
  return found + rest
}

function setPaths(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, item]) => setPaths(item, path === '' ? key : `${path}.${key}`))
}
