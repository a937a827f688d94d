/** What the name of a setting says of its value. */
export type KeyKind = 'password' | 'token' | 'named' | 'weak' | 'auth' | 'signature' | 'none'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

const PASSWORD = words(
  'password passwd passphrase passcode pwd pass pw passwort kennwort motdepasse contrasena contraseña senha wachtwoord userpass dbpass dbpassword mypassword rootpassword adminpassword masterpassword storepass keypass storepassword keypassword requirepass masterauth',
)
const TOKEN = words(
  'secret secrets token tokens apikey accesskey secretkey privatekey authkey masterkey signingkey encryptionkey accountkey sharedkey clientkey appkey adminkey servicekey credential credentials cred creds authtoken accesstoken refreshtoken idtoken apitoken clientsecret appsecret apisecret sharedsecret secretaccesskey sharedaccesskey bearer bearertoken jwtsecret usertoken bottoken sessiontoken deploykey webhooksecret consumersecret functionkey subscriptionkey licensekey cookiesecret hmackey integrationkey serverkey secrettoken personalaccesstoken pat dsn',
)
const WEAK = words('key keys jwt session sid sessid sessionid cookie otp pin code hash salt seed value')
const AUTH = words('auth authorization authentication authn identitytoken')
const TOKEN_OF_TEXT = words(
  'next page continuation continue sync delta cancellation cancel eos bos pad unk sep mask cls start end special stop design color resume skip prev previous cursor shard fencing change watch csrf xsrf input output total max min prompt completion first last current lookahead punctuation syntax keyword',
)
const KEY_WITH_SECRET = words(
  'api access secret private priv auth signing sign encryption encrypt encrypted master account shared service admin client app application session webhook hmac crypto cipher jwt deploy deployment license root server integration write read ingest ingestion ssh gpg pgp aes rsa ecdsa ed25519 wallet consumer subscription function host rest live test prod production developer dev tenant server storage primary2 user login token personal org organization project team agent bot license cookie flask django laravel rails secret2 internal vault kek dek data2 backup restore provider functions',
)
const KEY_WITHOUT_SECRET = words(
  'public pub primary foreign partition sort cache object row hash map index lookup group idempotency routing s3 config dict json translation i18n query react tab hot shortcut material event message item option state site publishable anon host2 ssh2 registry sort2 order unique composite natural surrogate candidate range cursor last first next prev previous answer legend arrow enter escape home end delete backspace shift control alt meta function2 websocket',
)
const JOINED_TOKEN = /(?:token|secret|apikey|credentials?)$/
const JOINED_PASSWORD = /(?:password|passwd|passphrase)$/
const JOINED_KEY =
  /(?:api|access|secret|private|auth|signing|encrypt|encryption|master|shared|account|client|admin|service)key$/

const BOUNDARY = /[^A-Za-zñ]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/

/** Classifies a name by its last segments: `spring.datasource.password`, `X-Api-Key`, `webhookSecret`, `JWT_SECRET_2`. */
export function keyKind(name: string): KeyKind {
  const segments = name.split(BOUNDARY).filter((segment) => segment !== '')
  const last = segments.at(-1)?.toLowerCase() ?? ''
  const before = segments.at(-2)?.toLowerCase() ?? ''
  if (PASSWORD.has(last)) return last === 'pass' && KEY_WITHOUT_SECRET.has(before) ? 'none' : 'password'
  if (last === 'token' || last === 'tokens') return TOKEN_OF_TEXT.has(before) ? 'none' : 'token'
  if (last === 'key' || last === 'keys') {
    if (KEY_WITHOUT_SECRET.has(before)) return 'none'
    if (KEY_WITH_SECRET.has(before)) return 'token'
    // `DATABRICKS_KEY`, `acme_key`
    return before !== '' && /[A-Za-z]_keys?$/i.test(name) ? 'named' : 'weak'
  }
  if (last === 'signature' || last === 'sig') return 'signature'
  if (TOKEN.has(last)) return 'token'
  if (AUTH.has(last)) return 'auth'
  if (WEAK.has(last)) return 'weak'
  if (JOINED_PASSWORD.test(last)) return 'password'
  if (JOINED_TOKEN.test(last) || JOINED_KEY.test(last)) return 'token'
  return 'none'
}

/** What a word must end with to be looked at, in lower case. */
const ENDINGS = (
  'key keys token tokens secret secrets password passwd pwd pass passphrase passcode passwort kennwort motdepasse ' +
  'contrasena senha wachtwoord credential credentials cred creds auth authorization authentication authn cookie sid ' +
  'sessid session sessionid jwt bearer dsn signature sig apikey'
).split(' ')

const FILTER = new Uint8Array(32 * 32 * 32)
const BY_LAST: string[][] = Array.from({ length: 32 * 32 }, () => [])
for (const ending of ENDINGS) {
  const [a = 0, b = 0, c = 0] = [...ending.slice(-3)].map((letter) => letter.charCodeAt(0) & 31)
  FILTER[(a << 10) | (b << 5) | c] = 1
  ;(BY_LAST[(b << 5) | c] as string[]).push(ending)
}

/** Whether a name of a secret may end with these three letters. */
export const mayEndKey = (a: number, b: number, c: number): boolean =>
  FILTER[((a & 31) << 10) | ((b & 31) << 5) | (c & 31)] === 1

/** Whether the word that ends before `end` ends with one of the words above. */
export function endsKey(text: string, end: number): boolean {
  const endings = BY_LAST[((text.charCodeAt(end - 2) & 31) << 5) | (text.charCodeAt(end - 1) & 31)] as string[]
  return endings.some((ending) => text.slice(end - ending.length, end).toLowerCase() === ending)
}
