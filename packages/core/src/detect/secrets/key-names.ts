/**
 * Which member names hold secrets (AC-1.2.3, E-15): names are cut into segments at separators and at changes of case, and
 * whole segments are compared, so that `apiKey`, `private_key` and `x-auth-token` match and `keyboard`, `author` and
 * `tokenizer` do not.
 */
const SECRET_SEGMENTS: ReadonlySet<string> = new Set(
  [
    'password passwd passphrase passcode pwd pass pw',
    'token jwt bearer otp totp',
    'key apikey accesskey secretkey privatekey authkey signingkey sshkey',
    'secret clientsecret apisecret',
    'credential cred',
    'auth authorization authentication oauth authtoken accesstoken refreshtoken idtoken apitoken',
    'cookie setcookie sessionid sessiontoken',
  ]
    .join(' ')
    .split(' '),
)
/** Plurals hold secrets when they hold text; `max_tokens: 4096` is a number and stays. */
const SECRET_PLURALS: ReadonlySet<string> = new Set(
  'passwords tokens keys apikeys secrets credentials creds cookies passphrases'.split(' '),
)
/** `public_key`, `primary_key`: the word before says that it is none. */
const HARMLESS_BEFORE: ReadonlySet<string> = new Set('public primary foreign partition sort'.split(' '))

// Every secret name holds one of these; most names hold none and are never cut up.
const MAY_MATCH = /pass|pwd|pw|tok|jwt|bear|otp|key|sec|cred|auth|cook|sess/i
const ASCII = /^[\u0020-\u007e]*$/
const BOUNDARY = /[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/

export type KeyVerdict = 'plain' | 'secret' | 'secret-text'

/** `secret`: whatever it holds goes · `secret-text`: text goes, numbers stay. */
export function judgeKey(name: string): KeyVerdict {
  const text = ASCII.test(name) ? name : name.normalize('NFKC')
  if (!MAY_MATCH.test(text)) return 'plain'
  const segments = text.split(BOUNDARY).map((segment) => segment.toLowerCase())
  let verdict: KeyVerdict = 'plain'
  for (const [i, segment] of segments.entries()) {
    if (SECRET_SEGMENTS.has(segment) && !HARMLESS_BEFORE.has(segments[i - 1] ?? '')) return 'secret'
    if (SECRET_PLURALS.has(segment)) verdict = 'secret-text'
  }
  return verdict
}
