import type { Rule } from '../rule.ts'

const WEAK_HASH =
  /^(?:(?:rsa|dsa|hmac|ecdsa)?-?_?(?:with)?_?-?)?(?:md2|md4|md5|sha-?_?1|sha|ripemd-?160|rmd160|hmac-?md5|hmac-?sha1)(?:with\w+)?$/i
const WEAK_CIPHER =
  /(?:^|[-/])(?:des|des-?ede3?|3des|desede|tripledes|rc2|rc4|arc4|arcfour|bf|blowfish|cast5?|idea|seed)(?:$|[-/])|(?:^|[-/])(?:ecb)(?:$|[-/])|^(?:aes|AES)$|-ecb$|^des/i
const SECRET_PURPOSE_SHELL = /tok(?:en)?|secret|pass|pw|session|otp|nonce|salt|key|pin|code|sid|invite|voucher/i
const SECRET_PURPOSE =
  /tok(?:en)?s?(?![a-z])|Token|secret|passw|session|otp|nonce|salt|csrf|xsrf|reset|api_?key|(?:secret|private|access|auth|sign(?:ing)?|session|master|crypt(?:o|ion)?|hmac|aes|licen[cs]e|activation|encryption|shared|signature|symmetric|product|recovery|client|service|app|user)_?key$|verif|invite|captcha|auth|credential|pin$|code$|Code$|(?:^|_)iv$|IV$|Otp|OTP|Nonce|Salt|Password|Reset|Invite|Voucher|voucher|coupon|Coupon|sid$|Sid$|SID$|ticket|api[_-]?key|ApiKey|APIKey|(?:API|[aA]pi|Secret|secret|Private|private|Access|access|Auth|auth|Sign(?:ing)?|sign(?:ing)?|Session|session|Master|master|Crypto|crypto|Encryption|encryption|Hmac|hmac|Aes|aes|Licen[cs]e|licen[cs]e|Activation|activation|Shared|shared|Recovery|recovery)Key$|Verif|Captcha|Csrf|CSRF|Auth|magic_?link|MagicLink|recovery|Recovery|challenge|Challenge|Token|Secret|Session|Otp|ApiKey|jwt|cookie/

/** What numbers are for that nobody has to guess. */
const HARMLESS_PURPOSE =
  /interval|delay|jitter|timeout|backoff|sleep|retr(?:y|ies)|expir|ttl|index$|idx$|offset|percent|sampl(?:e|ing)_?rate|weight|temperature/i
const NO_SECRET = { purpose: HARMLESS_PURPOSE } as const

/** What else is a key where many digits are made. */
const KEY_PURPOSE = /(?:^|_)[kK]ey$|[a-z]Key$/

/** Digests that can be forged. */
export const DIGEST: Rule = {
  id: 'code.weak_crypto.digest',
  severity: 'medium',
  cwe: 328,
  title: 'A digest that can be forged (MD5, SHA-1)',
  fix: 'Use SHA-256 or better; for passwords bcrypt, scrypt or Argon2. Where it is no protection say so: `usedforsecurity=False`, or a suppression with its reason.',
  sinks: {
    javascript: [
      {
        call: 'crypto.createHash crypto.createHmac crypto.createSign crypto.createVerify crypto.Hash crypto.hash crypto.sign crypto.verify createHash createHmac Bun.CryptoHasher hash.js.hmac',
        where: [{ arg: 0, like: WEAK_HASH }],
      },
      { call: 'crypto.pbkdf2 crypto.pbkdf2Sync pbkdf2', where: [{ arg: 4, like: WEAK_HASH }] },
      { call: 'crypto.subtle.digest *.digest', where: [{ arg: 0, like: /^sha-?1$/i }] },
      {
        call: 'CryptoJS.MD5 CryptoJS.SHA1 CryptoJS.HmacMD5 CryptoJS.HmacSHA1 CryptoJS.RIPEMD160 CryptoJS.algo.MD5.create md5 md5.md5 sha1 blueimp-md5 js-md5 js-sha1 spark-md5.hash SparkMD5.hash SparkMD5 spark-md5 forge.md.md5.create forge.md.sha1.create node-forge.md.md5.create node-forge.md.sha1.create hash.js.sha1 hash.js.ripemd160 ts-md5.Md5.hashStr Md5.hashStr CryptoJS/md5 CryptoJS/sha1 md5.js crypto-js/md5 crypto-js/sha1 hasha.md5 object-hash.MD5 object-hash.sha1 @noble/hashes/legacy.md5 @noble/hashes/legacy.sha1 @noble/hashes/sha1.sha1 jshashes.MD5 jshashes.SHA1 hash-wasm.md5 hash-wasm.sha1 hash-wasm.createMD5 hash-wasm.createSHA1 hash-wasm.md4 unix-crypt-td-js apache-md5 sha1.sha1',
      },
      { call: 'object-hash hasha hasha.hashSync', where: [{ arg: 'algorithm', like: WEAK_HASH }] },
    ],
    python: [
      {
        call: 'hashlib.md5 hashlib.sha1 hashlib.md4 hashlib.ripemd160 Crypto.Hash.MD2.new Crypto.Hash.MD4.new Crypto.Hash.MD5.new Crypto.Hash.SHA.new Crypto.Hash.SHA1.new Crypto.Hash.RIPEMD160.new md5.new md5.md5 sha.new cryptography.hazmat.primitives.hashes.MD5 cryptography.hazmat.primitives.hashes.SHA1 cryptography.hashes.MD5 cryptography.hashes.SHA1 passlib.hash.md5_crypt.hash passlib.hash.sha1_crypt.hash passlib.hash.des_crypt.hash passlib.hash.ldap_md5.hash passlib.hash.hex_md5.hash passlib.hash.hex_sha1.hash passlib.hash.nthash.hash passlib.hash.lmhash.hash MD5.new SHA.new SHA1.new MD4.new passlib.hash.sha1_crypt.using passlib.hash.md5_crypt.using passlib.hash.apr_md5_crypt.hash passlib.hash.phpass.hash passlib.hash.mysql41.hash passlib.hash.mysql323.hash passlib.hash.postgres_md5.hash passlib.hash.ldap_sha1.hash Crypto.Hash.RIPEMD.new Crypto.Hash.SHA1.SHA1Hash Crypto.Hash.MD5.MD5Hash MD2.new',
        unless: [{ arg: 'usedforsecurity', is: 'false' }],
      },
      { call: 'hashlib.new', where: [{ arg: 0, like: WEAK_HASH }], unless: [{ arg: 'usedforsecurity', is: 'false' }] },
      {
        call: 'hashlib.new',
        where: [{ arg: 'name', like: WEAK_HASH }],
        unless: [{ arg: 'usedforsecurity', is: 'false' }],
      },
      {
        call: 'hmac.new hmac.HMAC hmac.digest',
        where: [{ arg: 2, like: /(?:^|\.)(?:md5|sha1|MD5|SHA1)(?:\.new)?$/i }],
      },
      { call: 'hmac.new hmac.HMAC', where: [{ arg: 'digestmod', like: /(?:^|\.)(?:md5|sha1)(?:\.new)?$/i }] },
      { call: 'hashlib.pbkdf2_hmac', where: [{ arg: 0, like: WEAK_HASH }] },
      {
        call: 'crypt.crypt',
        unless: [
          { arg: 1, like: /SHA|BLOWFISH/ },
          { arg: 'salt', like: /SHA256|SHA512|BLOWFISH/ },
        ],
      },
      { call: 'crypt.mksalt', where: [{ arg: 0, like: /CRYPT|MD5/ }] },
    ],
    go: [
      { call: 'crypto/md5.New crypto/md5.Sum crypto/sha1.New crypto/sha1.Sum crypto/md4.New crypto/ripemd160.New' },
      { call: 'crypto/hmac.New', where: [{ arg: 0, like: /md5|sha1/ }] },
      { call: 'crypto/pbkdf2.Key', where: [{ arg: 4, like: /md5|sha1/ }] },
      {
        call: 'github.com/golang-jwt/jwt.New github.com/golang-jwt/jwt.NewWithClaims',
        where: [{ arg: 0, like: /SigningMethodNone/ }],
      },
      { call: 'crypto/rsa.EncryptOAEP crypto/rsa.DecryptOAEP', where: [{ arg: 0, like: /md5|sha1/ }] },
      { call: 'crypto/rsa.SignPKCS1v15 crypto/rsa.VerifyPKCS1v15', where: [{ arg: 2, like: /crypto\.(?:MD5|SHA1)/ }] },
      { call: 'crypto.MD5.New crypto.SHA1.New crypto/ripemd160.New crypto/md4.New' },
    ],
    ruby: [
      {
        call: 'Digest.MD5.hexdigest Digest.MD5.digest Digest.MD5.base64digest Digest.MD5.new Digest.MD5.file Digest.SHA1.hexdigest Digest.SHA1.digest Digest.SHA1.base64digest Digest.SHA1.new Digest.SHA1.file Digest.RMD160.hexdigest OpenSSL.Digest.MD5.new OpenSSL.Digest.SHA1.new OpenSSL.Digest.MD5.hexdigest OpenSSL.Digest.SHA1.hexdigest OpenSSL.Digest.MD4.new OpenSSL.Digest.MD5.digest OpenSSL.Digest.SHA1.digest OpenSSL.Digest.SHA1.base64digest OpenSSL.Digest.MD5.base64digest OpenSSL.Digest.RIPEMD160.new Digest.RMD160.new Digest.RMD160.digest Digest.MD5 Digest.SHA1 UnixCrypt.MD5.build UnixCrypt.DES.build Digest.MD5.hexdigest!',
      },
      {
        call: 'OpenSSL.Digest.new OpenSSL.Digest OpenSSL.HMAC.hexdigest OpenSSL.HMAC.digest OpenSSL.HMAC.base64digest OpenSSL.Digest.digest OpenSSL.Digest.hexdigest Digest.new',
        where: [{ arg: 0, like: /^(?:md[245]|sha-?1)$|Digest\.(?:MD5|SHA1)/i }],
      },
      { call: 'OpenSSL.PKCS5.pbkdf2_hmac_sha1' },
      { call: '*.crypt' },
    ],
    java: [
      {
        call: 'MessageDigest.getInstance Mac.getInstance Signature.getInstance SecretKeyFactory.getInstance',
        where: [
          {
            arg: 0,
            like: /^(?:md[245]|sha-?1?|hmac-?md5|hmac-?sha-?1|md5with\w+|sha-?1with\w+|PBEWithMD5\w*|PBKDF2WithHmacSHA1)$/i,
          },
        ],
      },
      {
        call: 'DigestUtils.md5 DigestUtils.md5Hex DigestUtils.sha1 DigestUtils.sha1Hex DigestUtils.sha DigestUtils.shaHex DigestUtils.md5DigestAsHex DigestUtils.getMd5Digest DigestUtils.getSha1Digest DigestUtils.appendMd5DigestAsHex Hashing.md5 Hashing.sha1 HmacUtils.hmacMd5Hex HmacUtils.hmacSha1Hex HmacUtils.hmacSha1 DigestUtil.md5Hex SecureUtil.md5 SecureUtil.sha1 NoOpPasswordEncoder.getInstance Md5PasswordEncoder ShaPasswordEncoder MD5Digest SHA1Digest MessageDigestPasswordEncoder DigestUtils.md2Hex DigestUtils.getShaDigest DigestUtils.md5DigestAsHex Hashing.hmacMd5 Hashing.hmacSha1 HmacUtils.hmacMd5 LdapShaPasswordEncoder Md4PasswordEncoder StandardPasswordEncoder MD4Digest RIPEMD160Digest Md5Crypt.md5Crypt Md5Crypt.apr1Crypt UnixCrypt.crypt Md5Hash Sha1Hash Sha1CredentialsMatcher MD2Digest',
      },
    ],
    bash: [
      { call: 'md5sum sha1sum md5 md5deep sha1deep', unless: [{ arg: 0, like: /^(?:-c|--check|--version|--help)$/ }] },
      { call: 'shasum', unless: [{ arg: 0, like: /^-a$|^-a(?:224|256|384|512)|^-c$/ }] },
      { call: 'openssl', where: [{ arg: 'all', like: /^-?(?:md5|md4|sha1|ripemd160)$/ }] },
      {
        call: 'openssl',
        where: [
          { arg: 0, like: /^passwd$/ },
          { arg: 'all', like: /^-(?:1|apr1|crypt)$/ },
        ],
      },
      { call: 'htpasswd', where: [{ arg: 'all', like: /^-\w*[dsm]\w*$/ }], unless: [{ arg: 'all', like: /B/ }] },
    ],
  },
  examples: {
    javascript: {
      bad: [
        'import { createHash } from "node:crypto"\ncreateHash("md5").update(x)',
        'const { createHash: h } = require("crypto")\nconst alg = "sha" + "1"\nh(alg)',
      ],
      good: ['import { createHash } from "crypto"\ncreateHash("sha256")', 'const note = "md5 is weak"'],
    },
    python: {
      bad: [
        'import hashlib as h\nh.md5(x)',
        'import hmac, hashlib\nhmac.new(k, m, hashlib.sha1)',
        'import hashlib\nhashlib.new("sha1", x)',
      ],
      good: ['import hashlib\nhashlib.md5(x, usedforsecurity=False)', 'import hashlib\nhashlib.sha256(x)'],
    },
    go: {
      bad: ['package p\nimport "crypto/sha1"\nfunc f(b []byte) { sha1.Sum(b) }'],
      good: ['package p\nimport "crypto/sha256"\nfunc f(b []byte) { sha256.Sum256(b) }'],
    },
    ruby: {
      bad: ['Digest::MD5.hexdigest(x)', 'OpenSSL::HMAC.hexdigest("SHA1", k, d)'],
      good: ['Digest::SHA256.hexdigest(x)'],
    },
    java: {
      bad: ['class A { void f() throws Exception { MessageDigest.getInstance("SHA-1"); } }'],
      good: ['class A { void f() throws Exception { MessageDigest.getInstance("SHA-256"); } }'],
    },
    bash: { bad: ['echo -n "$p" | md5sum', 'openssl dgst -sha1 f'], good: ['sha256sum f', 'openssl dgst -sha256 f'] },
  },
}

/** Ciphers and modes that can be broken. */
export const CIPHER: Rule = {
  id: 'code.weak_crypto.cipher',
  severity: 'high',
  cwe: 327,
  title: 'A cipher or mode that can be broken',
  fix: 'Use AES-256-GCM or ChaCha20-Poly1305 with a random nonce for each message.',
  sinks: {
    javascript: [
      {
        call: 'crypto.createCipheriv crypto.createDecipheriv createCipheriv createDecipheriv crypto.Cipheriv node-forge.cipher.createCipher forge.cipher.createCipher',
        where: [{ arg: 0, like: WEAK_CIPHER }],
      },
      { call: 'crypto.createCipher crypto.createDecipher createCipher createDecipher' },
      {
        call: 'CryptoJS.DES.encrypt CryptoJS.DES.decrypt CryptoJS.TripleDES.encrypt CryptoJS.TripleDES.decrypt CryptoJS.RC4.encrypt CryptoJS.RC4.decrypt CryptoJS.RC4Drop.encrypt CryptoJS.Rabbit.encrypt CryptoJS.Blowfish.encrypt des.js.DES.create CryptoJS.DES.createEncryptor CryptoJS.RC4Drop.decrypt CryptoJS.Rabbit.decrypt CryptoJS.RabbitLegacy.encrypt CryptoJS.Blowfish.decrypt node-forge.des.createEncryptionCipher forge.des.createEncryptionCipher node-forge.rc2.createEncryptionCipher forge.rc2.createEncryptionCipher node-forge.des.startEncrypting forge.des.startEncrypting crypto-js/tripledes.encrypt crypto-js/rc4.encrypt crypto-js/des.encrypt egoroof-blowfish.Blowfish',
      },
      { call: 'CryptoJS.AES.encrypt CryptoJS.AES.decrypt', where: [{ arg: 'mode', like: /ECB/ }] },
      {
        call: 'crypto.createCipheriv createCipheriv',
        where: [{ arg: 2, is: 'constant' }],
        unless: [{ arg: 2, is: 'missing' }],
      },
      {
        call: 'crypto.publicEncrypt crypto.privateDecrypt',
        where: [{ arg: 'padding', like: /RSA_PKCS1_PADDING$|RSA_NO_PADDING/ }],
      },
    ],
    python: [
      {
        call: 'Crypto.Cipher.DES.new Crypto.Cipher.DES3.new Crypto.Cipher.ARC4.new Crypto.Cipher.ARC2.new Crypto.Cipher.Blowfish.new Crypto.Cipher.CAST.new Crypto.Cipher.XOR.new cryptography.hazmat.primitives.ciphers.algorithms.ARC4 cryptography.hazmat.primitives.ciphers.algorithms.TripleDES cryptography.hazmat.primitives.ciphers.algorithms.Blowfish cryptography.hazmat.primitives.ciphers.algorithms.IDEA cryptography.hazmat.primitives.ciphers.algorithms.CAST5 cryptography.hazmat.primitives.ciphers.algorithms.SEED cryptography.hazmat.primitives.ciphers.modes.ECB cryptography.hazmat.decrepit.ciphers.algorithms.ARC4 cryptography.hazmat.decrepit.ciphers.algorithms.TripleDES cryptography.algorithms.ARC4 cryptography.algorithms.TripleDES cryptography.algorithms.Blowfish cryptography.algorithms.IDEA cryptography.algorithms.CAST5 cryptography.modes.ECB pyDes.des pyDes.triple_des DES.new DES3.new ARC4.new Crypto.Cipher.PKCS1_v1_5.new cryptography.hazmat.primitives.ciphers.algorithms.RC2 cryptography.hazmat.decrepit.ciphers.algorithms.RC2 cryptography.hazmat.decrepit.ciphers.algorithms.Blowfish cryptography.hazmat.decrepit.ciphers.algorithms.CAST5 cryptography.hazmat.decrepit.ciphers.algorithms.IDEA cryptography.hazmat.decrepit.ciphers.algorithms.SEED CAST.new ARC2.new Blowfish.new blowfish.Cipher arc4.ARC4 Crypto.Cipher.CAST5.new',
      },
      { call: 'Crypto.Cipher.AES.new AES.new', where: [{ arg: 1, like: /ECB/ }] },
      { call: 'Crypto.Cipher.AES.new AES.new', where: [{ arg: 'mode', like: /ECB/ }] },
      { call: 'Crypto.Cipher.AES.new AES.new', where: [{ arg: 2, is: 'constant' }] },
      { call: 'Crypto.Cipher.AES.new AES.new', where: [{ arg: 'iv', is: 'constant' }] },
      { call: 'pyaes.AESModeOfOperationECB pyaes.AESModeOfOperationECB.encrypt' },
    ],
    go: [
      {
        call: 'crypto/aes.NewCipher().Encrypt crypto/aes.NewCipher().Decrypt crypto/des.NewCipher crypto/des.NewTripleDESCipher crypto/rc4.NewCipher crypto/blowfish.NewCipher crypto/cast5.NewCipher crypto/tea.NewCipher crypto/rsa.EncryptPKCS1v15 crypto/rsa.DecryptPKCS1v15 ecb.NewECBEncrypter github.com/andreburgaud/crypt2go/ecb.NewECBEncrypter github.com/andreburgaud/crypt2go/ecb.NewECBDecrypter crypto/xtea.NewCipher crypto/blowfish.NewSaltedCipher crypto/rsa.DecryptPKCS1v15SessionKey',
      },
    ],
    ruby: [
      { call: 'OpenSSL.Cipher.new OpenSSL.Cipher.Cipher.new OpenSSL.Cipher', where: [{ arg: 0, like: WEAK_CIPHER }] },
      { call: 'OpenSSL.Cipher.DES.new OpenSSL.Cipher.RC4.new OpenSSL.Cipher.BF.new OpenSSL.Cipher.RC2.new' },
      { call: 'OpenSSL.Cipher.AES.new', where: [{ arg: 1, like: /ECB/i }] },
      { call: 'OpenSSL.Cipher.AES.new', where: [{ arg: 2, like: /ECB/i }] },
    ],
    java: [
      {
        call: 'Cipher.getInstance',
        where: [
          {
            arg: 0,
            like: /^(?:DES|DESede|RC2|RC4|ARCFOUR|Blowfish|TripleDES)(?:\/|$)|\/ECB\/|^AES$|^RSA\/(?:None|ECB)\/(?:NoPadding|PKCS1Padding)$|^RSA$/i,
          },
        ],
        unless: [{ arg: 0, like: /^RSA\/ECB\/OAEP/i }],
      },
      {
        call: 'KeyGenerator.getInstance SecretKeyFactory.getInstance',
        where: [{ arg: 0, like: /^(?:DES|DESede|RC2|RC4|ARCFOUR|Blowfish)$/i }],
      },
      { call: 'SecretKeySpec', where: [{ arg: 1, like: /^(?:DES|DESede|RC4|Blowfish)$/i }] },
      { call: 'IvParameterSpec', where: [{ arg: 0, is: 'constant' }] },
      {
        call: 'NullCipher DESEngine DESedeEngine RC4Engine RC2Engine BlowfishEngine DESKeySpec DESedeKeySpec ECBBlockCipher',
      },
      { call: 'GCMParameterSpec', where: [{ arg: 1, is: 'constant' }] },
    ],
    bash: [
      {
        call: 'openssl',
        where: [
          { arg: 0, like: /^(?:enc|smime|cms|genrsa|rsa|pkcs8|pkcs12|des3?|rc4|bf)$/ },
          { arg: 'all', like: /^-(?:des|des3|des-\w+|rc4|rc2|bf|blowfish|cast5?|\w+-ecb|aes-?\d+-ecb|des-ede3\w*)/ },
        ],
      },
      { call: 'openssl', where: [{ arg: 0, like: /^(?:des3?|rc4|bf|rc2)$/ }] },
      { call: 'gpg', where: [{ arg: 'all', like: /3DES|CAST5|MD5|SHA1$|^IDEA/ }] },
    ],
  },
  settings: [{ name: /^iv$/, is: 'constant', languages: ['ruby'] }],
  examples: {
    javascript: {
      bad: [
        'import { createCipheriv as c } from "crypto"\nc("aes-128-ecb", k, null)',
        'const a = "des-ede3" + "-cbc"\ncrypto.createCipheriv(a, k, iv)',
      ],
      good: ['crypto.createCipheriv("aes-256-gcm", k, crypto.randomBytes(12))'],
    },
    python: {
      bad: [
        'from Crypto.Cipher import AES\nAES.new(k, AES.MODE_ECB)',
        'from Cryptodome.Cipher import DES3\nDES3.new(k)',
      ],
      good: ['from Crypto.Cipher import AES\nAES.new(k, AES.MODE_GCM)'],
    },
    go: {
      bad: ['package p\nimport "crypto/rc4"\nfunc f(k []byte) { rc4.NewCipher(k) }'],
      good: ['package p\nimport "crypto/aes"\nfunc f(k []byte) { aes.NewCipher(k) }'],
    },
    ruby: { bad: ['OpenSSL::Cipher.new("AES-128-ECB")'], good: ['OpenSSL::Cipher.new("aes-256-gcm")'] },
    java: {
      bad: ['class A { void f() throws Exception { Cipher.getInstance("AES"); } }'],
      good: ['class A { void f() throws Exception { Cipher.getInstance("AES/GCM/NoPadding"); } }'],
    },
    bash: { bad: ['openssl enc -aes-128-ecb -in a -out b'], good: ['openssl enc -aes-256-cbc -pbkdf2 -in a -out b'] },
  },
}

/** Values that must be secret and can be guessed. */
export const RANDOM: Rule = {
  id: 'code.weak_crypto.random',
  severity: 'high',
  cwe: 338,
  title: 'A secret is made of numbers that can be predicted',
  fix: 'Use the generator for secrets: crypto.randomBytes, secrets.token_urlsafe, crypto/rand, SecureRandom.',
  sinks: {
    javascript: [
      {
        call: 'Math.random _.random _.sample _.shuffle chance.string',
        where: [{ purpose: SECRET_PURPOSE }],
        unless: [NO_SECRET],
      },
      { call: 'crypto.pseudoRandomBytes' },
      {
        call: 'uuid.v1 seedrandom random-seed chance.hash chance.guid faker.random.alphaNumeric shortid.generate randomatic',
        where: [{ purpose: SECRET_PURPOSE }],
        unless: [NO_SECRET],
      },
    ],
    python: [
      {
        call: 'random.random random.randint random.randrange random.choice random.choices random.sample random.getrandbits random.uniform random.shuffle numpy.random.randint numpy.random.rand numpy.random.choice numpy.random.bytes random.randbytes random.Random().choice random.Random().random random.Random().randint random.Random().choices random.Random().sample random.Random().getrandbits random.Random().randrange random.Random().randbytes numpy.random.default_rng().integers numpy.random.default_rng().bytes numpy.random.default_rng().choice numpy.random.RandomState().randint random.triangular random.gauss',
        where: [{ purpose: SECRET_PURPOSE }],
        // the next word of a language model
        unless: [NO_SECRET, { arg: 0, from: /vocab|logit|prob|candidate|corpus|words?\b/i }],
      },
      {
        call: 'random.getrandbits random.randbytes random.choices numpy.random.bytes random.Random().getrandbits random.Random().randbytes',
        where: [{ purpose: KEY_PURPOSE }],
        unless: [NO_SECRET],
      },
      { call: 'uuid.uuid1', where: [{ purpose: SECRET_PURPOSE }], unless: [NO_SECRET] },
    ],
    go: [
      {
        call: 'math/rand.Int math/rand.Intn math/rand.Int63 math/rand.Int31 math/rand.Int31n math/rand.Int63n math/rand.Float64 math/rand.Perm math/rand.Uint32 math/rand.Uint64 math/rand.IntN math/rand.N math/rand.Read math/rand.New().Intn math/rand.New().Int math/rand.New().Int63 math/rand.New().Int31n math/rand.New().Int63n math/rand.New().Read math/rand.New().Perm math/rand.New().Uint64 math/rand.New().Uint32 math/rand.New().IntN math/rand.Int32 math/rand.Int64 math/rand.Int32N math/rand.Int64N math/rand.Uint32N math/rand.Uint64N math/rand.UintN math/rand.Shuffle math/rand.New().Int64 math/rand.New().Uint64N math/rand.Uint math/rand.Int31 math/rand.Float32 math/rand.New().Float64 math/rand.New().Shuffle',
        where: [{ purpose: SECRET_PURPOSE }],
        unless: [NO_SECRET],
      },
      { call: 'math/rand.Read math/rand.New().Read', where: [{ purpose: KEY_PURPOSE }], unless: [NO_SECRET] },
    ],
    ruby: [
      {
        call: 'rand Random.rand Random.new().rand Kernel.rand Random.bytes Random.new().bytes *.sample *.shuffle',
        where: [{ purpose: SECRET_PURPOSE }],
        unless: [NO_SECRET, { arg: 'random', like: /SecureRandom/ }],
      },
    ],
    java: [
      {
        call: 'Math.random Random().nextInt Random().nextLong Random().nextBytes Random().ints Random().nextDouble ThreadLocalRandom.current().nextInt ThreadLocalRandom.current().nextLong RandomStringUtils.random RandomStringUtils.randomAlphanumeric RandomStringUtils.randomAlphabetic RandomStringUtils.randomNumeric RandomStringUtils.randomAscii Random().nextFloat Random().nextGaussian Random().nextBoolean Random().longs Random().doubles SplittableRandom().nextInt SplittableRandom().nextLong SplittableRandom().nextBytes ThreadLocalRandom.current().nextBytes ThreadLocalRandom.current().ints ThreadLocalRandom.current().nextDouble RandomUtils.nextInt RandomUtils.nextLong RandomUtil.randomString RandomUtil.randomNumbers RandomUtil.randomInt',
        where: [{ purpose: SECRET_PURPOSE }],
        unless: [NO_SECRET],
      },
      {
        call: 'Random().nextBytes ThreadLocalRandom.current().nextBytes',
        where: [{ purpose: KEY_PURPOSE }],
        unless: [NO_SECRET],
      },
    ],
    bash: [{ call: '$RANDOM shuf jot', where: [{ purpose: SECRET_PURPOSE_SHELL }], unless: [NO_SECRET] }],
  },
  examples: {
    javascript: {
      bad: [
        'const token = Math.random().toString(36).slice(2)',
        'function makeSessionId() { return Math.floor(Math.random() * 1e9) }',
      ],
      good: ['const x = Math.random() * width', 'const token = crypto.randomUUID()'],
    },
    python: {
      bad: ['import random\ndef reset_token():\n    return "".join(random.choice("abc") for _ in range(20))'],
      good: ['import random\ncolour = random.choice(COLOURS)', 'import secrets\ntoken = secrets.token_hex(16)'],
    },
    go: {
      bad: ['package p\nimport "math/rand"\nfunc newToken() int { return rand.Intn(1000000) }'],
      good: ['package p\nimport "crypto/rand"\nfunc newToken(b []byte) { rand.Read(b) }'],
    },
    ruby: { bad: ['token = rand(10**9).to_s'], good: ['token = SecureRandom.hex(16)'] },
    java: {
      bad: ['class A { int token() { return new Random().nextInt(); } }'],
      good: ['class A { int token() { return new SecureRandom().nextInt(); } }'],
    },
  },
}

/** Keys that are too short, passwords that are hashed too fast. */
export const STRENGTH: Rule = {
  id: 'code.weak_crypto.strength',
  severity: 'high',
  cwe: 326,
  title: 'A key or work factor that is too small',
  fix: 'RSA keys of 3072 bits, curves of 256; PBKDF2 with 600 000 rounds, bcrypt with 12.',
  sinks: {
    javascript: [
      {
        call: 'crypto.generateKeyPair crypto.generateKeyPairSync generateKeyPair generateKeyPairSync',
        where: [{ arg: 'modulusLength', below: 2048 }],
      },
      { call: 'crypto.generateKeyPair crypto.generateKeyPairSync', where: [{ arg: 0, like: /^dsa$/ }] },
      { call: 'crypto.pbkdf2 crypto.pbkdf2Sync', where: [{ arg: 2, below: 10_000 }] },
      {
        call: 'bcrypt.hash bcrypt.hashSync bcryptjs.hash bcryptjs.hashSync bcrypt.genSalt bcrypt.genSaltSync',
        where: [{ arg: 1, below: 8 }],
      },
      { call: 'crypto.createDiffieHellman crypto.createECDH', where: [{ arg: 0, below: 2048 }] },
      {
        call: 'node-forge.pki.rsa.generateKeyPair forge.pki.rsa.generateKeyPair node-rsa',
        where: [{ arg: 0, below: 2048 }],
      },
    ],
    python: [
      {
        call: 'cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key cryptography.rsa.generate_private_key cryptography.hazmat.primitives.asymmetric.dsa.generate_private_key rsa.generate_private_key',
        where: [{ arg: 'key_size', below: 2048 }],
      },
      {
        call: 'cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key cryptography.rsa.generate_private_key',
        where: [{ arg: 1, below: 2048 }],
      },
      {
        call: 'Crypto.PublicKey.RSA.generate Crypto.PublicKey.DSA.generate Crypto.PublicKey.ElGamal.generate RSA.generate DSA.generate paramiko.RSAKey.generate rsa.newkeys',
        where: [{ arg: 0, below: 2048 }],
      },
      { call: 'Crypto.PublicKey.RSA.generate paramiko.RSAKey.generate', where: [{ arg: 'bits', below: 2048 }] },
      { call: 'hashlib.pbkdf2_hmac', where: [{ arg: 3, below: 10_000 }] },
      {
        call: 'cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC PBKDF2HMAC',
        where: [{ arg: 'iterations', below: 10_000 }],
      },
      { call: 'bcrypt.gensalt', where: [{ arg: 0, below: 8 }] },
      { call: 'bcrypt.gensalt', where: [{ arg: 'rounds', below: 8 }] },
    ],
    go: [
      { call: 'crypto/rsa.GenerateKey crypto/rsa.GenerateMultiPrimeKey', where: [{ arg: 1, below: 2048 }] },
      { call: 'crypto/pbkdf2.Key', where: [{ arg: 2, below: 10_000 }] },
      { call: 'crypto/bcrypt.GenerateFromPassword', where: [{ arg: 1, below: 8 }] },
      { call: 'crypto/dsa.GenerateKey crypto/dsa.GenerateParameters' },
      { call: 'crypto/elliptic.P224' },
      { call: 'crypto/scrypt.Key', where: [{ arg: 2, below: 1024 }] },
    ],
    ruby: [
      {
        call: 'OpenSSL.PKey.RSA.new OpenSSL.PKey.RSA.generate OpenSSL.PKey.DSA.new OpenSSL.PKey.DSA.generate OpenSSL.PKey.DH.new',
        where: [{ arg: 0, below: 2048 }],
      },
      { call: 'OpenSSL.PKCS5.pbkdf2_hmac', where: [{ arg: 2, below: 10_000 }] },
      { call: 'BCrypt.Password.create', where: [{ arg: 'cost', below: 8 }] },
    ],
    java: [
      {
        call: '*.initialize *.init',
        where: [{ on: /KeyPairGenerator|[kK]pg|[kK]ey(?:Pair)?Gen/ }, { arg: 0, below: 2048 }],
        unless: [{ arg: 0, like: /^(?:128|192|256|224|384|512|521)$/ }],
      },
      { call: 'PBEKeySpec', where: [{ arg: 2, below: 10_000 }] },
      { call: 'BCryptPasswordEncoder', where: [{ arg: 0, below: 8 }] },
      { call: 'RSAKeyGenParameterSpec', where: [{ arg: 0, below: 2048 }] },
    ],
    bash: [
      {
        call: 'openssl',
        where: [{ arg: 'all', like: /^(?:512|768|1024|rsa:(?:512|768|1024)|rsa_keygen_bits:(?:512|768|1024))$/ }],
      },
      { call: 'ssh-keygen', where: [{ arg: 'all', like: /^(?:dsa|512|768|1024)$/ }] },
    ],
  },
  examples: {
    javascript: {
      bad: ['import crypto from "crypto"\ncrypto.generateKeyPairSync("rsa", { modulusLength: 1024 })'],
      good: ['import crypto from "crypto"\ncrypto.generateKeyPairSync("rsa", { modulusLength: 4096 })'],
    },
    python: {
      bad: ['from Crypto.PublicKey import RSA\nRSA.generate(1024)'],
      good: ['from Crypto.PublicKey import RSA\nRSA.generate(3072)'],
    },
    go: {
      bad: ['package p\nimport ("crypto/rand"; "crypto/rsa")\nfunc f() { rsa.GenerateKey(rand.Reader, 1024) }'],
      good: ['package p\nimport ("crypto/rand"; "crypto/rsa")\nfunc f() { rsa.GenerateKey(rand.Reader, 3072) }'],
    },
    ruby: { bad: ['OpenSSL::PKey::RSA.new(1024)'], good: ['OpenSSL::PKey::RSA.new(4096)'] },
    bash: { bad: ['openssl genrsa -out k.pem 1024'], good: ['openssl genrsa -out k.pem 4096'] },
  },
}
