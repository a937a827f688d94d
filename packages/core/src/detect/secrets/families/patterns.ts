import type { PatternFamily } from '../family.ts'

const A20 = 'Ab1Cd2Ef3Gh4Ij5Kl6Mn'
const A36 = `${A20}7Op8Qr9St0Uv1Wx2`
const H32 = '0123456789abcdef0123456789abcdef'
const UUID = '01234567-89ab-4cde-8f01-23456789abcd'

/** Forms that a prefix and a run do not describe. Reviewed 2026-11-28. */
export const PATTERNS: readonly PatternFamily[] = [
  {
    id: 'jwt',
    anchors: ['eyJ'],
    pattern: /eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}/dy,
    positive: ['a', 'b', 'c', 'd', 'e'].map((c) => `ey|JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM${c}.${A36}`),
    negative: ['eyJ', 'eyJhbGciOiJIUzI1NiJ9', 'eyJhbGci.x.y', 'heyJude.is.a.song', 'eyJ.eyJ.'],
  },
  {
    id: 'pem-private-key',
    anchors: ['BEGIN'],
    // Literal \n as in JSON inside a string; a key that is cut off counts too. `-` only where END does not begin.
    pattern:
      /BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-{2,5}(?:[A-Za-z0-9+/=:,.\s]|\\{1,4}[nrtu/]|&#1[03];|%0[AaDd]|-(?!-)|["']\s{0,8}\+?\s{0,8}["']){16,20000}(?:-{2,5}END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-{2,5})?/dy,
    must: 'any',
    positive: ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ', 'SSH2 ENCRYPTED '].map(
      (kind) => `-----BEGIN| ${kind}PRIVATE KEY-----\n${A36}\n${A36}\n-----END ${kind}PRIVATE KEY-----`,
    ),
    negative: [
      '-----BEGIN PUBLIC KEY-----',
      'PRIVATE KEY',
      'BEGIN PRIVATE KEY',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN CERTIFICATE-----',
    ],
  },
  {
    id: 'putty-private-key',
    anchors: ['PuTTY-User-Key-File-'],
    pattern: /PuTTY-User-Key-File-[\s\S]{1,6000}?Private-Lines: \d{1,4}\s{1,2}([A-Za-z0-9+/=\s]{16,20000})/dy,
    must: 'any',
    positive: ['2', '3', '4', '5', '6'].map(
      (v) => `PuTTY-User|-Key-File-${v}: ssh-rsa\nEncryption: none\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n${A36}\n`,
    ),
    negative: ['PuTTY-User-Key-File-2', 'PuTTY', 'Private-Lines: 1', 'PuTTY-User-Key-File-3: ssh-rsa\n', 'PuTTYgen'],
  },
  {
    id: 'jwk-private',
    anchors: ['kty'],
    pattern: /kty\\{0,2}"[^{}]{1,3000}?"d\\{0,2}"\s{0,4}:\s{0,4}\\{0,2}"([A-Za-z0-9_-]{20,1400})/dy,
    positive: ['RSA', 'EC', 'OKP', 'RSA2', 'EC2'].map((k) => `{"kty|":"${k}","n":"AQAB","d":"${A36}"}`),
    negative: ['{"kty":"RSA","n":"x"}', 'kty', '"kty":"EC"', `{"kty":"RSA","e":"${A36}"}`, '{"d":"x"}'],
  },
  {
    id: 'authorization',
    anchors: ['authorization', 'x-auth', 'proxy-auth'],
    anyCase: true,
    pattern:
      /(?:proxy-|x-)?auth(?:orization)?["'`\]]{0,2}\s{0,4}[:=,]\s{0,4}["'`]?(?:(?:bearer|basic|token|digest|negotiate|apikey|api-key|key|ghost|splunk|bot|sso-key|discogs token=|oauth)\s{1,4}|(?:aws4-hmac-sha256|hawk|signature)[^\n"']{0,300}?(?:signature|mac)=["']?)?(?<secret>[a-z0-9._~+/=:$%!-]{8,8192})/diy,
    must: 'random',
    positive: [
      `Authoriza|tion: Bearer ${A36}.x~y/z=`,
      `authoriza|tion: basic dXNlcjpwYXNzd29yZA==`,
      `"Authoriza|tion":"token ${A20}"`,
      `authoriza|tion = ${A36}`,
      `'Authoriza|tion', 'Bot ${A36}'`,
    ],
    negative: [
      'authorization is needed',
      'Authorization: Bearer <token>',
      'authorization: required',
      'Authorization: Basic realm-name',
      'authorization: "Bearer"',
    ],
  },
  {
    id: 'bearer',
    anchors: ['bearer', 'basic'],
    anyCase: true,
    pattern: /(?:bearer|basic)(?:\s{1,4}|%20|\+)["']?(?<secret>[a-z0-9._~+/=-]{16,8192})/diy,
    must: 'random',
    positive: [
      `Bea|rer ${A36}`,
      'Bas|ic dXNlcjpwYXNzd29yZDEyMw==',
      `bea|rer ${A20}.${A20}`,
      `BEA|RER ${A36}`,
      `x Bea|rer "${A36}"`,
    ],
    negative: [
      'the bearer of this letter',
      'basic understanding of it',
      'Bearer',
      'a bearer token is best',
      'Basic auth',
    ],
  },
  {
    id: 'webhook-url',
    anchors: [
      'hooks.slack.com/',
      'discord.com/api/',
      'discordapp.com/api/',
      'webhook.office.com/',
      'outlook.office.com/webhook',
      'hooks.zapier.com/hooks/',
      'hook.eu1.make.com/',
      'hook.us1.make.com/',
      'hook.integromat.com/',
      'chat.googleapis.com/v1/spaces/',
      'open.feishu.cn/open-apis/bot/',
      'open.larksuite.com/open-apis/bot/',
      'oapi.dingtalk.com/robot/',
      'qyapi.weixin.qq.com/cgi-bin/webhook/',
      'maker.ifttt.com/trigger/',
      'hooks.glip.com/webhook/',
      'mattermost.com/hooks/',
    ],
    pattern:
      /[a-z0-9.-]{1,60}\/(?:(?:services|workflows|triggers|webhook|webhookb2|hooks|catch|api|v\d{1,2}|trigger|hook|open-apis|bot|robot|cgi-bin)\/){0,5}[A-Za-z0-9_.@?=&/%-]{16,600}/dy,
    must: 'random',
    positive: [
      'https://hooks.sla|ck.com/services/T0Ab1Cd2Ef/B0Gh4Ij5Kl/Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8',
      `https://disco|rd.com/api/webhooks/123456789012345678/${A36}`,
      `https://x.webh|ook.office.com/webhookb2/${UUID}@${UUID}/IncomingWebhook/${H32}/${UUID}`,
      `https://hooks.zap|ier.com/hooks/catch/1234567/a1b2c3d4e5`,
      `https://chat.google|apis.com/v1/spaces/AAAA/messages?key=${A36}&token=${A36}`,
    ],
    negative: [
      'hooks.slack.com/help',
      'https://discord.com/api/docs',
      'webhook.office.com/',
      'https://hooks.zapier.com/hooks/catch/',
      'https://discord.com/api/webhooks/{webhook.id}/{webhook.token}',
    ],
  },
  {
    id: 'telegram',
    anchors: ['api.telegram.org/bot'],
    pattern: /api\.telegram\.org\/bot(\d{6,12}:[A-Za-z0-9_-]{28,64})/dy,
    positive: ['sendMessage', 'getMe', 'getUpdates', 'setWebhook', 'x'].map(
      (m) => `https://api.tele|gram.org/bot123456789:AA${A36}/${m}`,
    ),
    negative: [
      'api.telegram.org/bot',
      'api.telegram.org/bots/1',
      'telegram.org',
      'bot12',
      'api.telegram.org/bot<token>/x',
    ],
  },
  {
    id: 'mysql-password',
    anchors: [
      'mysql',
      'mysqldump',
      'mysqladmin',
      'mysqlimport',
      'mariadb',
      'mariadb-dump',
      'sshpass',
      '7z',
      'xfreerdp',
    ],
    pattern:
      /[a-z0-9-]{2,14}(?:\s[^\n|;&]{0,200}?)?\s-p(?:\s{0,2}(?=["'])|(?<=sshpass -p)\s{0,3})?["']?(?<secret>[^\s"'-][^\s"']{3,200})/dy,
    positive: [
      `mysql| -u root -ps3cr3tP4ss db`,
      `sshpass| -p 's3cr3t^P4ss' ssh x@y`,
      `sshpass| -p s3cr3tP4ss ssh x@y`,
      `mysqldump| -h db -u app -p's3cr#tP4ss' x`,
      `7z| a -ps3cr3tP4ss x.7z`,
    ],
    negative: [
      'mysql -u root -p db',
      'mysql -P 3306',
      'mysql --protocol tcp',
      'sshpass -e ssh x',
      'mysql is a database',
    ],
  },
  {
    id: 'curl-user',
    anchors: ['curl', 'http', 'https', 'wget', 'xh', 'smbclient', 'curlie'].filter((a) => a.length > 2),
    pattern:
      /(?:curl|curlie|https?|wget|smbclient)(?:\s[^\n|;]{0,300}?)?\s(?:-u|--user|-a|--auth|-U|--proxy-user)(?:\s{0,3}|=)["']?[^\s:"'%]{1,128}[:%](?<secret>[^\s"']{4,400})/dy,
    positive: [
      'curl| -u bob:hunt#er2 x',
      `curl| -s -X POST --user 'bob:hunt#er2' x`,
      'http| -a bob:hunt#er2 x',
      'curl| --proxy-user bob:hunt#er2 x',
      'smbclient| //h/s -U bob%hunt#er2',
    ],
    negative: [
      'curl -u bob x',
      'curl -u $USER:$PASS x',
      'curl https://x',
      'http is a protocol',
      'curl -u <user>:<pass> x',
    ],
  },
  {
    id: 'command-password',
    anchors: [
      'redis-cli',
      'sqlcmd',
      'bcp',
      'ldapsearch',
      'ldapmodify',
      'ldapadd',
      'zip',
      'unzip',
      'docker',
      'podman',
      'mongosh',
      'mongo',
      'mongodump',
      'helm',
      'skopeo',
      'rabbitmqadmin',
      'influx',
      'snowsql',
      'impacket',
      'cqlsh',
      'clickhouse-client',
      'net',
      'openssl',
      'isql',
      'htpasswd',
      'kinit',
      'nmcli',
      'sqlplus',
    ],
    pattern:
      /(?:(?:redis-cli(?:\s[^\n|;]{0,200}?)?\s-a|(?:sqlcmd|bcp|unzip|zip|isql)(?:\s[^\n|;]{0,200}?)?\s-P|(?:ldap\w{3,6})(?:\s[^\n|;]{0,200}?)?\s-w|(?:docker|podman|helm|skopeo)\s[^\n|;]{0,200}?login[^\n|;]{0,200}?\s-p|(?:mongo(?:sh|dump)?|rabbitmqadmin|cqlsh|influx)(?:\s[^\n|;]{0,200}?)?\s-p|nmcli\s[^\n|;]{0,200}?password)\s{0,3}|openssl\s[^\n|;]{0,200}?pass(?:in|out)?\s{1,3}pass:|net\suse\s[^\n|;]{0,200}?\s\/user:\S{1,80}\s|sqlplus\s[\w-]{1,40}\/)["']?(?<secret>[^\s"'-][^\s"'@]{3,200})/dy,
    positive: [
      'redis-cli| -h x -a s3cr3tP4ss ping',
      'sqlcmd| -S x -U sa -P s3cr3tP4ss',
      `ldapsearch| -D cn=admin -w 's3cr3tP4ss'`,
      'docker| login -u ci -p s3cr3tP4ss reg',
      'openssl| rsa -passin pass:s3cr3tP4ss',
    ],
    negative: [
      'docker login -u ci --password-stdin registry',
      'docker run -p 8080:80 x',
      'redis-cli -h x ping',
      'zip -r x.zip y',
      'net use',
    ],
  },
  {
    id: 'netrc',
    anchors: ['machine'],
    pattern:
      /machine\s{1,4}\S{1,200}\s{1,8}(?:(?:login|account)\s{1,4}\S{1,200}\s{1,8}){0,2}password\s{1,4}(\S{4,400})/dy,
    positive: ['api.x', 'github.com', 'a.b.c', 'ftp', 'h'].map(
      (h) => `machine| ${h}\n  login bob\n  password hunt3rTwo`,
    ),
    negative: ['machine learning', 'machine x login y', 'machine', 'the machine password', 'machine x'],
  },
  {
    id: 'pgpass',
    anchors: ['5432:', '5433:', '6432:', '3306:', '26257:'],
    pattern: /\d{4,5}:[\w*-]{1,63}:[\w.-]{1,63}:([^\s:"']{6,200})(?![^\s])/dy,
    positive: ['5432', '5433', '6432', '3306', '26257'].map((p) => `db.x:${p}|:shop:app:hunt3rTwo`),
    negative: ['5432:5432', 'localhost:5432/db', '5432:', '"5432:5432"', 'x:5432:a:b'],
  },
  {
    id: 'mnemonic',
    anchors: ['mnemonic', 'seed phrase', 'recovery phrase', 'secret recovery phrase', 'seed_phrase', 'seedphrase'],
    anyCase: true,
    pattern:
      /(?:mnemonic|(?:secret )?(?:seed|recovery)[ _]?phrase)["'`]?\s{0,3}(?:is\b|[:=])\s{0,3}["'`]?(?<secret>[a-z]{3,8}(?:[ ,]{1,2}[a-z]{3,8}){11,23})(?![a-z ])/diy,
    must: 'any',
    positive: ['mnemonic| = "', 'seed| phrase: ', 'recovery| phrase is ', 'MNEMONIC|=', 'mnemonic|: '].map(
      (p) => `${p}${'legal winner thank year wave sausage worth useful gravy board brave zebra'}`,
    ),
    negative: ['mnemonic', 'mnemonic: a word', 'seed phrase', 'the mnemonic is easy to keep', 'recovery phrase: none'],
  },
]
