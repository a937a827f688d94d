import { parse } from 'tldts'
import type { Likeness } from './looks-like.ts'
import { near } from './near.ts'
import { unicodeHost } from './punycode.ts'
import { skeleton, typedSkeleton } from './skeleton.ts'

interface Parts {
  readonly shown: string
  readonly domain: string
  /** Registrable label: `corp` of `mail.corp.co.uk`. */
  readonly name: string
  /** Labels before the public suffix, pieces between hyphens as well. */
  readonly words: readonly string[]
}

/** Labels that many companies have; they are nobody's name. */
const COMMON = new Set(
  `www web mail email smtp imap webmail api app apps cdn static assets img images media files file docs doc dev test staging
   blog shop store help support admin login auth sso account accounts portal cloud data info news home status git vpn beta
   demo secure my get go the new old online host server remote mobile net group team inc service services`.split(/\s+/),
)
/** What is put before or behind a name to make another one. */
const AROUND =
  /^(?:login|logon|signin|secure|security|support|help|helpdesk|service|services|account|accounts|billing|invoice|payment|payments|pay|mail|email|verify|verification|auth|sso|portal|update|updates|online|official|team|hq|inc|corp|app|apps|web|my|get|the|admin|info|cloud|docs|files|share|hr|it|desk|alerts|notify|notice|id|access|store|shop|group|global|usa|us|eu|uk)+$/

/** How a host passes for a known one of another owner. Hosts below one registrable domain have one owner. */
export function hostLikeness(candidate: string, known: string): Likeness | undefined {
  const [a, b] = [partsOf(candidate), partsOf(known)]
  if (a.domain === b.domain || b.name === '') return undefined
  return wholeLikeness(a, b) ?? nameLikeness(a, b) ?? brandLikeness(a, b, known)
}

function partsOf(host: string): Parts {
  const { domain, domainWithoutSuffix, subdomain } = parse(host, { allowPrivateDomains: true, extractHostname: false })
  const name = unicodeHost(domainWithoutSuffix ?? '')
  const labels = [...(subdomain ?? '').split('.'), name].filter((label) => label !== '').map(unicodeHost)
  return {
    shown: unicodeHost(host),
    domain: domain ?? host,
    name,
    words: labels.flatMap((label) => [label, ...(label.includes('-') ? label.split('-') : [])]),
  }
}

/** The whole registrable domain reads the same. */
function wholeLikeness(a: Parts, b: Parts): Likeness | undefined {
  const [one, other] = [unicodeHost(a.domain), unicodeHost(b.domain)]
  if (skeleton(one) === skeleton(other)) return isAscii(one) ? 'digits' : 'homoglyph'
  if (typedSkeleton(one) === typedSkeleton(other)) return isAscii(one) ? 'digits' : 'homoglyph'
  return one.replaceAll('-', '') === other.replaceAll('-', '') ? 'hyphen' : undefined
}

function nameLikeness(a: Parts, b: Parts): Likeness | undefined {
  if (a.name === '' || b.name.length < 2) return undefined
  if (a.name === b.name) return b.name.length >= 3 && !COMMON.has(b.name) ? 'ending' : undefined
  if (skeleton(a.name) === skeleton(b.name)) return isAscii(a.name) ? 'digits' : 'homoglyph'
  if (b.name.length >= 3 && single(a.name) === single(b.name)) return 'typo'
  if (b.name.length < 4) return undefined
  if (typedSkeleton(a.name) === typedSkeleton(b.name)) return isAscii(a.name) ? 'digits' : 'homoglyph'
  if (a.name.replaceAll('-', '') === b.name.replaceAll('-', '')) return 'hyphen'
  const swapped = a.name.length === b.name.length && [...a.name].sort().join('') === [...b.name].sort().join('')
  const close = near(a.name, b.name) || (!isAscii(a.name) && near(skeleton(a.name), skeleton(b.name)))
  return close && (b.name.length >= 5 || swapped) ? 'typo' : undefined
}

/** The known domain or name stands somewhere in a host of another owner. */
function brandLikeness(a: Parts, b: Parts, known: string): Likeness | undefined {
  const dotted = `.${a.shown}.`
  if (dotted.includes(`.${unicodeHost(b.domain)}.`) || dotted.includes(`.${unicodeHost(known)}.`)) return 'brand'
  const flat = typedSkeleton(a.shown).replace(/[.-]/g, '')
  const wanted = typedSkeleton(b.domain).replace(/[.-]/g, '')
  if (wanted.length >= 7 && flat.includes(wanted)) return 'brand'
  if (b.name.length < 3 || COMMON.has(b.name)) return undefined
  // `ibm-login.com`; without the hyphen three letters are in many words
  if (b.name.length === 3)
    return a.words.some((word) => word.includes('-') && surrounds(word, b.name)) ? 'brand' : undefined
  const name = typedSkeleton(b.name)
  if (a.words.some((word) => typedSkeleton(word) === name)) return 'brand'
  return a.words.some((word) => surrounds(word, b.name)) ? 'brand' : undefined
}

/** Doubled letters once. */
const single = (name: string): string => name.replace(/(.)\1+/gu, '$1')

function surrounds(word: string, name: string): boolean {
  const at = word.indexOf(name)
  if (at < 0 || word.length > 63) return false
  const [before, after] = [word.slice(0, at).replace(/-$/, ''), word.slice(at + name.length).replace(/^-/, '')]
  return (before === '' || AROUND.test(before)) && (after === '' || AROUND.test(after))
}

// eslint-disable-next-line no-control-regex
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text)
