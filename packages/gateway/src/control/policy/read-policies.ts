import {
  documentToCedar,
  parsePolicyVersion,
  readAnnotations,
  type EstPolicy,
  type PolicyDocument,
  type PolicySource,
} from '@sallyport/core'
import { positionOf, positionOfByte, type Issue, type Position } from './position.ts'
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
  const version = headerVersion(text)
  if (version === undefined && file.origin === 'file') {
    report(
      { line: 1, col: 1 },
      'no `// version: N.N` line at the top: a change of this file needs one to be loaded',
      'warning',
    )
  }
  const parts = cedar.split(text)
  if (!parts.ok) {
    for (const fault of parts.faults) report(positionOfByte(text, fault.start), fault.message)
    return { file, version: version ?? NO_VERSION, policies: [] }
  }
  const policies: LocatedPolicy[] = []
  let offset = 0
  for (const [index, part] of parts.value.entries()) {
    const start = text.indexOf(part, offset)
    offset = start + part.length
    const head = Buffer.byteLength(text.slice(0, start))
    const at = (byte: number): Position => positionOfByte(text, head + byte)
    const parsed = parseOne(part, cedar, cache)
    if ('faults' in parsed) {
      for (const fault of parsed.faults) report(at(fault.start), fault.message)
      continue
    }
    const meta = readAnnotations(parsed.est, `${stem(path)}.policy${index + 1}`)
    if (!meta.ok) {
      const found = part.indexOf(`@${meta.annotation}`)
      report(positionOf(text, start + Math.max(0, found)), meta.problem)
      continue
    }
    policies.push({ id: meta.meta.id, est: parsed.est, text: part, file: path, ...positionOf(text, start), at })
  }
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
