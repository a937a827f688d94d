import { canonicalJson, decodeUtf8, escapeText, parseJson, SallyportError, type Json } from '@sallyport/core'
import { z } from 'zod'
import type { Registries } from '../../config/registries-schema.ts'
import type { BundleFile } from '../admission/bundle.ts'
import { signatureOfPackage } from './attestations.ts'
import { requestTo, type Client, type Place } from './client.ts'
import { withoutQuery } from './get.ts'
import { hexOf, readIntegrity, requireIntegrity } from './integrity.ts'
import { requireSame } from './mismatch.ts'
import type { Reference } from './reference.ts'
import { wordNotes } from './signals.ts'
import { checkNpmSignatures } from './signature.ts'
import type { Handed } from './source.ts'

type NpmReference = Extract<Reference, { readonly kind: 'npm' }>

const scripts = z.record(z.string(), z.unknown()).nullish()

/** `GET /NAME/VERSION`. */
const packageShape = z.object({
  name: z.string().max(256),
  version: z.string().max(256),
  description: z.string().max(20_000).nullish().catch(undefined),
  deprecated: z.union([z.string(), z.boolean()]).nullish().catch(undefined),
  scripts: scripts.catch(undefined),
  dependencies: scripts.catch(undefined),
  dist: z.object({
    tarball: z.string().max(2_048),
    integrity: z.string().max(1_024).nullish(),
    shasum: z
      .string()
      .regex(/^[0-9a-f]{40}$/)
      .nullish(),
    fileCount: z.number().int().nonnegative().nullish(),
    unpackedSize: z.number().int().nonnegative().nullish(),
    signatures: z
      .array(z.object({ keyid: z.string().max(256), sig: z.string().max(1_024) }))
      .max(16)
      .nullish(),
    attestations: z.object({ url: z.string().max(2_048) }).nullish(),
  }),
})
type Description = z.infer<typeof packageShape>

/** Scripts that installers run unasked. Here nothing is run. */
const INSTALL = ['preinstall', 'install', 'postinstall', 'prepare']

/** `GET /NAME`, for registries that do not describe one version alone. */
const allShape = z.object({
  name: z.string().max(256),
  versions: z.record(z.string(), z.unknown()),
  'dist-tags': z.record(z.string(), z.string().max(256)).nullish(),
})
const tagsShape = z.record(z.string(), z.string().max(256))

const packagePath = (name: string, rest = ''): string => `/${name.replace('/', '%2f')}${rest}`

async function describe({ name, version }: NpmReference, place: Place, client: Client): Promise<Description> {
  const one = await client.optionalJson(packageShape, place, packagePath(name, `/${version}`))
  if (one !== undefined) return one
  const all = await client.json(allShape, place, packagePath(name))
  requireSame('name', name, all.name)
  const own = new Map(Object.entries(all.versions)).get(version)
  if (own === undefined) throw new SallyportError('SP_REGISTRY_UNKNOWN', 'It has no such version.')
  const read = packageShape.safeParse(own)
  if (read.success) return read.data
  throw new SallyportError('SP_REGISTRY_ANSWER', 'The description of the version has another form.')
}

/** Names of versions, as they are now. */
export async function tagsOf(name: string, place: Place, client: Client): Promise<ReadonlyMap<string, string>> {
  const tags = await client.optionalJson(tagsShape, place, `/-/package${packagePath(name, '/dist-tags')}`)
  if (tags !== undefined) return new Map(Object.entries(tags))
  const all = await client.json(allShape, place, packagePath(name))
  requireSame('name', name, all.name)
  return new Map(Object.entries(all['dist-tags'] ?? {}))
}

/** Fetches a version of a package of npm, and checks what its registry signed. */
export async function fetchNpm(
  at: NpmReference,
  place: NonNullable<Registries['npm']>,
  client: Client,
): Promise<Handed> {
  const { name, version } = at
  const described = await describe(at, place, client)
  requireSame('name', name, described.name)
  requireSame('version', version, described.version)
  const { dist } = described
  if (!/^https?:\/\//.test(dist.tarball))
    throw new SallyportError('SP_REGISTRY_ANSWER', 'It does not say where the package is.')
  const integrity = dist.integrity ?? ''
  const isAnnounced = integrity !== ''
  // before anything is fetched: a hash that is none, or only weak ones
  if (isAnnounced) readIntegrity(integrity)
  const registry = checkNpmSignatures({ name, version, integrity }, dist.signatures ?? [], place.keys, client.now())
  const got = await client.bytes({
    ...requestTo(place, dist.tarball),
    accept: 'application/octet-stream',
    most: client.config.limits.bytes,
  })
  if (isAnnounced) requireIntegrity(got.bytes, integrity, 'The package')
  if (typeof dist.shasum === 'string' && dist.shasum !== hexOf('sha1', got.bytes))
    throw new SallyportError(
      'SP_REGISTRY_INTEGRITY',
      `The package: announced is ${dist.shasum}, ${hexOf('sha1', got.bytes)} came.`,
    )
  const about = { name, version, archive: got.bytes }
  const { signature, notes } = await signatureOfPackage(about, registry, dist.attestations?.url, place, client)
  return {
    ...{ name, version, source: 'npm', archive: got.bytes, top: 'always', signature, isAnnounced },
    url: withoutQuery(got.url),
    notes: [
      ...notes,
      ...(described.deprecated === undefined || described.deprecated === null || described.deprecated === false
        ? []
        : [`Its publisher has deprecated it: "${escapeText(String(described.deprecated).slice(0, 300))}".`]),
      ...wordNotes([described.description]),
      'Nobody reviews packages of this registry.',
    ],
    check: ({ files }) => {
      if (typeof dist.fileCount === 'number') requireSame('number of files', dist.fileCount, files.length)
      const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0)
      if (typeof dist.unpackedSize === 'number') requireSame('size of all files', dist.unpackedSize, size)
      return { files, notes: ownNotes(files, described) }
    },
  }
}

const ownShape = z.object({
  name: z.string(),
  version: z.string(),
  scripts: scripts.catch(undefined),
  dependencies: scripts.catch(undefined),
})

/** The package says the same about itself as its registry does; where it says other things that matter, that is a note. */
function ownNotes(files: readonly BundleFile[], described: Description): readonly string[] {
  const own = files.find(({ path }) => path === 'package.json')
  if (own === undefined)
    throw new SallyportError('SP_REGISTRY_ARCHIVE', 'It has no package.json.', { details: { reason: 'manifest' } })
  let said: z.infer<typeof ownShape>
  try {
    said = ownShape.parse(parseJson(decodeUtf8(own.bytes).replace(/^\ufeff/, '')))
  } catch (cause) {
    throw new SallyportError('SP_REGISTRY_ARCHIVE', 'Its package.json cannot be read.', {
      cause,
      details: { reason: 'manifest' },
    })
  }
  requireSame('name in the package', described.name, said.name)
  requireSame('version in the package', described.version, said.version)
  const differ = (['scripts', 'dependencies'] as const).filter((one) => plain(described[one]) !== plain(said[one]))
  const run = INSTALL.filter((one) => said.scripts?.[one] !== undefined)
  return [
    ...(differ.length === 0 ? [] : [`The registry shows other ${differ.join(' and ')} than the package has.`]),
    ...(run.length === 0 ? [] : [`Installers would run its scripts ${run.join(', ')}; here nothing of it is run.`]),
  ]
}

const plain = (value: Record<string, unknown> | null | undefined): string => canonicalJson((value ?? {}) as Json)
