import { decodeUtf8, escapeText, parseJson, SallyportError } from '@sallyport/core'
import { z } from 'zod'
import { readManifest } from '../scan/skill/manifest.ts'
import type { BundleFile } from '../admission/bundle.ts'
import { hexOf } from './integrity.ts'
import { requireSame } from './mismatch.ts'

/** What the archive must be of. */
interface Asked {
  readonly name: string
  readonly version: string
}

/** `version.files` of a description. */
export const filesShape = z
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
type Listed = z.infer<typeof filesShape>

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

/**
 * Holds the files of a skill against what the registry announced of them.
 * @returns those of the skill itself, and notes
 * @throws SallyportError SP_REGISTRY_MISMATCH, SP_REGISTRY_INTEGRITY, SP_REGISTRY_ARCHIVE
 */
export function checkContent(
  all: readonly BundleFile[],
  listed: Listed | undefined,
  asked: Asked,
): { readonly files: readonly BundleFile[]; readonly notes: readonly string[] } {
  const files = all.filter(({ path }) => path !== META)
  checkMeta(all, asked)
  if (listed !== undefined) checkListed(files, listed)
  if (!files.some(({ path }) => MANIFESTS.has(path)))
    throw new SallyportError('SP_REGISTRY_ARCHIVE', 'It has no manifest.', { details: { reason: 'manifest' } })
  return { files, notes: manifestNotes(files, asked) }
}

/** `_meta.json` says for which skill and version the archive was made. */
function checkMeta(files: readonly BundleFile[], { name, version }: Asked): void {
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
function manifestNotes(files: readonly BundleFile[], { name, version }: Asked): readonly string[] {
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

/** All that is listed is there, and nothing else (T-146). */
function checkListed(files: readonly BundleFile[], listed: Listed): void {
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
