interface CredentialArgument {
  readonly index: number
  /** What the argument would be called. */
  readonly name: string
}

const rows: readonly (readonly [index: number, name: string, calls: string])[] = [
  [2, 'password', 'DriverManager.getConnection pymysql.connect MySQLdb.connect Net.SSH.start *.setHttpBasicAuth'],
  [
    1,
    'password',
    '*.login *.basic_auth *.SetBasicAuth *.basicAuth *.setCredentials *.authenticate *.withCredentials PasswordAuthentication UsernamePasswordCredentials HTTPBasicAuth requests.auth.HTTPBasicAuth httpx.BasicAuth aiohttp.BasicAuth HTTPDigestAuth requests.auth.HTTPDigestAuth Credentials.basic *.setBasicAuth *.set_auth UsernamePasswordAuthenticationToken BasicAWSCredentials AwsBasicCredentials.create',
  ],
  [
    0,
    'password',
    '*.auth *.setPassword *.password *.setRequirepass *.setApiKey *.setToken *.setSecret *.secretKey *.apiKey *.bearer *.setPass Fernet cryptography.fernet.Fernet stripe.Stripe *.set_password *.setSigningKey *.signWith *.hmacKey',
  ],
  [
    1,
    'secret',
    'jsonwebtoken.sign jsonwebtoken.verify jwt.sign jwt.verify jwt.encode jwt.decode jose.jwt.encode JWT.encode JWT.decode crypto.createHmac crypto.createCipheriv crypto.createDecipheriv CryptoJS.AES.encrypt CryptoJS.AES.decrypt CryptoJS.HmacSHA256 crypto/hmac.New createHmac createCipheriv',
  ],
  [
    0,
    'secret',
    'hmac.new Crypto.Cipher.AES.new SecretKeySpec Algorithm.HMAC256 Algorithm.HMAC384 Algorithm.HMAC512 Keys.hmacShaKeyFor crypto/aes.NewCipher cookie-parser cookieParser itsdangerous.URLSafeTimedSerializer itsdangerous.URLSafeSerializer AES.new sessions.NewCookieStore github.com/gorilla/sessions.NewCookieStore',
  ],
]

/** Arguments that are secrets by their place. */
export const CREDENTIAL_ARGUMENTS: ReadonlyMap<string, readonly CredentialArgument[]> = (() => {
  const map = new Map<string, CredentialArgument[]>()
  for (const [index, name, calls] of rows) {
    for (const call of calls.split(' ')) {
      map.set(call, [...(map.get(call) ?? []), { index, name }])
    }
  }
  return map
})()
