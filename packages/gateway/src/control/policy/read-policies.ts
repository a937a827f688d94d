import {
  documentToCedar,
  parsePolicyVersion,
  readAnnotations,
  type EstPolicy,
  type PolicyDocument,
  type PolicySource,
} from '@sallyport/core'
import { forwardPositions, positionOf, positionOfByte, type Issue, type Position } from './position.ts'
import { splitPolicies } from './split-policies.ts'
import { readYamlFile, type YamlFile } from './yaml-file.ts'
import type { Cedar, CedarFault } from './cedar.ts'
import type { SourceFile } from './sources.ts'

/** A policy with the place of every byte of it, for errors that come later. */
export interface LocatedPolicy extends PolicySource {
  readonly col: number
  /** Place of a byte of `text`. */
  readonly at: (byte: number) => Position
}
export interface ReadFile {
  readonly file: SourceFile
  readonly version: string
  readonly policies: readonly LocatedPolicy[]
  readonly tests?: Extract<YamlFile, { kind: 'tests' }>
  readonly document?: PolicyDocument
}

/** What a file without a version counts as: older than every version. */
const NO_VERSION = '0.0'

/** ESTs by text: the same policy is parsed once, whatever happens around it. */
export type EstCache = Map<string, EstPolicy>

/** Parses one file. Problems go to `issues`; what could not be read is missing from the result. */
export function readPolicyFile(file: SourceFile, cedar: Cedar, cache: EstCache, issues: Issue[]): ReadFile {
  if (file.language === 'cedar') return readCedarFile(file, cedar, cache, issues)
  const yaml = readYamlFile(file.path, file.text)
  if (!yaml.ok) {
    issues.push(...yaml.issues)
    return { file, version: NO_VERSION, policies: [] }
  }
  if (yaml.value.kind === 'tests') return { file, version: NO_VERSION, policies: [], tests: yaml.value }
  const { document, at } = yaml.value
  const made = documentToCedar(document, { name: stem(file.path) })
  if (!made.ok) {
    for (const { path, message } of made.problems)
      issues.push({ severity: 'error', file: file.path, ...at(path), message })
    return { file, version: document.version, policies: [], document }
  }
  const policies: LocatedPolicy[] = []
  for (const { id, rule, text } of made.policies) {
    const place = rule < 0 ? at(['default']) : at(['rules', rule])
    const est = parseOne(text, cedar, cache)
    if ('faults' in est)
      issues.push({ severity: 'error', file: file.path, ...place, message: est.faults[0]?.message ?? '' })
    else policies.push({ id, est: est.est, text, file: file.path, ...place, at: () => place })
  }
  return { file, version: document.version, policies, document }
}

/** Parses the policies of a YAML document for another default profile (tests that name one, ND-5.5.a). */
export function readForProfile(
  file: SourceFile,
  document: PolicyDocument,
  profile: string,
  cedar: Cedar,
  cache: EstCache,
): readonly PolicySource[] {
  const made = documentToCedar(document, { name: stem(file.path), profile })
  if (!made.ok) throw new Error(made.problems.map((problem) => problem.message).join('; '))
  return made.policies.map(({ id, text }) => {
    const est = parseOne(text, cedar, cache)
    if ('faults' in est) throw new Error(est.faults[0]?.message)
    return { id, est: est.est, text, file: file.path, line: 1 }
  })
}

export const stem = (path: string): string => (path.split(/[/:]/).at(-1) ?? path).replace(/(?:\.test)?\.[a-z]+$/, '')

function readCedarFile(file: SourceFile, cedar: Cedar, cache: EstCache, issues: Issue[]): ReadFile {
  const { text, path } = file
  const report = (place: Position, message: string, severity: Issue['severity'] = 'error'): void => {
    issues.push({ severity, file: path, ...place, message })
  }
  /** The engine's own parser looks at the whole text and says what is wrong with it. */
  const refuse = (): ReadFile => {
    const whole = cedar.split(text)
    const faults = whole.ok ? [{ message: 'cannot be read', start: 0 }] : whole.faults
    for (const fault of faults) report(positionOfByte(text, fault.start), fault.message)
    return { file, version: version ?? NO_VERSION, policies: [] }
  }
  const version = headerVersion(text)
  if (version === undefined && file.origin === 'file') {
    report(
      { line: 1, col: 1 },
      'no `// version: N.N` line at the top: a change of this file needs one to be loaded',
      'warning',
    )
  }
  const policies: LocatedPolicy[] = []
  const parts = splitPolicies(text)
  const places = forwardPositions(text)
  const heavy = parts === undefined ? undefined : cedar.weigh(text)
  for (const [index, part] of heavy === undefined ? (parts ?? []).entries() : []) {
    const at = (byte: number): Position => positionOfByte(text, Buffer.byteLength(text.slice(0, part.start)) + byte)
    const parsed = parseOne(part.text, cedar, cache)
    if ('faults' in parsed) return refuse()
    const meta = readAnnotations(parsed.est, `${stem(path)}.policy${index + 1}`)
    if (!meta.ok) {
      const found = part.text.indexOf(`@${meta.annotation}`)
      report(positionOf(text, part.start + Math.max(0, found)), meta.problem)
      continue
    }
    const place = places(part.start)
    policies.push({ id: meta.meta.id, est: parsed.est, text: part.text, file: path, ...place, at })
  }
  if (parts === undefined || heavy !== undefined) return refuse()
  return { file, version: version ?? NO_VERSION, policies }
}

function parseOne(
  text: string,
  cedar: Cedar,
  cache: EstCache,
): { readonly est: EstPolicy } | { readonly faults: readonly CedarFault[] } {
  const known = cache.get(text)
  if (known !== undefined) return { est: known }
  const parsed = cedar.parse(text)
  if (!parsed.ok) return { faults: parsed.faults }
  cache.set(text, parsed.value)
  return { est: parsed.value }
}

/** `// version: 1.3` among the comments before the first policy. */
function headerVersion(text: string): string | undefined {
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    if (!line.startsWith('//')) return undefined
    const version = /^\/\/\s*version:\s*([0-9]+\.[0-9]+)\s*$/.exec(line)?.[1]
    if (version !== undefined && parsePolicyVersion(version) !== undefined) return version
  }
  return undefined
}
