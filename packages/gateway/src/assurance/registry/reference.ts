import { escapeText, SallyportError } from '@sallyport/core'

/** One bundle and no other (HB-36). */
export type Reference =
  | { readonly kind: 'clawhub'; readonly owner?: string; readonly name: string; readonly version: string }
  | { readonly kind: 'npm'; readonly name: string; readonly version: string }
  | {
      readonly kind: 'github'
      readonly owner: string
      readonly repo: string
      readonly commit: string
      readonly path?: string
    }
  | { readonly kind: 'https'; readonly url: string; readonly sha256: string }

/** A name of a bundle that does not say which one. `wanted`: a tag, range or branch, if there is one. */
export type Loose =
  | { readonly kind: 'clawhub'; readonly owner?: string; readonly name: string; readonly wanted?: string }
  | { readonly kind: 'npm'; readonly name: string; readonly wanted?: string }
  | {
      readonly kind: 'github'
      readonly owner: string
      readonly repo: string
      readonly path?: string
      readonly wanted?: string
    }
  | { readonly kind: 'https'; readonly url: string }

export type ReadReference =
  { readonly pinned: true; readonly at: Reference } | { readonly pinned: false; readonly at: Loose }

/** What a reference says, for people and JSON. */
export interface Described {
  readonly kind: Reference['kind']
  readonly name: string
  readonly version?: string
  readonly pinned: boolean
  /** The one way to write it. */
  readonly text: string
}

const LONGEST = 2_048
const SLUG = /^[a-z0-9][a-z0-9._-]{0,127}$/i
const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]{0,100}\/)?[a-z0-9~-][a-z0-9._~-]{0,213}$/
const VERSION =
  /^(?:0|[1-9]\d{0,9})(?:\.(?:0|[1-9]\d{0,9})){2}(?:-[0-9A-Za-z][0-9A-Za-z.-]{0,63})?(?:\+[0-9A-Za-z][0-9A-Za-z.-]{0,63})?$/
const WANTED = /^[\w .*^~<>=|/+-]{1,128}$/
const COMMIT = /^[0-9a-f]{40}$/
const PATH = /^(?!\.{1,2}(?:\/|$))[\w@+. -]{1,128}(?:\/(?!\.{1,2}(?:\/|$))[\w@+. -]{1,128}){0,15}$/

/**
 * Reads `clawhub:OWNER/NAME@VERSION`, `clawhub:NAME@VERSION`, `npm:NAME@VERSION`, `github:OWNER/REPO@COMMIT#PATH` and
 * `https://…#sha256=HEX`.
 * @throws SallyportError SP_REGISTRY_REFERENCE
 */
export function readReference(text: string): ReadReference {
  const scheme = /^([a-z]+):/.exec(text)?.[1] ?? ''
  const read = text.length > LONGEST ? undefined : READERS.get(scheme)?.(text)
  if (read === undefined) throw new SallyportError('SP_REGISTRY_REFERENCE', shown(text))
  return read
}

/** @throws SallyportError SP_REGISTRY_REFERENCE, SP_REGISTRY_UNPINNED with the form to write under `details.form` */
export function pinnedReference(text: string): Reference {
  const read = readReference(text)
  if (read.pinned) return read.at
  const form = formOf(read.at)
  throw new SallyportError('SP_REGISTRY_UNPINNED', `${shown(text)} It would be written ${form}.`, { details: { form } })
}

/** @throws SallyportError SP_REGISTRY_REFERENCE */
export function describeReference(text: string): Described {
  const { pinned, at } = readReference(text)
  const version = 'version' in at ? at.version : 'commit' in at ? at.commit : undefined
  return {
    ...{ kind: at.kind, name: nameOf(at), pinned },
    ...(version === undefined ? {} : { version }),
    text: pinned ? referenceText(at) : formOf(at),
  }
}

export const nameOf = (at: Reference | Loose): string =>
  at.kind === 'https'
    ? (/([^/?#]+?)(?:\.tar)?(?:\.[a-z0-9]+)?(?:[?#]|$)/i.exec(at.url)?.[1] ?? 'archive')
    : wholeName(at)

/** The one way to write a reference. */
export function referenceText(at: Reference): string {
  if (at.kind === 'https') return `${at.url}#sha256=${at.sha256}`
  if (at.kind === 'github') return `github:${wholeName(at)}@${at.commit}${at.path === undefined ? '' : `#${at.path}`}`
  return `${at.kind}:${wholeName(at)}@${at.version}`
}

/** The same bundle in whatever version there is; undefined for what has none. */
export function looseText(at: Reference): string | undefined {
  if (at.kind === 'https') return undefined
  return `${at.kind}:${wholeName(at)}${at.kind === 'github' && at.path !== undefined ? `#${at.path}` : ''}`
}

function formOf(at: Loose): string {
  if (at.kind === 'https') return `${at.url}#sha256=HEX`
  const what = at.kind === 'github' ? `COMMIT${at.path === undefined ? '' : `#${at.path}`}` : 'VERSION'
  return `${at.kind}:${wholeName(at)}@${what}`
}

function wholeName(at: Exclude<Reference | Loose, { readonly kind: 'https' }>): string {
  if (at.kind === 'github') return `${at.owner}/${at.repo}`
  return at.kind === 'clawhub' && at.owner !== undefined ? `${at.owner}/${at.name}` : at.name
}

const shown = (text: string): string => `"${escapeText(text.slice(0, 200))}"`

const READERS: ReadonlyMap<string, (text: string) => ReadReference | undefined> = new Map([
  ['clawhub', readClawhub],
  ['npm', readNpm],
  ['github', readGithub],
  ['https', readArchive],
])

function readClawhub(text: string): ReadReference | undefined {
  const [, owner, name = '', , wanted] = /^clawhub:(?:@?([^@/]+)\/)?([^@/]+)(@(.*))?$/s.exec(text) ?? []
  if (!SLUG.test(name) || (owner !== undefined && !SLUG.test(owner))) return undefined
  return exact({ kind: 'clawhub' as const, name, ...(owner === undefined ? {} : { owner }) }, wanted)
}

function readNpm(text: string): ReadReference | undefined {
  const [, name = '', , wanted] = /^npm:(@?[^@]+)(@(.*))?$/s.exec(text) ?? []
  return PACKAGE.test(name) ? exact({ kind: 'npm' as const, name }, wanted) : undefined
}

function exact(
  at:
    | { readonly kind: 'clawhub'; readonly name: string; readonly owner?: string }
    | { readonly kind: 'npm'; readonly name: string },
  wanted: string | undefined,
): ReadReference | undefined {
  if (wanted === undefined) return { pinned: false, at }
  if (VERSION.test(wanted)) return { pinned: true, at: { ...at, version: wanted } }
  return WANTED.test(wanted) ? { pinned: false, at: { ...at, wanted } } : undefined
}

function readGithub(text: string): ReadReference | undefined {
  const [, owner = '', repo = '', , wanted, , path] =
    /^github:([^@/#]+)\/([^@/#]+)(@([^#]*))?(#(.*))?$/s.exec(text) ?? []
  if (!SLUG.test(owner) || !SLUG.test(repo) || (path !== undefined && !PATH.test(path))) return undefined
  const at = { kind: 'github' as const, owner, repo, ...(path === undefined ? {} : { path }) }
  if (wanted === undefined) return { pinned: false, at }
  if (COMMIT.test(wanted)) return { pinned: true, at: { ...at, commit: wanted } }
  return WANTED.test(wanted) ? { pinned: false, at: { ...at, wanted } } : undefined
}

function readArchive(text: string): ReadReference | undefined {
  const [, url = '', , fragment] = /^(https:\/\/[^\s#\\@]{3,})(#(.*))?$/s.exec(text) ?? []
  // eslint-disable-next-line no-control-regex
  if (url === '' || !/^[\u0021-\u007e]+$/.test(url)) return undefined
  if (fragment === undefined || fragment === '') return { pinned: false, at: { kind: 'https', url } }
  const sha256 = /^sha256=([0-9a-f]{64})$/.exec(fragment)?.[1]
  return sha256 === undefined ? undefined : { pinned: true, at: { kind: 'https', url, sha256 } }
}
