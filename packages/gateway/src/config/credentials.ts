import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  parseHostRule,
  SallyportError,
  type Constraints,
  type CredentialBinding,
  type CredentialCategory,
  type InjectionForm,
  type Operation,
} from '@sallyport/core'
import type { Config } from './schema.ts'

/** A credential of the configuration: what it is for, where it may go, how it is put there. */
export interface BoundCredential extends CredentialBinding {
  /** Name of the value in the vault. */
  readonly secret: string
  readonly category: CredentialCategory
  readonly form: InjectionForm
  readonly constraints: Constraints
  /** When it is lent no more: ms after its value was set, or ms since 1970. */
  readonly expiry?: { readonly after: number } | { readonly at: number }
  /** An origin and a path. */
  readonly base: URL
  /** Variables of agents that run confined. */
  readonly env: Readonly<Record<string, string>>
}

/** Where the way out of a sandbox takes requests in base-URL mode. */
const DOOR = 'http://127.0.0.1:3128/sallyport'

/** Stands where programs look for a credential. It is worth nothing: what is sent in its place is taken out anyway. */
export const leaseText = (name: string): string => `sallyport-lease-${name}`
export const baseText = (name: string): string => `${DOOR}/${name}`

/** The credentials of a configuration by name. */
export const boundCredentials = (given: Config['credentials']): ReadonlyMap<string, BoundCredential> =>
  new Map(Object.entries(given).map(([name, one]) => [name, bound(name, one)]))

type Given = Config['credentials'][string]

function bound(name: string, one: Given): BoundCredential {
  const base = new URL(one.base)
  const text = { lease: leaseText(name), base: baseText(name) }
  const placed = (paths: readonly string[]): readonly string[] =>
    paths.map((path) => path.replaceAll('{lease}', text.lease))
  const operations: readonly (readonly [string, Operation])[] = Object.entries(one.operations ?? {}).map(
    ([permission, { methods, paths }]) => [permission, { methods, paths: placed(paths) }],
  )
  /** What operations say of it, once, or else what is usual. */
  const ofAll = (member: keyof Operation, usual: readonly string[]): readonly string[] =>
    operations.length === 0 ? usual : [...new Set(operations.flatMap(([, operation]) => operation[member]))]
  return {
    name,
    secret: one.secret ?? name,
    category: one.category,
    agents: agentsOf(one),
    hosts: [parseHostRule(`${base.hostname}:${base.port === '' ? 443 : base.port}`)],
    methods: one.methods ?? ofAll('methods', ['GET', 'HEAD']),
    paths: one.paths === undefined ? ofAll('paths', ['/**']) : placed(one.paths),
    ...(one.permissions === undefined
      ? {}
      : { permissions: one.permissions, operations: Object.fromEntries(operations) }),
    form: formOf(one.inject),
    constraints: { noAttachmentUpload: false, ...one.constraints },
    ...(one.expiry === undefined ? {} : { expiry: expiryOf(one.expiry) }),
    base,
    env: Object.fromEntries(Object.entries(one.env).map(([variable, what]) => [variable, text[what]])),
  }
}

/** Who may have it: both hold where both are given. */
function agentsOf({ agents, scope }: Given): readonly string[] {
  if (scope === undefined) return agents ?? []
  const [, name = '', kind = ''] = /^(.*)_(skill|server|agent)_only$/.exec(scope) ?? []
  const only = kind === 'agent' ? name : `server:${name}`
  return agents === undefined || agents.includes(only) ? [only] : []
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 }

function expiryOf(text: string): NonNullable<BoundCredential['expiry']> {
  const [, number, unit = ''] = /^(\d+)([dhm])$/.exec(text) ?? []
  return number === undefined ? { at: Date.parse(text) } : { after: Number(number) * (UNITS[unit] ?? 0) }
}

function formOf(given: Given['inject']): InjectionForm {
  if ('bearer' in given) return { kind: 'header', name: 'authorization', prefix: 'Bearer ' }
  if ('header' in given) return { kind: 'header', name: given.header, prefix: given.prefix }
  if ('basic' in given) return { kind: 'basic', user: given.basic }
  if ('query' in given) return { kind: 'query', name: given.query }
  if ('cookie' in given) return { kind: 'cookie', name: given.cookie }
  if ('path' in given) return { kind: 'path' }
  if ('json' in given) return { kind: 'json', pointer: given.json }
  return 'form' in given ? { kind: 'form', name: given.form } : { kind: 'sigv4', ...given.sigv4 }
}

/**
 * Certificates of authorities, PEM; sandboxes get them, too.
 * @throws SallyportError SP_CONFIG_INVALID for a file that cannot be read, holds none, or holds a private key; it is not quoted
 */
export const readAuthorities = (paths: readonly string[]): readonly string[] =>
  paths.map((path) => {
    const [text, wrong] = authorityAt(path)
    if (wrong !== undefined) throw new SallyportError('SP_CONFIG_INVALID', `egress.authorities: ${path} ${wrong}`)
    return text
  })

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

function authorityAt(path: string): readonly [text: string, wrong?: string] {
  try {
    const text = readFileSync(path, 'utf8')
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return ['', 'holds a private key, which no sandbox may see.']
    const certificates = text.match(CERTIFICATE) ?? []
    if (certificates.length === 0) return ['', 'holds no certificate.']
    for (const certificate of certificates) new X509Certificate(certificate)
    return [text]
  } catch {
    return ['', 'cannot be read as certificates.']
  }
}
