interface CredentialArgument {
  readonly index: number
  /** What the argument would be called. */
  readonly name: string
}

const rows: readonly (readonly [index: number, name: string, calls: string])[] = [
  [
    2,
    'password',
    'DriverManager.getConnection pymysql.connect MySQLdb.connect Net.SSH.start *.setHttpBasicAuth MySQLdb.Connection net/smtp.PlainAuth smtp.PlainAuth Sequelize sequelize.Sequelize',
  ],
  [
    1,
    'password',
    '*.login *.basic_auth *.SetBasicAuth *.basicAuth *.setCredentials *.authenticate *.withCredentials PasswordAuthentication UsernamePasswordCredentials HTTPBasicAuth requests.auth.HTTPBasicAuth httpx.BasicAuth aiohttp.BasicAuth HTTPDigestAuth requests.auth.HTTPDigestAuth Credentials.basic *.setBasicAuth *.set_auth *.SetBasicAuth *.basicAuthentication *.ldap_bind *.simple_bind_s *.bind *.httpBasic *.addBasicAuth *.user_pass net/url.UserPassword url.UserPassword requests.auth.HTTPProxyAuth PasswordAuthenticator cassandra.auth.PlainTextAuthProvider PlainTextAuthProvider pika.PlainCredentials pika.credentials.PlainCredentials SimpleCredentials NetworkCredential Aws.Credentials.new credentials.NewStaticCredentials github.com/aws/aws-sdk-go/aws/credentials.NewStaticCredentials credentials.NewStaticCredentialsProvider github.com/aws/aws-sdk-go-v2/credentials.NewStaticCredentialsProvider *.auth_basic *.basic_auth *.with_basic_auth *.setAuth UsernamePasswordAuthenticationToken BasicAWSCredentials AwsBasicCredentials.create',
  ],
  [
    0,
    'password',
    '*.auth *.setPassword *.password *.setRequirepass *.setApiKey *.setToken *.setSecret *.secretKey *.apiKey *.bearer *.setPass Fernet cryptography.fernet.Fernet stripe.Stripe *.set_password *.setSigningKey *.signWith *.hmacKey *.api_key *.access_token *.bearerAuth *.bearer_auth *.withToken *.withPassword *.withApiKey *.setAuthToken *.SetAuthToken *.set_token *.setKeyPassword *.setStorePassword *.setKeyStorePassword *.setTrustStorePassword *.passphrase *.setClientSecret *.clientSecret *.WithToken *.WithPassword *.WithAPIKey *.SetAPIKey *.SetToken *.SetPassword *.SetSecret slack.New slack_sdk.WebClient telegram.Bot SlackClient stripe @slack/web-api.WebClient sgMail.setApiKey @sendgrid/mail.setApiKey discord.Client().login github.Github Github *.setBearerAuth *.setBearerToken *.authToken',
  ],
  [
    1,
    'secret',
    '*.signWith *.sign_with jsonwebtoken.sign jsonwebtoken.verify jwt.sign jwt.verify jwt.encode jwt.decode jose.jwt.encode JWT.encode JWT.decode crypto.createHmac crypto.createCipheriv crypto.createDecipheriv CryptoJS.AES.encrypt CryptoJS.AES.decrypt CryptoJS.HmacSHA256 crypto/hmac.New createHmac createCipheriv CryptoJS.HmacSHA512 CryptoJS.HmacSHA1 OpenSSL.HMAC.hexdigest OpenSSL.HMAC.digest OpenSSL.HMAC.base64digest twilio twilio.rest.Client Twilio.REST.Client.new jsonwebtoken.signAsync',
  ],
  [
    0,
    'secret',
    '*.SignedString hmac.new Crypto.Cipher.AES.new SecretKeySpec Algorithm.HMAC256 Algorithm.HMAC384 Algorithm.HMAC512 Keys.hmacShaKeyFor crypto/aes.NewCipher cookie-parser cookieParser itsdangerous.URLSafeTimedSerializer itsdangerous.URLSafeSerializer AES.new sessions.NewCookieStore github.com/gorilla/sessions.NewCookieStore github.com/gin-contrib/sessions/cookie.NewStore cookie.NewStore github.com/gorilla/securecookie.New securecookie.New github.com/gorilla/csrf.Protect csrf.Protect itsdangerous.TimestampSigner itsdangerous.Signer itsdangerous.URLSafeTimedSerializer itsdangerous.TimedJSONWebSignatureSerializer cryptography.hazmat.primitives.ciphers.algorithms.AES cryptography.hazmat.primitives.ciphers.aead.AESGCM cryptography.hazmat.primitives.ciphers.aead.ChaCha20Poly1305 crypto.createSecretKey Keys.hmacShaKeyFor Algorithm.HMAC512 ActiveSupport.MessageEncryptor.new ActiveSupport.MessageVerifier.new golang.org/x/crypto/chacha20poly1305.New crypto/chacha20poly1305.New DESKeySpec MACVerifier MACSigner',
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
