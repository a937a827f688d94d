import { readFileSync, statSync } from 'node:fs'
import { decodeUtf8, parseJson, SallyportError } from '@sallyport/core'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toTrustMaterial, type TrustMaterial } from '@sigstore/verify'

/** Bytes; real ones have 10 000. */
const MOST = 1_048_576
const MEDIA = /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.1|\.v0\.[12]\+json)$/

/**
 * Authorities and logs that signatures of sigstore are held against. An operator pins the file: nothing here fetches or updates one.
 * @throws SallyportError SP_CONFIG_INVALID
 */
export function readTrustedRoot(path: string): TrustMaterial {
  let text: string
  try {
    const found = statSync(path)
    if (!found.isFile() || found.size > MOST) throw new Error('no file of such a size')
    text = decodeUtf8(readFileSync(path))
  } catch (cause) {
    throw wrong(path, 'cannot be read.', cause)
  }
  return trustIn(text, path)
}

/** @throws SallyportError SP_CONFIG_INVALID */
function trustIn(text: string, path: string): TrustMaterial {
  let trust: TrustMaterial
  try {
    const root = TrustedRoot.fromJSON(parseJson(text, { maxLength: MOST + 1, maxDepth: 32 }))
    if (!MEDIA.test(root.mediaType)) throw new Error('another media type')
    trust = toTrustMaterial(root)
  } catch (cause) {
    throw wrong(path, 'is no trusted root of sigstore, or was cut.', cause)
  }
  const { certificateAuthorities, tlogs, ctlogs } = trust
  if ([certificateAuthorities, tlogs, ctlogs].some((all) => all.length === 0))
    throw wrong(path, 'needs an authority, a log of signatures and a log of certificates, at least.')
  return trust
}

const wrong = (path: string, what: string, cause?: unknown): SallyportError =>
  new SallyportError(
    'SP_CONFIG_INVALID',
    `registries.sigstore.trustedRoot: ${path} ${what}`,
    cause === undefined ? {} : { cause },
  )
