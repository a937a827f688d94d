import { SallyportError, toSallyportError, type PostureSeverity } from '@sallyport/core'
import { z } from 'zod'
import { cvssSeverity } from './cvss.ts'

/** One change in a range of versions, in the words of OSV. */
const event = z.union([
  z.strictObject({ introduced: z.string().min(1).max(200) }),
  z.strictObject({ fixed: z.string().min(1).max(200) }),
  z.strictObject({ last_affected: z.string().min(1).max(200) }),
  z.strictObject({ limit: z.string().min(1).max(200) }),
])
const range = z.object({ type: z.enum(['SEMVER', 'ECOSYSTEM', 'GIT']), events: z.array(event).min(1).max(2000) })
const affected = z.object({
  package: z.object({ ecosystem: z.string().min(1).max(100), name: z.string().min(1).max(400) }).optional(),
  ranges: z.array(range).max(2000).default([]),
  versions: z.array(z.string().max(200)).max(50_000).default([]),
})
const time = z.iso.datetime({ offset: true })
const ratings = z.array(z.object({ type: z.string().max(40), score: z.string().max(400) })).max(20)

/** What of a record (OSV schema 1) is used. Members of later versions are left out; a known member of another form is an error. */
const RECORD = z.object({
  id: z.string().regex(/^[A-Za-z0-9][\w:.-]{2,100}$/),
  modified: time,
  withdrawn: time.optional(),
  aliases: z.array(z.string().max(100)).max(200).default([]),
  summary: z.string().max(4000).default(''),
  severity: ratings.nullish(),
  affected: z.array(affected).max(5000).default([]),
  database_specific: z.object({ severity: z.string().max(40).nullish() }).nullish(),
})

export type AffectedRange = z.infer<typeof range>

/** A record as it is kept: GIT ranges and packages without a name are of no use to an inventory and are left out. */
export const ADVISORY = z.strictObject({
  id: z.string(),
  modified: z.string(),
  aliases: z.array(z.string()),
  summary: z.string(),
  /** Absent: nobody has rated it. */
  severity: z.enum(['critical', 'high', 'medium', 'low', 'info']).optional(),
  affected: z.array(
    z.strictObject({ ecosystem: z.string(), name: z.string(), ranges: z.array(range), versions: z.array(z.string()) }),
  ),
})
export type Advisory = z.infer<typeof ADVISORY>

const WORDS: ReadonlyMap<string, PostureSeverity> = new Map([
  ['CRITICAL', 'critical'],
  ['HIGH', 'high'],
  ['MODERATE', 'medium'],
  ['MEDIUM', 'medium'],
  ['LOW', 'low'],
])

/**
 * One record, a list of records or `{vulns: […]}`. Records that were withdrawn are left out.
 * @throws SallyportError SP_ADVISORY_INVALID: a file with one bad record is refused whole
 */
export function readOsv(text: string, file: string): readonly Advisory[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new SallyportError('SP_ADVISORY_INVALID', `${file}: ${toSallyportError(cause).message}`, { cause })
  }
  const list = Array.isArray(value) ? value : isList(value) ? value.vulns : [value]
  if (list.length === 0) throw new SallyportError('SP_ADVISORY_INVALID', `${file} holds no record.`)
  return list.flatMap((one: unknown, i) => {
    const read = RECORD.safeParse(one)
    if (!read.success) {
      const [issue] = read.error.issues
      const place = [...(list.length > 1 ? [i] : []), ...(issue?.path ?? [])].join('.')
      throw new SallyportError('SP_ADVISORY_INVALID', `${file}: ${place}: ${issue?.message ?? 'invalid'}`)
    }
    return read.data.withdrawn === undefined ? [kept(read.data)] : []
  })
}

const isList = (value: unknown): value is { readonly vulns: readonly unknown[] } =>
  typeof value === 'object' && value !== null && Array.isArray((value as { readonly vulns?: unknown }).vulns)

function kept(record: z.infer<typeof RECORD>): Advisory {
  const severity = severityOf(record)
  return {
    ...{ id: record.id, modified: record.modified, aliases: record.aliases, summary: record.summary },
    ...(severity !== undefined && { severity }),
    affected: record.affected.flatMap(({ package: of, ranges, versions }) =>
      of === undefined ? [] : [{ ...of, ranges: ranges.filter(({ type }) => type !== 'GIT'), versions }],
    ),
  }
}

/** A malicious package is critical, whatever it is rated. */
function severityOf({ id, database_specific, severity }: z.infer<typeof RECORD>): PostureSeverity | undefined {
  if (id.startsWith('MAL-')) return 'critical'
  const word = WORDS.get(database_specific?.severity?.toUpperCase() ?? '')
  return word ?? severity?.map(({ score }) => cvssSeverity(score)).find((one) => one !== undefined)
}
