import { parse } from 'tldts'
import { SHARED_SERVICES, type SharedService } from './services.ts'
import { DEFAULT_PORTS, type StrictUrl } from './url.ts'

/** How sure the tenant is. `path` and `guess`: by shape, since nobody listed the host. */
export type SinkBasis = 'credential' | 'guess' | 'host' | 'path' | 'service'

/** Who is reached: two URLs with one `id` reach one account, as far as a URL tells (T-101). */
export interface SinkIdentity {
  /** `https://hooks.slack.com/T0AB`: scheme, host, port unless usual, tenant. Compare nothing else. */
  readonly id: string
  readonly scheme: string
  readonly host: string
  /** Registrable domain with private suffixes: `ana.github.io`. The host where there is none. */
  readonly domain: string
  readonly port: number
  /** Account in path or query; empty when the host alone tells. */
  readonly tenant: string
  readonly basis: SinkBasis
  readonly service?: string
  /** Anybody may put things there and fetch them. */
  readonly anonymous?: true
}

const EXACT_HOSTS = new Map<string, SharedService[]>()
const SUFFIXES: (readonly [string, SharedService])[] = []
for (const service of SHARED_SERVICES) {
  for (const host of service.hosts) {
    if (host.startsWith('.')) SUFFIXES.push([host, service])
    else EXACT_HOSTS.set(host, [...(EXACT_HOSTS.get(host) ?? []), service])
  }
}
/** `s3.eu-west-1.amazonaws.com/bucket`; with the bucket in front the host already tells. */
const S3_PATH =
  /^s3(?:[.-](?:dualstack\.)?[a-z0-9-]+|-fips[a-z0-9.-]*|-accelerate(?:\.dualstack)?)?\.amazonaws\.com(?:\.cn)?$/
const SQS = /^(?:sqs|queue)\.[a-z0-9-]+\.amazonaws\.com$/
/** Labels of hosts that take things for many accounts. */
const SHARED_LABEL =
  /(?:^|[.-])(?:hooks?|webhooks?|s3|storage|blobs?|buckets?|objects?|uploads?|files?|share|shares|paste|pastes|gists?|forms?|drive|drop|inbox|ingest|collect|catch|relay|tunnel|git|registry|pages|sites|users?|people|cdn)(?=[.-])/
/** A segment that is a name nobody chose: numbers, hashes, `@user`, `~user`. */
const ID_SEGMENT =
  /^(?:@[\w.-]+|~[\w.-]+|\d{4,}|[0-9a-f]{8,}(?:-[0-9a-f]{4,}){0,4}|(?=[^/]*\d)(?=[^/]*[a-z])[\w-]{12,}|[A-Z0-9]{8,})$/i

/** The account that a URL reaches. */
export function sinkIdentity(url: StrictUrl): SinkIdentity {
  const { scheme, host, port } = url
  const found = serviceOf(host)
  const segments = segmentsOf(url.path)
  const { tenant, basis } = found.length > 0 ? tenantOf(found, segments, url.query) : guessed(host, segments)
  const written = host.includes(':') ? `[${host}]` : host
  const at = port === 0 || port === DEFAULT_PORTS.get(scheme) ? written : `${written}:${port}`
  const [first] = found
  return {
    id: `${scheme}://${at}/${tenant}`,
    scheme,
    host,
    domain: registrableDomain(host),
    port,
    tenant,
    basis,
    ...(first === undefined ? {} : { service: first.service }),
    ...(first?.anonymous === true ? { anonymous: true } : {}),
  }
}

/** Registrable domain by the public suffix list with its private part; the host itself where there is none. */
export const registrableDomain = (host: string): string =>
  parse(host, { allowPrivateDomains: true, extractHostname: false }).domain ?? host

const S3 = SHARED_SERVICES.filter(({ service }) => service === 's3')
const QUEUES = SHARED_SERVICES.filter(({ service }) => service === 'sqs')

function serviceOf(host: string): readonly SharedService[] {
  const exact = EXACT_HOSTS.get(host)
  if (exact !== undefined) return exact
  if (S3_PATH.test(host)) return S3
  if (SQS.test(host)) return QUEUES
  return SUFFIXES.filter(([suffix]) => host.endsWith(suffix)).map(([, service]) => service)
}

/** Decoded as servers decode, except where that would make another segment. */
function segmentsOf(path: string): readonly string[] {
  return path
    .slice(0, 4096)
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      try {
        const decoded = decodeURIComponent(segment)
        return /[/?#\\]/.test(decoded) ? segment : decoded
      } catch {
        return segment
      }
    })
}

type Tenant = Pick<SinkIdentity, 'basis' | 'tenant'>

function tenantOf(services: readonly SharedService[], segments: readonly string[], query: string): Tenant {
  for (const { paths, exactCase } of services) {
    for (const template of paths) {
      const taken = match(template, segments, query)
      if (taken !== undefined) return { tenant: exactCase === true ? taken : taken.toLowerCase(), basis: 'service' }
    }
  }
  if (services.some(({ byCredential }) => byCredential === true)) return { tenant: '', basis: 'credential' }
  return { tenant: segments.join('/'), basis: 'path' }
}

/** What `{}` and `?name` of a template stand for in a path, or undefined when it does not fit. */
function match(template: string, segments: readonly string[], query: string): string | undefined {
  const [path = '', parameter] = template.split('?')
  const wanted = path.split('/').filter((part) => part !== '')
  if (segments.length < wanted.length) return undefined
  const taken: string[] = []
  for (const [at, part] of wanted.entries()) {
    const segment = segments[at] as string
    if (part === '{}') taken.push(segment)
    else if (part.includes('*') ? !fits(part, segment) : part.toLowerCase() !== segment.toLowerCase()) return undefined
  }
  if (parameter === undefined) return taken.join('/')
  const value = new URLSearchParams(query).get(parameter)
  return value === null ? undefined : [...taken, value].join('/')
}

const fits = (part: string, segment: string): boolean => {
  const [before = '', after = ''] = part.split('*')
  return segment.startsWith(before) && segment.endsWith(after)
}

/** A host that nobody listed: the path counts as far as it looks like an account. */
function guessed(host: string, segments: readonly string[]): Tenant {
  const at = segments.slice(0, 5).findIndex((segment) => ID_SEGMENT.test(segment))
  if (at >= 0) return { tenant: segments.slice(0, at + 1).join('/'), basis: 'guess' }
  const [first] = segments
  if (first !== undefined && SHARED_LABEL.test(`${host}.`)) return { tenant: first, basis: 'guess' }
  return { tenant: '', basis: 'host' }
}
