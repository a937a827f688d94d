/** How public mail providers fold a local part: addresses that fold alike are one mailbox. */
interface Provider {
  readonly domains: readonly string[]
  /** Characters that do not count. */
  readonly ignore: RegExp | undefined
  /** `ana+x` is `ana`. */
  readonly plus: boolean
}

const PROVIDERS: readonly Provider[] = [
  { domains: ['gmail.com', 'googlemail.com'], ignore: /\./g, plus: true },
  { domains: ['outlook.com'], ignore: undefined, plus: true },
  { domains: ['hotmail.com'], ignore: undefined, plus: true },
  { domains: ['live.com'], ignore: undefined, plus: true },
  { domains: ['proton.me', 'protonmail.com', 'pm.me'], ignore: /[._-]/g, plus: true },
  { domains: ['icloud.com', 'me.com', 'mac.com'], ignore: undefined, plus: true },
  { domains: ['fastmail.com', 'fastmail.fm'], ignore: undefined, plus: true },
  { domains: ['yandex.com', 'yandex.ru', 'ya.ru'], ignore: undefined, plus: true },
  { domains: ['yahoo.com'], ignore: undefined, plus: false },
  { domains: ['gmx.de'], ignore: undefined, plus: false },
  { domains: ['gmx.net'], ignore: undefined, plus: false },
  { domains: ['web.de'], ignore: undefined, plus: false },
  { domains: ['aol.com'], ignore: undefined, plus: false },
  { domains: ['mail.com'], ignore: undefined, plus: false },
  { domains: ['tutanota.com'], ignore: undefined, plus: false },
  { domains: ['zoho.com'], ignore: undefined, plus: true },
  { domains: ['qq.com'], ignore: undefined, plus: false },
  { domains: ['163.com'], ignore: undefined, plus: false },
]
const BY_DOMAIN = new Map(PROVIDERS.flatMap((provider) => provider.domains.map((domain) => [domain, provider])))

/** Anybody can open a mailbox there. */
export const isPublicMail = (domain: string): boolean => BY_DOMAIN.has(domain)

/** The mailbox that an address delivers to, as far as its provider's rules are known; else the address, domain folded. */
export function mailboxOf(local: string, domain: string): string {
  const provider = BY_DOMAIN.get(domain)
  if (provider === undefined) return `${local.toLowerCase()}@${domain}`
  let folded = local.toLowerCase()
  if (provider.plus) folded = folded.replace(/(?!^)\+.*$/s, '')
  if (provider.ignore !== undefined) folded = folded.replace(provider.ignore, '')
  return `${folded}@${provider.domains[0] ?? domain}`
}
