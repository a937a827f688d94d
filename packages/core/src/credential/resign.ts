import { SallyportError } from '../errors/error.ts'
import { isJsonObject, type Json } from '../json/types.ts'
import { parseJson } from '../json/parse.ts'
import { withoutMembers } from './foreign.ts'
import type { Injectable, Injected, InjectionForm } from './injection.ts'
import { canonicalQuery, signAws, type AwsKey } from './sigv4.ts'

/** What a client's own signature puts into a query (AWS, "Authenticating requests: using query parameters"). */
const PARAMETER = /^x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)$/i
/** The same in headers, besides those that say who it is. */
const HEADER = /^(?:date|x-amz-(?:date|content-sha256|region-set))$/
/** Headers that are signed; the rest belongs to the way there (AWS: `host`, `content-type`, all `x-amz-*`). */
const SIGNED = /^(?:host|content-type|content-md5|x-amz-.+)$/

export const isSignatureParameter = (name: string): boolean => PARAMETER.test(name)

/**
 * The request without the client's signature and with one of ours, over its own body. What is signed piece by piece cannot be signed
 * again here, and what is not signed at all is signed.
 * @param secret JSON: accessKeyId, secretAccessKey, sessionToken
 * @throws SallyportError SP_VAULT_INVALID for a value that is no such JSON; SP_VAULT_BODY for a body that is signed in pieces or a query that can be read in two ways
 */
export function resign(
  { method, head, body = new Uint8Array() }: Injectable,
  { region, service }: Extract<InjectionForm, { readonly kind: 'sigv4' }>,
  secret: string,
  now: number,
): Injected {
  const key = keyOf(secret)
  const { headers } = head
  const sum = String(headers['x-amz-content-sha256'] ?? '')
  const encoding = String(headers['content-encoding'] ?? '')
  if (/^STREAMING-/i.test(sum) || /aws-chunked/i.test(encoding) || 'x-amz-trailer' in headers)
    throw refused('It is signed in pieces (aws-chunked), which cannot be signed again: send it whole.')
  const kept = Object.entries(headers).filter(([name]) => !HEADER.test(name))
  const signable = Object.fromEntries(
    kept
      .filter(([name]) => SIGNED.test(name))
      .map(([name, value]) => [name, typeof value === 'string' ? value : value.join(',')]),
  )
  const query = queryOf(head.search)
  const signed = signedOf({ method, path: head.path, query, headers: signable, body }, { ...key, region, service }, now)
  const { secretAccessKey, sessionToken } = key
  const [, signature = ''] = /Signature=([0-9a-f]+)$/.exec(signed['authorization'] ?? '') ?? []
  const secrets = [secretAccessKey, sessionToken ?? '', signature].filter((each) => each !== '')
  return {
    head: { ...head, search: query === '' ? '' : `?${query}`, headers: { ...Object.fromEntries(kept), ...signed } },
    body,
    secrets: secrets.map((each) => Buffer.from(each)),
  }
}

/** What is sent is what is signed: a `+` would be a space to some and a plus to others. */
function queryOf(search: string): string {
  const own = withoutMembers(search.replace(/^\?/, ''), isSignatureParameter)
  if (own.includes('+')) throw refused('A space in the query has to be %20, and a plus %2B.')
  return readable(() => canonicalQuery(own))
}

const signedOf = (...given: Parameters<typeof signAws>): ReturnType<typeof signAws> => readable(() => signAws(...given))

function readable<T>(act: () => T): T {
  try {
    return act()
  } catch {
    throw refused('Its path or query cannot be decoded.')
  }
}

function keyOf(secret: string): Omit<AwsKey, 'region' | 'service'> {
  const { accessKeyId, secretAccessKey, sessionToken } = membersOf(secret)
  if (typeof accessKeyId !== 'string' || !/^\w{4,128}$/.test(accessKeyId)) throw invalid()
  if (typeof secretAccessKey !== 'string' || secretAccessKey === '') throw invalid()
  if (sessionToken === undefined) return { accessKeyId, secretAccessKey }
  if (typeof sessionToken !== 'string' || !/^[\x21-\x7e]+$/.test(sessionToken)) throw invalid()
  return { accessKeyId, secretAccessKey, sessionToken }
}

function membersOf(secret: string): Readonly<Record<string, Json | undefined>> {
  try {
    const read = parseJson(secret)
    return isJsonObject(read) ? read : {}
  } catch {
    return {}
  }
}

const invalid = (): SallyportError =>
  new SallyportError(
    'SP_VAULT_INVALID',
    'It has to be JSON with accessKeyId, secretAccessKey and perhaps sessionToken.',
  )
const refused = (why: string): SallyportError => new SallyportError('SP_VAULT_BODY', why)
