import { createHash } from 'node:crypto'
import { decodeUtf8, escapeText, parseJson, SallyportError } from '@sallyport/core'
import type { Bundle } from '@sigstore/bundle'
import type { TrustMaterial } from '@sigstore/verify'
import { z } from 'zod'
import type { Registries } from '../../config/registries-schema.ts'
import type { Client } from './client.ts'
import { certifiedText, identitiesOf, identityOf } from './identities.ts'
import { broken, npmKey, strongest, type Signature } from './signature.ts'
import { hintOf, readSigstore, verifyByKey, verifyCertified } from './sigstore.ts'

/** A package of npm, as it came. */
interface Package {
  readonly name: string
  readonly version: string
  readonly archive: Uint8Array
}

/** `built`: by whom, by its provenance. `published`: what the registry said then, by a key of the configuration. */
interface Attested {
  readonly built: Signature
  readonly published: Signature
  readonly notes: readonly string[]
}

type Npm = NonNullable<Registries['npm']>

/** `GET` of `dist.attestations.url`. */
const listShape = z.object({
  attestations: z.array(z.object({ predicateType: z.string().max(512), bundle: z.unknown() })).max(16),
})
const PAYLOAD = 'application/vnd.in-toto+json'
const statementShape = z.object({
  _type: z.enum(['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']),
  subject: z.tuple([z.object({ name: z.string(), digest: z.record(z.string(), z.string()) })]),
  predicateType: z.string(),
})
const PROVENANCE: ReadonlySet<string> = new Set(['https://slsa.dev/provenance/v1', 'https://slsa.dev/provenance/v0.2'])
const PUBLISH = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1'

const NOTHING: Attested = {
  built: { state: 'absent', why: 'No attestation says who built it.' },
  published: { state: 'absent', why: 'No attestation says who published it.' },
  notes: [],
}

/**
 * What is known about who made a package. Where the configuration names who may sign for it, that alone counts: a registry that was
 * talked into serving another build signs it like any other (HB-36, T-146, T-177).
 * @param registry what the registry signed
 * @param url of attestations, as the registry names it
 * @throws SallyportError SP_REGISTRY_SIGNATURE when an attestation does not hold; SP_REGISTRY_*, SP_EGRESS_* when they cannot be had
 */
export async function signatureOfPackage(
  of: Package,
  registry: Signature,
  url: string | undefined,
  place: Npm,
  client: Client,
): Promise<{ readonly signature: Signature; readonly notes: readonly string[] }> {
  const { built, published, notes } = url === undefined ? NOTHING : await attestationsAt(url, of, place, client)
  const said = strongest(registry, published)
  if (identitiesOf(`npm:${of.name}`, client.config.sigstore.identities).length > 0)
    return {
      signature: built,
      notes: [...notes, ...(said.state === 'verified' ? [`The registry vouches for it with its key ${said.by}.`] : [])],
    }
  const isQuiet = built.state !== 'unverified' || said.state !== 'verified'
  return { signature: strongest(said, built), notes: [...notes, ...(isQuiet ? [] : [`Not verified: ${built.why}`])] }
}

async function attestationsAt(url: string, of: Package, place: Npm, client: Client): Promise<Attested> {
  if (client.trust === undefined) {
    const why = 'It has attestations of sigstore, and registries.sigstore.trustedRoot names nothing to check them with.'
    return { ...NOTHING, built: { state: 'unverified', why } }
  }
  if (!/^https?:\/\//.test(url))
    throw new SallyportError('SP_REGISTRY_ANSWER', 'It does not say where the attestations of the package are.')
  const list = await client.optionalJson(listShape, place, url)
  let all = NOTHING
  for (const { predicateType, bundle } of list?.attestations ?? []) {
    const read = readSigstore(bundle)
    requireAbout(read, predicateType, of)
    const one = attestedBy(read, predicateType, of, place.keys, client.trust, client.config)
    all = {
      built: strongest(all.built, one.built ?? all.built),
      published: strongest(all.published, one.published ?? all.published),
      notes: [...all.notes, ...(one.notes ?? [])],
    }
  }
  return all
}

/** Who signed one that is about the package. All that have a certificate or a key that is known are verified, whatever they say. */
function attestedBy(
  bundle: Bundle,
  predicateType: string,
  { name }: Package,
  keys: Npm['keys'],
  trust: TrustMaterial,
  config: Registries,
): Partial<Attested> {
  const hint = hintOf(bundle)
  if (hint !== undefined) {
    const known = keys.find(({ id }) => id === hint)
    const why = `An attestation is by the key ${escapeText(hint.slice(0, 128))}, and registries.npm.keys has none of this name.`
    if (known === undefined) return { published: { state: 'unverified', why } }
    verifyByKey(bundle, trust, npmKey(known))
    if (predicateType !== PUBLISH) throw broken('an attestation by a key where one with a certificate is due')
    return { published: { state: 'verified', by: hint } }
  }
  const signer = verifyCertified(bundle, trust)
  if (!PROVENANCE.has(predicateType)) return {}
  const by = identityOf(signer, `npm:${name}`, config.sigstore.identities)
  const text = certifiedText(signer)
  if (by !== undefined) return { built: { state: 'verified', by }, notes: [`Provenance: built by ${text}.`] }
  const why = `Its provenance holds and is by ${text}; no identity under registries.sigstore.identities that may sign for it is that one.`
  return { built: { state: 'unverified', why } }
}

/**
 * An attestation is about exactly this version of this package, and about the bytes that came, whatever the registry says of them.
 * @throws SallyportError SP_REGISTRY_SIGNATURE
 */
function requireAbout({ content }: Bundle, predicateType: string, { name, version, archive }: Package): void {
  if (content.$case !== 'dsseEnvelope' || content.dsseEnvelope.payloadType !== PAYLOAD) throw broken('no attestation')
  const { payload } = content.dsseEnvelope
  let said: z.infer<typeof statementShape>
  try {
    said = statementShape.parse(parseJson(decodeUtf8(payload), { maxLength: payload.length + 1, maxDepth: 64 }))
  } catch {
    throw broken('an attestation of one subject that cannot be read')
  }
  const [{ name: subject, digest }] = said.subject
  if (said.predicateType !== predicateType) throw broken('an attestation of another kind than the registry says')
  if (subject !== `pkg:npm/${name.replace('@', '%40')}@${version}`)
    throw broken(`an attestation about "${escapeText(subject.slice(0, 150))}"`)
  if (digest['sha512'] !== createHash('sha512').update(archive).digest('hex'))
    throw broken('an attestation about another archive')
}
