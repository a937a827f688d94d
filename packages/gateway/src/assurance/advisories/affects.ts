import type { Ecosystem } from '../sbom/component.ts'
import type { Advisory, AffectedRange } from './osv.ts'
import { comparePep440 } from './versions/pep440.ts'
import { compareSemver } from './versions/semver.ts'

type Compare = (one: string, other: string) => number | undefined
type Affected = Pick<Advisory['affected'][number], 'ranges' | 'versions'>

/** RubyGems orders its versions by rules of its own, which are not built: only its lists of versions are compared. */
const ORDERS: Readonly<Record<Ecosystem, Compare | undefined>> = {
  npm: compareSemver,
  Go: compareSemver,
  'crates.io': compareSemver,
  PyPI: comparePep440,
  RubyGems: undefined,
}

/** `unknown`: a version, or an order of versions, that this program does not read. It is never taken for unaffected. */
export type Exposure = 'affected' | 'unaffected' | 'unknown'

/** Whether a version is affected, by the rules of OSV (“Evaluation”): it is listed, or lies in a range. */
export function exposureOf(ecosystem: Ecosystem, version: string, { ranges, versions }: Affected): Exposure {
  const plain = ecosystem === 'Go' ? version.replace(/^v/, '') : version
  if (versions.includes(plain) || versions.includes(version)) return 'affected'
  const order = ORDERS[ecosystem]
  if (ranges.length === 0) return versions.length > 0 ? 'unaffected' : 'unknown'
  if (order === undefined) return 'unknown'
  const all = ranges.map((range) => inRange(plain, range, order))
  return all.find((one) => one === 'affected') ?? all.find((one) => one === 'unknown') ?? 'unaffected'
}

function inRange(version: string, { events }: AffectedRange, order: Compare): Exposure {
  const from = (at: string, than: string): number | undefined => (at === '0' ? -1 : order(at, than))
  const limits: (number | undefined)[] = []
  const steps: { readonly at: string; readonly affected: (order: number) => boolean | undefined }[] = []
  for (const event of events) {
    if ('limit' in event) limits.push(event.limit === '*' ? -1 : order(version, event.limit))
    else if ('introduced' in event) steps.push({ at: event.introduced, affected: (by) => (by >= 0 ? true : undefined) })
    else if ('fixed' in event) steps.push({ at: event.fixed, affected: (by) => (by >= 0 ? false : undefined) })
    else steps.push({ at: event.last_affected, affected: (by) => (by > 0 ? false : undefined) })
  }
  if (limits.length > 0 && !limits.some((by) => by !== undefined && by < 0))
    return limits.includes(undefined) ? 'unknown' : 'unaffected'
  let unknown = false
  const sorted = steps.toSorted((a, b) => {
    const by = a.at === b.at ? 0 : b.at === '0' ? 1 : from(a.at, b.at)
    unknown ||= by === undefined
    return by ?? 0
  })
  let state = false
  for (const { at, affected } of sorted) {
    const by = at === '0' ? 1 : order(version, at)
    if (by === undefined) return 'unknown'
    state = affected(by) ?? state
  }
  return unknown ? 'unknown' : state ? 'affected' : 'unaffected'
}

/** The least version above this one in which it is repaired, where the record names one. */
export function fixOf(ecosystem: Ecosystem, version: string, { ranges }: Affected): string | undefined {
  const order = ORDERS[ecosystem]
  if (order === undefined) return undefined
  const above = ranges
    .flatMap(({ events }) => events.flatMap((event) => ('fixed' in event ? [event.fixed] : [])))
    .filter((fixed) => (order(fixed, version) ?? 0) > 0)
  return above.toSorted((a, b) => order(a, b) ?? 0)[0]
}
