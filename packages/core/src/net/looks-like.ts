import { destinationOf, type Destination } from './destination.ts'
import { hostLikeness } from './host-likeness.ts'
import { isPublicMail } from './mail-providers.ts'
import { near } from './near.ts'
import { skeleton, typedSkeleton } from './skeleton.ts'

/** In what way one destination passes for another. */
export type Likeness =
  /** The known name is a part of the host: `corp.com.evil.io`, `corp.evil.io`, `corp-login.com`. */
  | 'brand'
  /** Digits and pairs of letters that read as others: `c0rp`, `rn` for `m`. */
  | 'digits'
  /** Dots, hyphens or underscores more or less. */
  | 'dots'
  /** The known address or host stands inside the local part: `ana.corp.com@evil.io`. */
  | 'embedded'
  /** Another ending: `corp.co` for `corp.com`. */
  | 'ending'
  /** Letters of another script, or compatibility forms. */
  | 'homoglyph'
  /** A hyphen more or less. */
  | 'hyphen'
  /** The same person elsewhere: `ana.silva@gmail.com` for `ana.silva@corp.com`. */
  | 'name'
  /** `ana+x@corp.com`, where the provider's rules are not known. */
  | 'plus'
  /** Another account on the same service. */
  | 'tenant'
  /** One letter more, less, other or swapped. */
  | 'typo'

/**
 * Whether a destination could be taken for a known one that it is not (T-101); undefined when it is the same, or nothing
 * like it. Texts: a host, a URL or a mail address each. `known` is what the person trusts.
 */
export function looksLike(candidate: string, known: string): Likeness | undefined {
  const [a, b] = [destinationOf(candidate), destinationOf(known)]
  if (a === undefined || b === undefined) return undefined
  if (a.kind === b.kind && a.id === b.id) return undefined
  if (a.kind === 'mail' && b.kind === 'mail') return mailLikeness(a, b)
  if (a.host !== b.host) {
    return hostLikeness(a.host, b.host) ?? (a.kind === 'mail' ? embeds(a.local, b.host) : undefined)
  }
  return a.kind === 'url' && b.kind === 'url' && a.tenant !== b.tenant && b.tenant !== '' ? 'tenant' : undefined
}

type Mail = Extract<Destination, { readonly kind: 'mail' }>

function mailLikeness(a: Mail, b: Mail): Likeness | undefined {
  if (a.host === b.host) return localLikeness(a.local, b.local)
  const host = hostLikeness(a.host, b.host)
  if (host !== undefined) return host
  return embeds(a.local, b.host) ?? (samePerson(a, b) ? 'name' : undefined)
}

function localLikeness(one: string, other: string): Likeness | undefined {
  const [a, b] = [one.normalize('NFKC').toLowerCase(), other.normalize('NFKC').toLowerCase()]
  if (withoutTag(a) === withoutTag(b)) return a === b ? 'homoglyph' : 'plus'
  if (skeleton(a) === skeleton(b)) return isAscii(a) ? 'digits' : 'homoglyph'
  if (squeezed(a) === squeezed(b)) return 'dots'
  if (typedSkeleton(a) === typedSkeleton(b)) return onlyNumbersDiffer(a, b) ? undefined : 'digits'
  const long = Math.min(a.length, b.length) >= 5
  return long && near(a, b) && !onlyNumbersDiffer(a, b) ? 'typo' : undefined
}

// eslint-disable-next-line no-control-regex
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text)
const withoutTag = (local: string): string => local.replace(/(?!^)[+].*$/s, '')
const squeezed = (local: string): string => local.replace(/[._-]/g, '')
/** `build1` and `build2` are two accounts and look like two. */
const onlyNumbersDiffer = (a: string, b: string): boolean => a.replace(/\d+/g, '#') === b.replace(/\d+/g, '#')

function embeds(local: string, host: string): Likeness | undefined {
  const flat = typedSkeleton(local).replace(/[^\p{L}\p{N}]/gu, '')
  const wanted = typedSkeleton(host).replace(/[^\p{L}\p{N}]/gu, '')
  return wanted.length >= 6 && flat.includes(wanted) ? 'embedded' : undefined
}

/** Roles that every company has. */
const ROLES =
  /^(?:info|contact|hello|support|help|admin|administrator|root|office|sales|billing|accounts?|team|news|newsletter|no-?reply|postmaster|webmaster|abuse|security|hr|jobs|careers|press|marketing|it|me|mail|service|services|orders|feedback|legal|privacy|finance|invoices?)$/

function samePerson(a: Mail, b: Mail): boolean {
  const [one, other] = [squeezed(withoutTag(a.local.toLowerCase())), squeezed(withoutTag(b.local.toLowerCase()))]
  if (ROLES.test(other) || typedSkeleton(one) !== typedSkeleton(other)) return false
  return isPublicMail(a.host) ? other.length >= 3 : other.length >= 6 && /[._-]/.test(b.local)
}
