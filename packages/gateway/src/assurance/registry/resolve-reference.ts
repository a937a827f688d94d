import { escapeText, SallyportError } from '@sallyport/core'
import { archiveRequest } from './archive-url.ts'
import { skillPath, skillShape } from './clawhub.ts'
import { requestTo, withClient, type Client } from './client.ts'
import type { RegistryDeps } from './deps.ts'
import { hexOf } from './integrity.ts'
import { requireSame } from './mismatch.ts'
import { tagsOf } from './npm.ts'
import { configured } from './places.ts'
import { describeReference, readReference, referenceText, type Loose, type Reference } from './reference.ts'

/**
 * The exact form of a reference without a version, with a tag or a branch, as it is now. Nothing is installed: whoever asked reviews it, and
 * fetches that one (HB-36). Ranges are not resolved.
 * @throws SallyportError SP_REGISTRY_*, SP_EGRESS_*
 */
export async function resolveReference(text: string, deps: RegistryDeps, signal?: AbortSignal): Promise<string> {
  const read = readReference(text)
  if (read.pinned) return referenceText(read.at)
  const { at } = read
  const found = await withClient(deps, signal, (client) => exactly(at, client))
  const resolved = referenceText(found)
  // what a registry says becomes part of a reference only when it is one
  if (describeReference(resolved).pinned) return resolved
  throw new SallyportError('SP_REGISTRY_ANSWER', `It names "${escapeText(resolved.slice(0, 200))}" as the version.`)
}

async function exactly(at: Loose, client: Client): Promise<Reference> {
  switch (at.kind) {
    case 'clawhub':
      return exactSkill(at, client)
    case 'npm':
      return exactPackage(at, client)
    case 'github':
      return exactCommit(at, client)
    case 'https': {
      const got = await client.bytes({
        ...archiveRequest(at.url, client),
        accept: '*/*',
        most: client.config.limits.bytes,
      })
      return { kind: 'https', url: at.url, sha256: hexOf('sha256', got.bytes) }
    }
  }
}

async function exactSkill(at: Extract<Loose, { readonly kind: 'clawhub' }>, client: Client): Promise<Reference> {
  const place = configured(client.config, 'clawhub')
  const { skill, latestVersion, owner } = await client.json(skillShape, place, skillPath(at.name, at.owner))
  requireSame('name', at.name, skill.slug)
  if (at.owner !== undefined) requireSame('owner', at.owner.toLowerCase(), owner?.handle.toLowerCase())
  const tagged = new Map(Object.entries(skill.tags ?? {})).get(at.wanted ?? 'latest')
  const version = tagged ?? (at.wanted === undefined || at.wanted === 'latest' ? latestVersion?.version : undefined)
  if (version === undefined) throw noTag(at.wanted)
  const handle = at.owner ?? owner?.handle
  return { kind: 'clawhub', name: at.name, version, ...(handle === undefined ? {} : { owner: handle }) }
}

async function exactPackage(at: Extract<Loose, { readonly kind: 'npm' }>, client: Client): Promise<Reference> {
  const version = (await tagsOf(at.name, configured(client.config, 'npm'), client)).get(at.wanted ?? 'latest')
  if (version === undefined) throw noTag(at.wanted)
  return { kind: 'npm', name: at.name, version }
}

async function exactCommit(at: Extract<Loose, { readonly kind: 'github' }>, client: Client): Promise<Reference> {
  const { api, token, downloads } = configured(client.config, 'github')
  const place = { url: api, downloads, token }
  const { owner, repo, path, wanted = 'HEAD' } = at
  const got = await client.bytes({
    ...requestTo(place, `/repos/${owner}/${repo}/commits/${encodeURIComponent(wanted)}`),
    accept: 'application/vnd.github.sha',
    most: 1_024,
  })
  const commit = got.bytes.toString('latin1').trim()
  return { kind: 'github', owner, repo, commit, ...(path === undefined ? {} : { path }) }
}

const noTag = (wanted = 'latest'): SallyportError =>
  new SallyportError(
    'SP_REGISTRY_UNKNOWN',
    `It has nothing under the name "${escapeText(wanted)}". Ranges are not resolved.`,
  )
