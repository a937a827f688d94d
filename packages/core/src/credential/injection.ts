/** Where a credential goes in a request (HB-88). A value is put there and nowhere else (T-125). */
export type InjectionForm =
  | { readonly kind: 'header'; readonly name: string; readonly prefix: string }
  | { readonly kind: 'basic'; readonly user: string }
  | { readonly kind: 'query'; readonly name: string }
  | { readonly kind: 'cookie'; readonly name: string }

/** The head of a request, taken apart. Header names in lower case. */
export interface RequestHead {
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Absolute, without the query. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly search: string
}

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
 * @param own the member that a credential of ours goes into
 */
export function foreignParameter(search: string, own?: string): string | undefined {
  for (const member of search.replace(/^\?/, '').split('&')) {
    const [name = '', ...value] = member.split('=').map(decoded)
    if (name === own) continue
    if (CREDENTIAL_PARAMETER.test(name) || (name === 'key' && LONG_KEY.test(value.join('=')))) return name
  }
  return undefined
}

/**
 * The head with a credential in it; whatever the client had said of itself is gone before.
 * @throws RangeError for a value that would be more than a value there: a line break in a header
 */
export function inject(form: InjectionForm, value: string, head: RequestHead): RequestHead {
  const { headers, path, search } = withoutCredentials(head)
  switch (form.kind) {
    case 'header':
      return { headers: { ...headers, [form.name]: headerText(`${form.prefix}${value}`) }, path, search }
    case 'basic':
      return {
        headers: { ...headers, authorization: `Basic ${Buffer.from(`${form.user}:${value}`).toString('base64')}` },
        path,
        search,
      }
    case 'cookie':
      return { headers: { ...headers, cookie: headerText(`${form.name}=${encodeURIComponent(value)}`) }, path, search }
    case 'query': {
      const rest = search
        .slice(1)
        .split('&')
        .filter((member) => decoded(member.split('=', 1)[0] ?? '') !== form.name)
      const members = [...rest, `${encodeURIComponent(form.name)}=${encodeURIComponent(value)}`]
      return { headers, path, search: `?${members.filter((member) => member !== '').join('&')}` }
    }
  }
}

function headerText(text: string): string {
  // eslint-disable-next-line no-control-regex -- a header may hold a tab and what is visible
  if (/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text)) return text
  throw new RangeError('The credential holds characters that no header can.')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
