/** Words in what a registry says about a bundle (TM-REG). They read no code, and weigh little. */
const FAMILIES: readonly (readonly [family: string, pattern: RegExp])[] = [
  [
    'malware',
    /\b(?:stealer|keylogger|ransomware|rootkit|botnet|backdoor|c2 server|reverse shell|crack(?:ed)?|keygen)\b/i,
  ],
  ['secrets', /\b(?:api[ _-]?keys?|passwords?|credentials?|private keys?|access tokens?|cookies|keychain|\.env)\b/i],
  ['wallets', /\b(?:seed phrase|mnemonic|metamask|phantom|wallets?|private key|airdrop|solana|ethereum|bitcoin)\b/i],
  ['chat links', /\b(?:discord(?:app)?\.(?:com|gg)|t\.me|hooks\.slack\.com|webhook\.site|api\.telegram\.org)\b/i],
  [
    'a download that is run',
    /\b(?:curl|wget|iwr|invoke-webrequest)\b[^\n]{0,200}\|\s*(?:sudo\s+)?(?:ba|z|da)?(?:sh|iex|python3?|node)\b/i,
  ],
  ['shortened links', /\b(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|is\.gd|cutt\.ly|rb\.gy|shorturl\.at|ow\.ly)\/\w/i],
]
const DAY = 86_400_000
/** Younger than this is new, days. */
const NEW = 30
/** Of texts, UTF-16 units: what is behind is for the scanner. */
const LOOKED_AT = 20_000

/** Notes about the texts of a registry: which families of words are in them. Nobody has to have reviewed anything (E-86). */
export function wordNotes(texts: readonly (string | null | undefined)[]): readonly string[] {
  const all = texts.map((one) => (one ?? '').slice(0, LOOKED_AT)).join('\n')
  const found = FAMILIES.filter(([, pattern]) => pattern.test(all)).map(([family]) => family)
  return found.length === 0 ? [] : [`Weak sign: its description speaks of ${found.join(', ')}.`]
}

/**
 * @param what `The account of its publisher`, `This entry`
 * @param created ms since 1970, as the registry says it
 */
export function ageNotes(what: string, created: number | undefined, now: number): readonly string[] {
  if (created === undefined) return []
  const days = Math.floor((now - created) / DAY)
  if (days < 0) return [`Weak sign: ${what.toLowerCase()} is from the future, the registry says.`]
  return days < NEW ? [`Weak sign: ${what.toLowerCase()} is ${days} days old.`] : []
}
