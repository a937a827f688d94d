import { escapeText } from '@sallyport/core'
import type { Registries } from '../../config/registries-schema.ts'

type Identities = Registries['sigstore']['identities']

/** Who signed, as an authority vouches for it. All of it is text of a certificate, and not escaped. */
export interface Certified {
  /** Who knows the signer. */
  readonly issuer: string
  readonly subject: string
  readonly repository?: string
  readonly commit?: string
  readonly ref?: string
}

/** Those of the configuration who may sign for `what`: `npm:NAME` or a URL. */
export const identitiesOf = (
  what: string,
  identities: Identities,
): readonly (readonly [name: string, one: Identities[string]])[] =>
  Object.entries(identities).filter(([, { of }]) =>
    of.some((one) => (one.endsWith('/') ? what.startsWith(one) : what === one)),
  )

/** The name of the identity that a signer is, of those who may sign for `what`. */
export const identityOf = ({ issuer, subject }: Certified, what: string, identities: Identities): string | undefined =>
  identitiesOf(what, identities).find(
    ([, one]) =>
      one.issuer === issuer && (/[/@]$/.test(one.subject) ? subject.startsWith(one.subject) : subject === one.subject),
  )?.[0]

/** A signer for people. */
export function certifiedText({ issuer, subject, repository, commit, ref }: Certified): string {
  const text = (value: string): string => escapeText(value.slice(0, 300))
  const from = repository === undefined ? '' : `, out of ${text(repository)}`
  const at = commit === undefined ? '' : ` at commit ${text(commit)}`
  const of = ref === undefined ? '' : ` (${text(ref)})`
  return `${text(subject)}, known to ${text(issuer)}${from}${at}${of}`
}
