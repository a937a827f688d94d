import type { Rule } from '../rule.ts'

/** Certificates and signatures that are not checked. */
export const VERIFICATION: Rule = {
  id: 'code.weak_crypto.verification',
  severity: 'high',
  cwe: 295,
  title: 'A certificate or signature is not checked',
  fix: 'Leave verification on; trust a private authority by its certificate (`ca`, `verify="/path/ca.pem"`, `RootCAs`).',
  sinks: {
    javascript: [
      { call: 'jsonwebtoken.verify jwt.verify', where: [{ arg: 'algorithms', like: /^none$/i }] },
      { call: 'jsonwebtoken.sign jwt.sign', where: [{ arg: 'algorithm', like: /^none$/i }] },
      { call: 'jsonwebtoken.verify jwt.verify', where: [{ arg: 'ignoreExpiration', is: 'true' }] },
      { call: 'jwt-simple.decode', where: [{ arg: 2, is: 'true' }] },
    ],
    python: [
      {
        call: 'ssl._create_unverified_context ssl._https_verify_certificates paramiko.AutoAddPolicy paramiko.WarningPolicy ssl.wrap_socket paramiko.client.AutoAddPolicy paramiko.client.WarningPolicy',
      },
      { call: '*.set_missing_host_key_policy', where: [{ arg: 0, like: /AutoAddPolicy|WarningPolicy/ }] },
      { call: 'ssl.SSLContext', where: [{ arg: 0, like: /SSLv2|SSLv3|PROTOCOL_TLSv1(?:_1)?$|SSLv23/ }] },
      { call: 'jwt.decode jose.jwt.decode', where: [{ arg: 'verify', is: 'false' }] },
      { call: 'jwt.decode jose.jwt.decode', where: [{ arg: 'algorithms', like: /^none$/i }] },
      { call: 'jwt.encode', where: [{ arg: 'algorithm', like: /^none$/i }] },
      { call: 'aiohttp.TCPConnector', where: [{ arg: 'ssl', is: 'false' }] },
      { call: 'urllib3.disable_warnings' },
    ],
    go: [
      {
        call: 'crypto/ssh.InsecureIgnoreHostKey golang.org/x/crypto/ssh.InsecureIgnoreHostKey grpc.WithInsecure google.golang.org/grpc.WithInsecure',
      },
      { call: '*.ParseUnverified' },
    ],
    ruby: [
      { call: 'JWT.decode', where: [{ arg: 2, is: 'false' }] },
      { call: 'JWT.encode', where: [{ arg: 2, like: /^none$/i }] },
    ],
    java: [
      { call: 'SSLContext.getInstance', where: [{ arg: 0, like: /^(?:SSL|SSLv2|SSLv3|TLSv1|TLSv1\.1)$/ }] },
      { call: 'NoopHostnameVerifier AllowAllHostnameVerifier TrustAllStrategy' },
      {
        call: '*.setHostnameVerifier *.setDefaultHostnameVerifier *.hostnameVerifier *.setSSLHostnameVerifier',
        where: [{ arg: 0, like: /Noop|AllowAll|ALLOW_ALL|NoOp|^TRUE$/ }],
      },
      { call: '!nothing.checkServerTrusted !yes.verify !yes.isTrusted !yes.isServerTrusted' },
      { call: '*.setHostnameVerifier *.setDefaultHostnameVerifier *.hostnameVerifier', where: [{ arg: 0, is: 'yes' }] },
      { call: '*.trustAll' },
      { call: 'Algorithm.none' },
    ],
    bash: [
      {
        call: 'curl',
        where: [
          {
            arg: 'all',
            like: /^(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure|--proxy-insecure|--sslv[23]|--tlsv1\.[01]|-[123])$/,
          },
        ],
      },
      { call: 'wget', where: [{ arg: 'all', like: /^--no-check-certificate$/ }] },
      { call: 'git', where: [{ arg: 'all', like: /^http\.sslVerify=(?:false|0)$/i }] },
      {
        call: 'git',
        where: [
          { arg: 'all', like: /^http\.(?:\S+\.)?sslVerify$/i },
          { arg: 'all', like: /^(?:false|0)$/i },
        ],
      },
      { call: 'ssh scp sftp rsync sshpass', where: [{ arg: 'all', like: /StrictHostKeyChecking[= ]no/i }] },
      { call: 'npm yarn pnpm', where: [{ arg: 'all', like: /^strict-ssl=?$|^--no-strict-ssl$|^--strict-ssl=false$/ }] },
      { call: 'pip pip3', where: [{ arg: 'all', like: /^--trusted-host/ }] },
      {
        call: 'apt-get apt',
        where: [{ arg: 'all', like: /--allow-unauthenticated|--force-yes|AllowUnauthenticated/ }],
      },
      { call: 'http https', where: [{ arg: 'all', like: /^--verify=(?:no|false)$/ }] },
      { call: 'openssl', where: [{ arg: 'all', like: /^-(?:ssl3|ssl2|tls1|tls1_1)$/ }] },
    ],
  },
  settings: [
    {
      name: /^(?:rejectUnauthorized|strictSSL|strictSsl|check_hostname|verify_ssl|verify_certs|ssl_verify|ssl_verifypeer|verify_peer|sslVerify)$/,
      is: 'false',
    },
    { name: /^verify$/, is: 'false', languages: ['python', 'ruby'] },
    { name: /^(?:verify_signature|verify_exp)$/, is: 'false' },
    {
      name: /^(?:InsecureSkipVerify|insecure_skip_verify|tlsAllowInvalidCertificates|tlsInsecure|trustServerCertificate|TrustServerCertificate|allowUnverified)$/,
      is: 'true',
    },
    { name: /^(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY)$/, like: /^0$/ },
    { name: /^GIT_SSL_NO_VERIFY$/, like: /^(?:1|true)$/ },
    { name: /^(?:verify_mode|cert_reqs|ssl_cert_reqs)$/, like: /CERT_NONE|VERIFY_NONE/ },
    { name: /^(?:_create_default_https_context)$/, like: /unverified/ },
    {
      name: /^(?:secureProtocol|ssl_version|ssl_minimum_version|minVersion|MinVersion|MaxVersion|min_version|minimum_version|protocol_version)$/,
      like: /SSLv2|SSLv3|VersionSSL30|VersionTLS1[01]$|TLSv1(?:_1|\.1)?$|TLSv1(?:_1)?_method|TLS1(?:_1)?_VERSION$|PROTOCOL_SSL/,
    },
    { name: /^HostKeyCallback$/, like: /InsecureIgnoreHostKey/ },
    { name: /^(?:algorithms?|alg)$/, like: /^none$/i },
  ],
  examples: {
    javascript: {
      bad: [
        'import https from "https"\nnew https.Agent({ rejectUnauthorized: false })',
        'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"',
      ],
      good: ['import https from "https"\nnew https.Agent({ rejectUnauthorized: true })'],
    },
    python: {
      bad: [
        'import requests\nrequests.get("https://a.example", verify=False)',
        'import ssl\nctx = ssl.create_default_context()\nctx.check_hostname = False',
        'import jwt\njwt.decode(t, options={"verify_signature": False})',
      ],
      good: ['import requests\nrequests.get("https://a.example", verify=True)'],
    },
    go: {
      bad: ['package p\nimport "crypto/tls"\nvar c = &tls.Config{InsecureSkipVerify: true}'],
      good: ['package p\nimport "crypto/tls"\nvar c = &tls.Config{MinVersion: tls.VersionTLS12}'],
    },
    ruby: {
      bad: ['http.verify_mode = OpenSSL::SSL::VERIFY_NONE'],
      good: ['http.verify_mode = OpenSSL::SSL::VERIFY_PEER'],
    },
    java: {
      bad: ['class A { void f() throws Exception { SSLContext.getInstance("SSLv3"); } }'],
      good: ['class A { void f() throws Exception { SSLContext.getInstance("TLSv1.3"); } }'],
    },
    bash: {
      bad: ['curl -k https://a.example/x', 'wget --no-check-certificate https://a.example/x'],
      good: ['curl -fsSL https://a.example/x'],
    },
  },
}
