import { SallyportError } from '../errors/error.ts'
import { announced, putIntoForm, putIntoJson } from './body.ts'
import { withoutCredentials, withoutMembers } from './foreign.ts'
import { isSignatureParameter, resign } from './resign.ts'

/** Where a credential goes in a request (HB-88). A value is put there and nowhere else (T-125). */
export type InjectionForm =
  | { readonly kind: 'header'; readonly name: string; readonly prefix: string }
  | { readonly kind: 'basic'; readonly user: string }
  | { readonly kind: 'query'; readonly name: string }
  | { readonly kind: 'cookie'; readonly name: string }
  /** In the place of the placeholder: `/bot<token>/sendMessage`. */
  | { readonly kind: 'path' }
  /** In the place of the placeholder, which is the member that a JSON pointer (RFC 6901) leads to. */
  | { readonly kind: 'json'; readonly pointer: string }
  | { readonly kind: 'form'; readonly name: string }
  /** AWS Signature Version 4: the value never leaves, a signature made with it does. */
  | { readonly kind: 'sigv4'; readonly region: string; readonly service: string }

/** The head of a request, taken apart. Header names in lower case. */
export interface RequestHead {
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Absolute, without the query. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly search: string
}

/** A request as its client made it. */
export interface Injectable {
  readonly method: string
  readonly head: RequestHead
  /** Whole, where the form reads bodies. */
  readonly body?: Uint8Array
  /** What the client has instead of the value. */
  readonly placeholder: string
}

/** A request with a credential in it. */
export interface Injected {
  readonly head: RequestHead
  /** Absent: the body goes on as it comes. */
  readonly body?: Uint8Array
  /** What must not come back: the value, or what was made of it. */
  readonly secrets: readonly Uint8Array[]
}

/** Whether a credential of this form can only be put in when the whole body is there. */
export const readsBody = ({ kind }: InjectionForm): boolean => kind === 'json' || kind === 'form' || kind === 'sigv4'

/** Whether a member of the query is one that the credential takes the place of. */
export function isOwnParameter(form: InjectionForm): (name: string) => boolean {
  if (form.kind === 'query') return (name) => name === form.name
  return form.kind === 'sigv4' ? isSignatureParameter : () => false
}

/**
 * The request with a credential in it; whatever the client had said of itself is gone before. No error of it holds the value.
 * @param now ms since 1970
 * @throws SallyportError SP_VAULT_INVALID for a value that would be more than a value there, such as a line break in a header;
 *   SP_VAULT_BODY for a body that it cannot go into
 */
export function inject(form: InjectionForm, value: string, request: Injectable, now: number): Injected {
  const injected = place(form, value, request, now)
  const body = injected.body ?? request.body
  return body === undefined ? injected : { ...injected, head: announced(injected.head, request.method, body), body }
}

function place(form: InjectionForm, value: string, request: Injectable, now: number): Injected {
  const head = withoutCredentials(request.head)
  const secrets = [Buffer.from(value)]
  const withHeader = (name: string, text: string): Injected => ({
    head: { ...head, headers: { ...head.headers, [name]: headerText(text) } },
    secrets,
  })
  switch (form.kind) {
    case 'header':
      return withHeader(form.name, `${form.prefix}${value}`)
    case 'basic':
      return withHeader('authorization', `Basic ${Buffer.from(`${form.user}:${value}`).toString('base64')}`)
    case 'cookie':
      return withHeader('cookie', `${form.name}=${encodeURIComponent(value)}`)
    case 'query': {
      const rest = withoutMembers(head.search.slice(1), (name) => name === form.name)
      const own = `${encodeURIComponent(form.name)}=${encodeURIComponent(value)}`
      return { head: { ...head, search: `?${rest === '' ? '' : `${rest}&`}${own}` }, secrets }
    }
    case 'path':
      return { head: { ...head, path: putIntoPath(head.path, request.placeholder, value) }, secrets }
    case 'json':
      return { head, body: putIntoJson(request, form.pointer, value), secrets }
    case 'form':
      return { head, body: putIntoForm(request, form.name, value), secrets }
    case 'sigv4':
      return resign({ ...request, head }, form, value, now)
  }
}

/** What a segment of a path may hold as it is (RFC 3986 section 3.3), so that no server reads a value as more than a part of one. */
const SEGMENT = /^[\w.~!$&'()*+,;=:@-]+$/

function putIntoPath(path: string, placeholder: string, value: string): string {
  if (path.split(placeholder).length !== 2)
    throw new SallyportError('SP_VAULT_SCOPE', `The path has to hold ${placeholder} once, where the credential goes.`)
  if (SEGMENT.test(value)) return path.replace(placeholder, () => value)
  throw new SallyportError('SP_VAULT_INVALID', 'The credential holds characters that no segment of a path can.')
}

function headerText(text: string): string {
  // eslint-disable-next-line no-control-regex -- a header may hold a tab and what is visible
  if (/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text)) return text
  throw new SallyportError('SP_VAULT_INVALID', 'The credential holds characters that no header can.')
}
