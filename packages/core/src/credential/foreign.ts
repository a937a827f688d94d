import type { RequestHead } from './injection.ts'

/**
 * What a client may say of who it is, on any host: headers that the authentication of HTTP and of well-known services uses. They
 * never leave with a request that gets a credential of ours, nor with one whose rule says that none goes (T-115).
 */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  ...[
    'dpop',
    'authorization',
    'proxy-authorization',
    'cookie',
    'api-key',
    'apikey',
    'private-token',
    'job-token',
    'deploy-token',
  ],
  ...[
    'x-amz-security-token',
    'x-goog-api-key',
    'x-goog-iap-jwt-assertion',
    'x-functions-key',
    'ocp-apim-subscription-key',
  ],
])
/** `x-api-key`, `x-auth-token`, `x-vault-token`, `dd-application-key` … */
const CREDENTIAL_HEADER =
  /(?:^|-)(?:api-?key|access-?key|auth-?key|auth|authorization|credentials?|secret|token|session|password|passwd|signature|application-key)(?:-id)?$/
/** The same as members of a query: also what a signed URL carries. */
const CREDENTIAL_PARAMETER =
  /^(?:_method|access_?token|api_?key|auth|auth_?token|authorization|client_?secret|credential|jwt|password|private_?token|secret|sig|signature|token|awsaccesskeyid|x-(?:amz|goog)-(?:credential|signature|security-token))$/i
/** `key` names a record as often as a credential, which is long and of one piece. */
const LONG_KEY = /^[\w.~+/=-]{20,}$/

/** Servers that come from CGI take an underscore for a hyphen. */
const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-')

export const isCredentialHeader = (name: string): boolean =>
  CREDENTIAL_HEADERS.has(plain(name)) || CREDENTIAL_HEADER.test(plain(name))

/** The head without headers that say who the client is (T-115). */
export function withoutCredentials(head: RequestHead): RequestHead {
  const kept = Object.entries(head.headers).filter(([name]) => !isCredentialHeader(name))
  return { ...head, headers: Object.fromEntries(kept) }
}

/**
 * Member of a query by which the client would act as somebody else (T-115); undefined when there is none. Taking it out would
 * change what is asked for, so a request with one is refused.
 * @param isOwn says of a member that a credential of ours takes its place
 */
export function foreignParameter(search: string, isOwn: (name: string) => boolean = () => false): string | undefined {
  for (const [name, value] of membersOf(search.replace(/^\?/, ''))) {
    if (isOwn(name)) continue
    if (CREDENTIAL_PARAMETER.test(name) || (name === 'key' && LONG_KEY.test(value))) return name
  }
  return undefined
}

/** Names and values of `a=1&b=2`, decoded; what cannot be decoded is as it stands. */
export function membersOf(text: string): readonly (readonly [name: string, value: string])[] {
  return text
    .split('&')
    .filter((member) => member !== '')
    .map((member) => {
      const [name = '', ...value] = member.split('=')
      return [decoded(name), decoded(value.join('='))] as const
    })
}

/** `a=1&b=2` without some members; the others stay as they stand. */
export function withoutMembers(text: string, isGone: (name: string) => boolean): string {
  const kept = text.split('&').filter((member) => member !== '' && !isGone(decoded(member.split('=', 1)[0] ?? '')))
  return kept.join('&')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
