import { decodeUtf8, escapeText, parseJson, SallyportError } from '@sallyport/core'
import { z } from 'zod'
import { readManifest } from '../scan/skill/manifest.ts'
import type { FetchedFile } from './bundle.ts'
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
      files: z
        .array(
          z.object({
            path: z.string().max(1_024),
            size: z.number().int().nonnegative(),
            sha256: z
              .string()
              .regex(/^[0-9a-f]{64}$/)
              .nullish(),
          }),
        )
        .max(20_000)
        .nullish(),
      security: z.object({ status: text(64) }).nullish(),
    })
    .nullable(),
})
const wrappedModeration = z.object({ moderation: moderationShape.nullish() })

/** What the registry adds to archives. */
const META = '_meta.json'
const MANIFESTS = new Set([
  'SKILL.md',
  'skill.md',
  'openclaw.plugin.json',
  'plugin.json',
  'manifest.json',
  'package.json',
])

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
    check: (opened) => {
      const own = opened.files.filter(({ path }) => path !== META)
      checkMeta(opened.files, at)
      if (files !== null && files !== undefined) checkListed(own, files)
      if (!own.some(({ path }) => MANIFESTS.has(path)))
        throw new SallyportError('SP_REGISTRY_ARCHIVE', 'It has no manifest.', { details: { reason: 'manifest' } })
      return { files: own, notes: manifestNotes(own, at) }
    },
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

/** `_meta.json` says for which skill and version the archive was made. */
function checkMeta(files: readonly FetchedFile[], { name, version }: ClawhubReference): void {
  const meta = files.find(({ path }) => path === META)
  if (meta === undefined) return
  let said: z.infer<typeof metaShape>
  try {
    said = metaShape.parse(parseJson(decodeUtf8(meta.bytes)))
  } catch (cause) {
    throw new SallyportError('SP_REGISTRY_ARCHIVE', `Its ${META} cannot be read.`, {
      cause,
      details: { reason: 'meta' },
    })
  }
  if (said.slug !== undefined) requireSame('name in the archive', name, said.slug)
  if (said.version !== undefined) requireSame('version in the archive', version, said.version)
}
const metaShape = z.object({ slug: z.string().optional(), version: z.string().optional() })

/** What the skill says of itself is often old, and now and then a sign that it is another one. */
function manifestNotes(files: readonly FetchedFile[], { name, version }: ClawhubReference): readonly string[] {
  const file = files.find(({ path }) => /^skill\.md$/i.test(path))
  if (file === undefined) return []
  const { manifest } = readManifest(Buffer.from(file.bytes).toString('utf8', 0, 65_536), file.path)
  const given = manifest.fields.get('version')
  const said = typeof given === 'string' || typeof given === 'number' ? String(given) : undefined
  return [
    ...(manifest.name === '' || manifest.name === name
      ? []
      : [`Weak sign: it calls itself "${escapeText(manifest.name.slice(0, 100))}".`]),
    ...(said === undefined || said === version
      ? []
      : [`Weak sign: it says that it is version "${escapeText(said.slice(0, 100))}".`]),
  ]
}

type Listed = NonNullable<NonNullable<z.infer<typeof versionShape>['version']>['files']>

/** All that is listed is there, and nothing else (T-146). */
function checkListed(files: readonly FetchedFile[], listed: Listed): void {
  const announced = new Map(listed.filter(({ path }) => path !== META).map((one) => [one.path, one]))
  requireSame('number of files', announced.size, files.length)
  for (const { path, bytes } of files) {
    const said = announced.get(path)
    if (said === undefined)
      throw new SallyportError('SP_REGISTRY_MISMATCH', `"${escapeText(path.slice(0, 200))}" was not announced.`)
    requireSame(`size of ${escapeText(path)}`, said.size, bytes.length)
    if (typeof said.sha256 === 'string' && said.sha256 !== hexOf('sha256', bytes))
      throw new SallyportError(
        'SP_REGISTRY_INTEGRITY',
        `${escapeText(path.slice(0, 200))}: announced is ${said.sha256}, ${hexOf('sha256', bytes)} came.`,
      )
  }
}
