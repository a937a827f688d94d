import { createHash, createHmac } from 'node:crypto'

/** A request that is to be signed. Header names in lower case; `host` is among them. */
export interface SignableRequest {
  readonly method: string
  readonly path: string
  /** Without its `?`. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

export interface AwsKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly region: string
  readonly service: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** Services that have the rules of S3: a path is encoded once, and the digest of the body is a header. */
const LIKE_S3 = /^s3(?:express|-.+)?$/

/**
 * Headers that sign a request with AWS Signature Version 4 (docs.aws.amazon.com, "Create a signed AWS API request"): those given, the
 * time, the session token and `authorization`; for S3 the digest of the body as well.
 * @param now ms since 1970
 */
export function signAws(request: SignableRequest, key: AwsKey, now: number): Readonly<Record<string, string>> {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [time.slice(0, 8), key.region, key.service, 'aws4_request']
  const isLikeS3 = LIKE_S3.test(key.service)
  const digest = hash(request.body)
  const headers = {
    ...request.headers,
    'x-amz-date': time,
    ...(isLikeS3 ? { 'x-amz-content-sha256': digest } : {}),
    ...(key.sessionToken === undefined ? {} : { 'x-amz-security-token': key.sessionToken }),
  }
  const names = Object.keys(headers).sort()
  const canonical = [
    request.method,
    isLikeS3 ? pathOfS3(request.path) : canonicalPath(request.path),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${(headers as Record<string, string>)[name]?.trim().replace(/ +/g, ' ') ?? ''}`),
    '',
    names.join(';'),
    digest,
  ].join('\n')
  const toSign = [ALGORITHM, time, scope.join('/'), hash(canonical)].join('\n')
  const signing = scope.reduce<Buffer>((secret, part) => hmac(secret, part), Buffer.from(`AWS4${key.secretAccessKey}`))
  const signature = hmac(signing, toSign).toString('hex')
  const credential = `Credential=${key.accessKeyId}/${scope.join('/')}`
  return {
    ...headers,
    authorization: `${ALGORITHM} ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

const hash = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** Each segment is encoded once more, as all services but S3 want it. */
const canonicalPath = (path: string): string => path.split('/').map(encoded).join('/')
const pathOfS3 = (path: string): string =>
  path
    .split('/')
    .map((segment) => encoded(decodeURIComponent(segment)))
    .join('/')

/**
 * A query in the one form that is signed: members encoded and in order. A plus is a plus.
 * @throws URIError for what cannot be decoded
 */
export function canonicalQuery(query: string): string {
  if (query === '') return ''
  const members = query.split('&').map((member) => {
    const at = member.indexOf('=')
    const [name, value] = at < 0 ? [member, ''] : [member.slice(0, at), member.slice(at + 1)]
    return [encoded(decodeURIComponent(name)), encoded(decodeURIComponent(value))] as const
  })
  const sorted = members.toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
  return sorted.map(([name, value]) => `${name}=${value}`).join('&')
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
