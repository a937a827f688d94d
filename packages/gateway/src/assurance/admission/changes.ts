import { severityRank } from '@sallyport/core'
import type { ScanFinding } from '../scan/finding.ts'
import { byteKind } from '../scan/files/kind.ts'
import type { BundleFile } from './bundle.ts'
import type { Capability } from './capabilities.ts'
import { PARTS, type Fingerprint, type Part } from './parts.ts'
import { textDiff } from './text-diff.ts'

/** One side of a comparison. `files` where the bytes are at hand. */
export interface Side extends Fingerprint {
  readonly files: Fingerprint['files']
  readonly capabilities?: readonly Capability[]
  readonly findings?: readonly Pick<ScanFinding, 'id' | 'severity' | 'file' | 'line' | 'evidence'>[]
  readonly bytes?: readonly BundleFile[]
}

/** What is different, most telling first (E-85): what it can do now, what is found in it now, then parts, files and texts. */
export interface SkillChanges {
  readonly gained: readonly Capability[]
  readonly lost: readonly Capability[]
  readonly findings: readonly Pick<ScanFinding, 'id' | 'severity' | 'file' | 'line' | 'evidence'>[]
  readonly parts: readonly Part[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
  /** Same bytes; may be run now and could not before, or the other way round. */
  readonly modes: readonly string[]
  readonly texts: readonly { readonly path: string; readonly lines: readonly string[] }[]
}

/** Files of which a textual difference is made. */
const MOST_TEXTS = 50

/** What changed from one to the other; undefined when nothing did. */
export function changesBetween(before: Side, after: Side): SkillChanges | undefined {
  if (before.hash === after.hash) return undefined
  const old = new Map(before.files.map((file) => [file.path, file]))
  const now = new Map(after.files.map((file) => [file.path, file]))
  const added = [...now.keys()].filter((path) => !old.has(path))
  const removed = [...old.keys()].filter((path) => !now.has(path))
  const both = [...old.values()].flatMap((one) => {
    const other = now.get(one.path)
    return other === undefined ? [] : [[one, other] as const]
  })
  const changed = both.filter(([one, other]) => one.hash !== other.hash).map(([{ path }]) => path)
  const modes = both.filter(([one, other]) => one.hash === other.hash && one.executable !== other.executable)
  const had = new Set(before.findings?.map(keyOf))
  const fresh = before.findings === undefined ? [] : (after.findings ?? []).filter((one) => !had.has(keyOf(one)))
  const can = (side: Side, other: Side): readonly Capability[] =>
    side.capabilities === undefined || other.capabilities === undefined
      ? []
      : side.capabilities.filter((one) => other.capabilities?.includes(one) !== true)
  return {
    ...{ gained: can(after, before), lost: can(before, after) },
    findings: fresh.toSorted((one, other) => severityRank(other.severity) - severityRank(one.severity)),
    parts: PARTS.filter((part) => before.parts[part] !== after.parts[part]),
    ...{ added, removed, changed, modes: modes.map(([{ path }]) => path) },
    texts: textsOf([...changed, ...added, ...removed], before.bytes, after.bytes),
  }
}

/** Without the line: what only moved is not new. */
const keyOf = ({ id, file, evidence }: Pick<ScanFinding, 'id' | 'file' | 'evidence'>): string =>
  `${id}\0${file}\0${evidence}`

function textsOf(
  paths: readonly string[],
  before: readonly BundleFile[] | undefined,
  after: readonly BundleFile[] | undefined,
): SkillChanges['texts'] {
  if (before === undefined || after === undefined) return []
  const old = new Map(before.map(({ path, bytes }) => [path, bytes]))
  const now = new Map(after.map(({ path, bytes }) => [path, bytes]))
  return paths.slice(0, MOST_TEXTS).flatMap((path) => {
    const [one, other] = [old.get(path), now.get(path)]
    if (![one, other].every((bytes) => bytes === undefined || byteKind(bytes) === 'text')) return []
    return [{ path, lines: textDiff(textOf(one), textOf(other)) }]
  })
}

const textOf = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')

/** The changes as lines for people; what is in a skill stands there as it is, so escape it for where it is shown. */
export function changeLines(changes: SkillChanges): readonly string[] {
  const list = (what: string, items: readonly string[]): string[] => items.map((item) => `${what}  ${item}`)
  return [
    ...list('can now       ', changes.gained),
    ...changes.findings.map(({ severity, id, file, line }) => `found now       ${severity} ${id} at ${file}:${line}`),
    ...list('can no longer ', changes.lost),
    ...(changes.parts.length === 0 ? [] : [`changed parts   ${changes.parts.join(', ')}`]),
    ...list('added         ', changes.added),
    ...list('removed       ', changes.removed),
    ...list('changed       ', changes.changed),
    ...list('may be run or no longer', changes.modes),
    ...changes.texts.flatMap(({ path, lines }) => ['', `--- ${path}`, ...lines]),
  ]
}
