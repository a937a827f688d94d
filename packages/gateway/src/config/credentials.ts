import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  parseHostRule,
  SallyportError,
  type CredentialBinding,
  type CredentialCategory,
  type InjectionForm,
} from '@sallyport/core'
import type { Config } from './schema.ts'

/** A credential of the configuration: what it is for, where it may go, how it is put there. */
export interface BoundCredential extends CredentialBinding {
  /** Name of the value in the vault. */
  readonly secret: string
  readonly category: CredentialCategory
  readonly form: InjectionForm
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

function bound(name: string, one: Config['credentials'][string]): BoundCredential {
  const base = new URL(one.base)
  const text = { lease: leaseText(name), base: baseText(name) }
  return {
    name,
    secret: one.secret ?? name,
    category: one.category,
    agents: one.agents,
    hosts: [parseHostRule(`${base.hostname}:${base.port === '' ? 443 : base.port}`)],
    methods: one.methods,
    paths: one.paths,
    form: formOf(one.inject),
    base,
    env: Object.fromEntries(Object.entries(one.env).map(([variable, what]) => [variable, text[what]])),
  }
}

function formOf(given: Config['credentials'][string]['inject']): InjectionForm {
  if ('bearer' in given) return { kind: 'header', name: 'authorization', prefix: 'Bearer ' }
  if ('header' in given) return { kind: 'header', name: given.header, prefix: given.prefix }
  if ('basic' in given) return { kind: 'basic', user: given.basic }
  return 'query' in given ? { kind: 'query', name: given.query } : { kind: 'cookie', name: given.cookie }
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
