import { inOrder, POSTURE_SEVERITIES, type PostureFinding, type PostureSeverity } from '@sallyport/core'
import type { Component, Inventory } from '../sbom/component.ts'
import { pypiName } from '../sbom/purl.ts'
import { exposureOf, fixOf } from './affects.ts'
import type { Advisory } from './osv.ts'
import { ageOf, type Snapshot } from './snapshot.ts'

/** Days after which a snapshot is too old to say that nothing is known. */
const OLD_DAYS = 7
const DAY = 86_400_000
const IMPORT = 'Get the records of npm, PyPI and Go in OSV form and run `sallyport advisories import DIR`.'

type Package = Component & { readonly kind: 'package' }

/**
 * What is known against the packages of an inventory (AC-7.5.2, HB-2). Without a snapshot, or with an old one, that is a
 * finding: nothing was verified. `now` in ms since 1970.
 */
export function advisoryFindings(
  inventory: Inventory,
  snapshot: Snapshot | undefined,
  now: number,
): readonly PostureFinding[] {
  return inOrder([
    ...snapshotFindings(snapshot, now),
    ...inventory.notes.map(({ path, message }): PostureFinding => ({
      ...{ id: 'supply.not_listed', severity: 'medium', subject: path, file: path },
      detail: `Not verified: ${message}`,
      why: 'What is not listed is not compared with what is known.',
      remediation: 'Repair the file, or pin what it needs with a lock file.',
    })),
    ...(snapshot === undefined ? [] : knownFindings(inventory, snapshot)),
  ])
}

function snapshotFindings(snapshot: Snapshot | undefined, now: number): readonly PostureFinding[] {
  const base = {
    severity: 'medium',
    ...{ subject: 'advisories', remediation: IMPORT },
    why: 'A package with a known hole, or a malicious one, would not be noticed.',
  } as const
  if (snapshot === undefined)
    return [{ ...base, id: 'supply.advisories_missing', detail: 'Not verified: no advisories were imported.' }]
  const days = Math.floor(ageOf(snapshot, now) / DAY)
  if (days < OLD_DAYS || (days === OLD_DAYS && ageOf(snapshot, now) <= OLD_DAYS * DAY)) return []
  const age = Number.isFinite(days) ? `${days} days old` : 'without a date, or imported in the future'
  return [{ ...base, id: 'supply.advisories_old', detail: `Not verified for today: the newest record is ${age}.` }]
}

interface Hit {
  readonly advisory: Advisory
  readonly fix: string | undefined
}

function knownFindings({ components }: Inventory, { advisories }: Snapshot): readonly PostureFinding[] {
  const byName = new Map<string, { advisory: Advisory; affected: Advisory['affected'][number] }[]>()
  for (const advisory of advisories)
    for (const affected of advisory.affected) {
      const key = keyOf(affected.ecosystem, affected.name)
      const list = byName.get(key)
      if (list === undefined) byName.set(key, [{ advisory, affected }])
      else list.push({ advisory, affected })
    }
  return components.flatMap((one) => {
    if (one.kind !== 'package') return []
    const [hits, unknown]: [Hit[], string[]] = [[], []]
    for (const { advisory, affected } of byName.get(keyOf(one.ecosystem, one.name)) ?? []) {
      const exposure = exposureOf(one.ecosystem, one.version, affected)
      if (exposure === 'affected') hits.push({ advisory, fix: fixOf(one.ecosystem, one.version, affected) })
      else if (exposure === 'unknown') unknown.push(advisory.id)
    }
    return [...grouped(hits).map((group) => vulnerable(one, group)), ...unreadable(one, [...new Set(unknown)])]
  })
}

const keyOf = (ecosystem: string, name: string): string =>
  `${ecosystem}\0${ecosystem === 'PyPI' ? pypiName(name) : name}`

/** Records of several databases about the same hole, by their aliases. */
function grouped(hits: readonly Hit[]): readonly (readonly Hit[])[] {
  const groups: { ids: Set<string>; hits: Hit[] }[] = []
  for (const hit of hits) {
    const ids = [hit.advisory.id, ...hit.advisory.aliases]
    const group = groups.find((one) => ids.some((id) => one.ids.has(id)))
    if (group === undefined) groups.push({ ids: new Set(ids), hits: [hit] })
    else {
      group.hits.push(hit)
      for (const id of ids) group.ids.add(id)
    }
  }
  return groups.map((group) => group.hits)
}

function vulnerable(one: Package, group: readonly Hit[]): PostureFinding {
  const ids = [...new Set(group.flatMap(({ advisory }) => [advisory.id, ...advisory.aliases]))]
  const rated = group.flatMap(({ advisory }) => advisory.severity ?? [])
  const severity = worst(rated) ?? 'high'
  const summary = group.map(({ advisory }) => advisory.summary).find((text) => text !== '') ?? ids[0] ?? ''
  const fixes = [...new Set(group.flatMap(({ fix }) => fix ?? []))]
  const malicious = group.some(({ advisory }) => advisory.id.startsWith('MAL-'))
  return {
    ...{ id: malicious ? 'supply.malicious_package' : 'supply.vulnerable_package', severity },
    subject: `${one.ecosystem} ${one.name}@${one.version}`,
    detail: `${summary} (${ids.join(', ')})${rated.length === 0 ? '; nobody has rated it, so it counts as high' : ''}`,
    why: 'The hole is public: whoever can reach the package can use it.',
    remediation:
      fixes.length > 0
        ? `Update ${one.name} to ${fixes.join(' or ')} or later.`
        : `No repaired version of ${one.name} is known: take it out, or another one.`,
    ...(one.from[0] !== undefined && { file: one.from[0] }),
  }
}

const worst = (severities: readonly PostureSeverity[]): PostureSeverity | undefined =>
  POSTURE_SEVERITIES.find((severity) => severities.includes(severity))

function unreadable(one: Package, ids: readonly string[]): readonly PostureFinding[] {
  if (ids.length === 0) return []
  return [
    {
      ...{
        id: 'supply.version_unreadable',
        severity: 'medium',
        subject: `${one.ecosystem} ${one.name}@${one.version}`,
      },
      detail: `Not verified: its version cannot be compared with ${ids.slice(0, 20).join(', ')}.`,
      why: 'It may have a hole that is public.',
      remediation: 'Read these records and compare by hand.',
      ...(one.from[0] !== undefined && { file: one.from[0] }),
    },
  ]
}
