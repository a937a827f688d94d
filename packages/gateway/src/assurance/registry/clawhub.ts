import { escapeText, SallyportError } from '@sallyport/core'
import { z } from 'zod'
import { checkContent, filesShape } from './clawhub-content.ts'
import { requestTo, type Client, type Place } from './client.ts'
import { withoutQuery } from './get.ts'
import { hexOf } from './integrity.ts'
import { requireSame } from './mismatch.ts'
import { judgeModeration, moderationShape, type Accepted } from './moderation.ts'
import type { Reference } from './reference.ts'
import { ageNotes, wordNotes } from './signals.ts'
import type { Handed } from './source.ts'

type ClawhubReference = Extract<Reference, { readonly kind: 'clawhub' }>

const text = (most: number) => z.string().max(most).nullish()
const time = z.number().nullish()

/** `GET /api/v1/skills/{slug}`. */
export const skillShape = z.object({
  skill: z.object({
    slug: z.string().max(128),
    displayName: text(1_000),
    summary: text(20_000),
    createdAt: time,
    tags: z.record(z.string(), z.string().max(128)).nullish(),
  }),
  latestVersion: z.object({ version: z.string().max(128) }).nullish(),
  owner: z.object({ handle: z.string().max(128), createdAt: time }).nullish(),
  moderation: moderationShape.nullish(),
})

/** `GET /api/v1/skills/{slug}/versions/{version}`. */
const versionShape = z.object({
  version: z
    .object({
      version: z.string().max(128),
      changelog: text(50_000),
      files: filesShape.nullish(),
      security: z.object({ status: text(64) }).nullish(),
    })
    .nullable(),
})
const wrappedModeration = z.object({ moderation: moderationShape.nullish() })

export const skillPath = (name: string, owner: string | undefined, rest = ''): string =>
  `/api/v1/skills/${encodeURIComponent(name)}${rest}${owner === undefined ? '' : `?owner=${encodeURIComponent(owner)}`}`

/** Fetches a version of a skill by the routes of ClawHub, and judges what its moderation says. */
export async function fetchClawhub(
  at: ClawhubReference,
  place: Place,
  client: Client,
  accepted: Accepted,
): Promise<Handed> {
  const { name, owner, version } = at
  const detail = await client.json(skillShape, place, skillPath(name, owner))
  requireSame('name', name, detail.skill.slug)
  if (owner !== undefined) requireSame('owner', owner.toLowerCase(), detail.owner?.handle.toLowerCase())
  const described = await client.json(
    versionShape,
    place,
    skillPath(name, owner, `/versions/${encodeURIComponent(version)}`),
  )
  if (described.version === null) throw new SallyportError('SP_REGISTRY_UNKNOWN', 'It has no such version.')
  requireSame('version', version, described.version.version)
  const flagged = await moderationOf(at, place, client)
  const { status } = described.version.security ?? {}
  const scanned = status === 'suspicious' || status === 'malicious' ? [{ verdict: status }] : []
  const moderated = judgeModeration([detail.moderation, flagged.said, ...scanned], accepted)
  const query = new URLSearchParams({ slug: name, version, ...(owner === undefined ? {} : { owner }) })
  const got = await client.bytes({
    ...requestTo(place, `/api/v1/download?${query.toString()}`),
    accept: 'application/zip',
    most: client.config.limits.bytes,
  })
  requireHeaderHash(got.bytes, got.header('x-clawhub-artifact-sha256'))
  const { files } = described.version
  const handle = detail.owner?.handle
  return {
    ...{ name, version, source: 'registry', archive: got.bytes, top: 'never' },
    url: withoutQuery(got.url),
    signature: { state: 'absent', why: 'Registries of this kind sign nothing.' },
    isAnnounced: files !== null && files !== undefined && files.every(({ sha256 }) => typeof sha256 === 'string'),
    notes: [
      handle === undefined ? 'The registry does not say who published it.' : `Published by ${escapeText(handle)}.`,
      ...(owner === undefined
        ? ['The reference does not name the publisher; another one may take the name later.']
        : []),
      ...moderated,
      ...flagged.notes,
      ...ageNotes('The account of its publisher', detail.owner?.createdAt ?? undefined, client.now()),
      ...ageNotes('This entry', detail.skill.createdAt ?? undefined, client.now()),
      ...wordNotes([detail.skill.displayName, detail.skill.summary, described.version.changelog]),
    ],
    check: ({ files: all }) => checkContent(all, files ?? undefined, at),
  }
}

/** The state of its moderation by a route of its own, which has nothing about what is not flagged. */
async function moderationOf(
  { name, owner }: ClawhubReference,
  place: Place,
  client: Client,
): Promise<{ readonly said?: z.infer<typeof moderationShape> | null | undefined; readonly notes: readonly string[] }> {
  try {
    const answer = await client.optionalJson(wrappedModeration, place, skillPath(name, owner, '/moderation'))
    return { said: answer?.moderation, notes: [] }
  } catch (thrown) {
    if (!(thrown instanceof SallyportError) || !WEAK.has(thrown.code)) throw thrown
    return { notes: ['Not verified: the state of its moderation could not be read.'] }
  }
}
const WEAK = new Set(['SP_REGISTRY_UNAVAILABLE', 'SP_REGISTRY_ANSWER', 'SP_REGISTRY_TRUNCATED'])

function requireHeaderHash(bytes: Uint8Array, announced: string | undefined): void {
  if (announced === undefined || announced.toLowerCase() === hexOf('sha256', bytes)) return
  throw new SallyportError(
    'SP_REGISTRY_INTEGRITY',
    `The archive: announced is ${escapeText(announced.slice(0, 80))}, ${hexOf('sha256', bytes)} came.`,
  )
}
