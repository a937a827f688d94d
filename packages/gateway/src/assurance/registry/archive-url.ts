import { SallyportError } from '@sallyport/core'
import type { Client } from './client.ts'
import { withoutQuery } from './get.ts'
import { hexOf } from './integrity.ts'
import { nameOf, type Reference } from './reference.ts'
import { checkDetached, publishersOf, type Signature } from './signature.ts'
import type { Handed } from './source.ts'

type ArchiveReference = Extract<Reference, { readonly kind: 'https' }>

/** Fetches an archive by its URL, holds it against the hash of the reference, and checks `URL.sig` where a publisher may sign for it. */
export async function fetchArchive(at: ArchiveReference, client: Client): Promise<Handed> {
  const got = await client.bytes({ ...archiveRequest(at.url, client), accept: '*/*', most: client.config.limits.bytes })
  const came = hexOf('sha256', got.bytes)
  if (came !== at.sha256)
    throw new SallyportError('SP_REGISTRY_INTEGRITY', `The reference says ${at.sha256}, ${came} came.`, {
      details: { announced: at.sha256, came },
    })
  const signature = await signatureOf(at.url, got.bytes, client)
  return {
    ...{ name: nameOf(at), source: 'archive', archive: got.bytes, top: 'if-alone', signature, isAnnounced: true },
    url: withoutQuery(got.url),
    notes: [],
    check: ({ files }) => ({ files, notes: [] }),
  }
}

/** @throws SallyportError SP_REGISTRY_NOT_CONFIGURED for a host that archives do not come from */
export function archiveRequest(
  url: string,
  { config }: Client,
): { readonly url: string; readonly hosts: readonly string[] } {
  const { hosts } = config.archives
  const { hostname, port } = new URL(url)
  const own = `${hostname}:${port === '' ? 443 : port}`
  if (!hosts.some((one) => (one.includes(':') ? one : `${one}:443`) === own))
    throw new SallyportError(
      'SP_REGISTRY_NOT_CONFIGURED',
      `Archives do not come from ${own} (registries.archives.hosts).`,
    )
  return { url, hosts }
}

async function signatureOf(url: string, bytes: Uint8Array, client: Client): Promise<Signature> {
  const publishers = publishersOf(url, client.config.publishers)
  if (publishers.length === 0)
    return { state: 'absent', why: 'No publisher of the configuration signs for this place.' }
  const { origin, pathname, search } = new URL(url)
  const sig = await client.optionalBytes({
    ...archiveRequest(`${origin}${pathname}.sig${search}`, client),
    accept: '*/*',
    most: 1_024,
  })
  if (sig === undefined) return { state: 'absent', why: 'There is no .sig beside it.' }
  return checkDetached(bytes, sig.bytes, publishers)
}
