import { SallyportError } from '@sallyport/core'
import type { Client } from './client.ts'
import { withoutQuery } from './get.ts'
import { certifiedText, identitiesOf, identityOf } from './identities.ts'
import { hexOf } from './integrity.ts'
import { nameOf, type Reference } from './reference.ts'
import { checkDetached, publishersOf, strongest, type Signature } from './signature.ts'
import { verifyArchive } from './sigstore.ts'
import type { Handed } from './source.ts'

/** Bytes; real ones have 10 000. */
const MOST_OF_A_BUNDLE = 262_144

type ArchiveReference = Extract<Reference, { readonly kind: 'https' }>

/** Fetches an archive by its URL, holds it against the hash of the reference, and checks what is signed beside it where somebody may sign for it. */
export async function fetchArchive(at: ArchiveReference, client: Client): Promise<Handed> {
  const got = await client.bytes({ ...archiveRequest(at.url, client), accept: '*/*', most: client.config.limits.bytes })
  const came = hexOf('sha256', got.bytes)
  if (came !== at.sha256)
    throw new SallyportError('SP_REGISTRY_INTEGRITY', `The reference says ${at.sha256}, ${came} came.`, {
      details: { announced: at.sha256, came },
    })
  const { signature, notes } = await signatureOf(at.url, got.bytes, client)
  return {
    ...{ name: nameOf(at), source: 'archive', archive: got.bytes, top: 'if-alone', signature, isAnnounced: true },
    url: withoutQuery(got.url),
    notes,
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

/** What publishers and identities of the configuration have signed; one of them is enough, and none of theirs may be broken. */
async function signatureOf(given: string, bytes: Buffer<ArrayBuffer>, client: Client): Promise<Proved> {
  // who may sign is a matter of where it lies, and `/acme/../other/` is not of acme
  const url = new URL(given).href
  const signed = await detachedOf(url, bytes, client)
  const bundled = await bundledOf(url, bytes, client)
  if (bundled === undefined) return { signature: signed, notes: [] }
  const { signature, notes } = bundled
  const isQuiet = signature.state !== 'unverified' || signed.state !== 'verified'
  return {
    signature: strongest(signature, signed),
    notes: [...notes, ...(isQuiet ? [] : [`Not verified: ${signature.why}`])],
  }
}

interface Proved {
  readonly signature: Signature
  readonly notes: readonly string[]
}

async function detachedOf(url: string, bytes: Uint8Array, client: Client): Promise<Signature> {
  const publishers = publishersOf(url, client.config.publishers)
  if (publishers.length === 0)
    return { state: 'absent', why: 'No publisher of the configuration signs for this place.' }
  const sig = await beside(url, '.sig', 1_024, client)
  return sig === undefined
    ? { state: 'absent', why: 'There is no .sig beside it.' }
    : checkDetached(bytes, sig, publishers)
}

/** Undefined where no identity of the configuration may sign. */
async function bundledOf(url: string, archive: Buffer<ArrayBuffer>, client: Client): Promise<Proved | undefined> {
  const { trust, config } = client
  if (identitiesOf(url, config.sigstore.identities).length === 0) return undefined
  const found = await beside(url, '.sigstore.json', MOST_OF_A_BUNDLE, client)
  if (found === undefined)
    return { signature: { state: 'absent', why: 'There is no .sigstore.json beside it.' }, notes: [] }
  if (trust === undefined) {
    const why =
      'There is a .sigstore.json beside it, and registries.sigstore.trustedRoot names nothing to check it with.'
    return { signature: { state: 'unverified', why }, notes: [] }
  }
  const signer = verifyArchive(found, archive, trust)
  const by = identityOf(signer, url, config.sigstore.identities)
  const text = certifiedText(signer)
  if (by !== undefined) return { signature: { state: 'verified', by }, notes: [`Signed by ${text}.`] }
  const why = `The signature holds and is by ${text}; no identity under registries.sigstore.identities that may sign for it is that one.`
  return { signature: { state: 'unverified', why }, notes: [] }
}

/** A file beside an archive, under its name with an ending; undefined when there is none. */
async function beside(url: string, ending: string, most: number, client: Client): Promise<Buffer | undefined> {
  const { origin, pathname, search } = new URL(url)
  const at = archiveRequest(`${origin}${pathname}${ending}${search}`, client)
  return (await client.optionalBytes({ ...at, accept: '*/*', most }))?.bytes
}
