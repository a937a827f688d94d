import type { SecretFamily } from './family.ts'

const A20 = 'Ab1Cd2Ef3Gh4Ij5Kl6Mn'
const A36 = `${A20}7Op8Qr9St0Uv1Wx2`
const H32 = '0123456789abcdef0123456789abcdef'
const REVIEWED = '2026-11-20'

/** Issued tokens, recognised by what their issuer put in front. */
export const SECRET_FAMILIES: readonly SecretFamily[] = [
  {
    id: 'openai',
    literals: ['sk-'],
    pattern: /(?<![A-Za-z0-9_-])sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,}/g,
    reviewed: REVIEWED,
    positive: [`sk|-${A36}`, `sk|-proj-${A36}_x-y`, `sk|-svcacct-${A20}`, `key is sk|-${A36}.`, `"sk|-admin-${A20}"`],
    negative: [
      'sk-short',
      'task-force-alpha-bravo-charlie-delta',
      'sk_not_this_one_at_all_really',
      'disk-usage',
      'sk-',
    ],
  },
  {
    id: 'anthropic',
    literals: ['sk-ant-'],
    pattern: /(?<![A-Za-z0-9_-])sk-ant-[A-Za-z0-9_-]{16,}/g,
    reviewed: REVIEWED,
    positive: ['api03', 'admin01', 'oat01', 'sid01', 'ort01'].map((kind) => `sk|-ant-${kind}-${A36}`),
    negative: ['sk-ant-', 'sk-ant-x', 'ant-api03', 'sk ant api03', 'giant-sk'],
  },
  {
    id: 'google-api-key',
    literals: ['AIza'],
    pattern: /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{30,}/g,
    reviewed: REVIEWED,
    positive: ['S', 'T', 'U', 'V', 'W'].map((c) => `AI|za${c}y${A36}`),
    negative: ['AIza', 'AIzaShort', 'PAIzaSyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'aiza', 'AIz'],
  },
  {
    id: 'google-oauth',
    literals: ['ya29.', 'GOCSPX-', '1//0'],
    pattern: /(?<![A-Za-z0-9_-])(?:ya29\.[A-Za-z0-9_.-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|1\/\/0[A-Za-z0-9_-]{30,})/g,
    reviewed: REVIEWED,
    positive: [`ya|29.${A36}`, `ya|29.a0${A20}-_${A20}`, `GOC|SPX-${A20}abcd`, `1|//0e${A36}`, `token ya|29.c.${A36}`],
    negative: ['ya29.', 'ya29', 'royal ya29.short', 'GOCSPX-', '1//05'],
  },
  {
    id: 'github',
    literals: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    pattern: /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{22,})/g,
    reviewed: REVIEWED,
    positive: ['ghp|_', 'gho|_', 'ghu|_', 'ghs|_', 'ghr|_', 'github|_pat_'].map((prefix) => `${prefix}${A36}`),
    negative: ['ghp_', 'ghp_short', 'github_pat_', 'ghx_0123456789012345678901234567890123456', 'laughs_out_loud'],
  },
  {
    id: 'aws-access-key',
    literals: ['AKIA', 'ASIA'],
    pattern: /(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])/g,
    reviewed: REVIEWED,
    positive: [
      'AK|IAIOSFODNN7EXAMPLF',
      'AS|IAIOSFODNN7EXAMPLF',
      'id=AK|IA0123456789ABCDEF',
      '"AK|IAABCDEFGHIJKLMNOP"',
      'AS|IAQRSTUVWXYZ012345',
    ],
    negative: ['AKIA', 'ASIA is a continent', 'AKIAIOSFODNN7', 'akiaiosfodnn7example', 'AKIAIOSFODNN7EXAMPLEEXTRA'],
  },
  {
    id: 'slack',
    literals: ['xox', 'xapp-', 'hooks.slack.com/'],
    pattern:
      /(?<![A-Za-z0-9])(?:xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/]{20,})/g,
    reviewed: REVIEWED,
    positive: [
      'xo|xb-1234567890-abcdefghij',
      'xo|xp-1234567890-abcdefghij',
      'xap|p-1-A0123-456-abcdef',
      'xo|xe.xoxp-1-abcdefghijk',
      'https://hooks.sla|ck.com/services/T00000000/B00000000/XXXXXXXX',
    ],
    negative: ['xoxo', 'xoxb-', 'xapp-store', 'hooks.slack.com/help', 'xoxq-1234567890-abcdefghij'],
  },
  {
    id: 'stripe',
    literals: ['_live_', '_test_', 'whsec_'],
    pattern: /(?<![A-Za-z0-9])(?:(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{16,})/g,
    reviewed: REVIEWED,
    positive: ['sk|_live_', 'sk|_test_', 'rk|_live_', 'rk|_test_', 'wh|sec_'].map((prefix) => `${prefix}${A36}`),
    negative: [
      'sk_live_',
      'pk_live_51H00000000000000000000',
      'unit_test_results_for_everything',
      'whsec_',
      'sk_live_short',
    ],
  },
  {
    id: 'gitlab',
    literals: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glsoat-', 'glagent-', 'glft-', 'glimt-', 'gloas-'],
    pattern: /(?<![A-Za-z0-9])gl(?:pat|dt|rt|ptt|cbt|soat|agent|ft|imt|oas)-[A-Za-z0-9_.-]{16,}/g,
    reviewed: REVIEWED,
    positive: ['gl|pat-', 'gl|dt-', 'gl|rt-', 'gl|ptt-', 'gl|agent-'].map((prefix) => `${prefix}${A20}`),
    negative: ['glpat-', 'glpat-short', 'englpat-01234567890123456789', 'glint-01234567890123456789', 'gl-pat'],
  },
  {
    id: 'npm',
    literals: ['npm_'],
    pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,}/g,
    reviewed: REVIEWED,
    positive: [`npm|_${A36}`, `"npm|_${A36}"`, `=npm|_${A36}`, `npm|_${A36}abcd`, `x npm|_${A36} y`],
    negative: ['npm_config_registry', 'npm_', 'npm_lifecycle_event', 'xnpm_012345678901234567890123456789', 'npm run'],
  },
  {
    id: 'pypi',
    literals: ['pypi-'],
    pattern: /(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{50,}/g,
    reviewed: REVIEWED,
    positive: ['A', 'B', 'C', 'D', 'E'].map((c) => `py|pi-AgEIcHlwaS5vcmc${c}${A36}`),
    negative: ['pypi-', 'pypi-server', 'pypi-publish-action', 'pypi', 'py-pi'],
  },
  {
    id: 'hugging-face',
    literals: ['hf_', 'api_org_'],
    pattern: /(?<![A-Za-z0-9])(?:hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{30,})/g,
    reviewed: REVIEWED,
    positive: [`h|f_${A36}`, `h|f_${A36}Zz`, `api|_org_${A36}`, `"h|f_${A36}"`, `HF=h|f_${A36}`],
    negative: ['hf_', 'hf_hub_download', 'shelf_life', 'api_org_name', 'hf_short01'],
  },
  {
    id: 'sendgrid',
    literals: ['SG.'],
    pattern: /(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g,
    reviewed: REVIEWED,
    positive: ['a', 'b', 'c', 'd', 'e'].map((c) => `S|G.${c}${A20}.${A36}`),
    negative: ['SG.', 'SG.short.short', 'MSG.Ab1Cd2Ef3Gh4Ij5Kl6.Ab1Cd2Ef3Gh4Ij5Kl6', 'SG Ab1', 'sg.ab.cd'],
  },
  {
    id: 'twilio',
    literals: ['SK'],
    pattern: /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])/g,
    reviewed: REVIEWED,
    positive: [`S|K${H32}`, `"S|K${H32}"`, `sid=S|K${H32}`, `S|K${H32} `, `(S|K${H32})`],
    negative: ['SKU-12345', `SK${H32}0`, 'SK0123', `TASK${H32}`, 'SKIP'],
  },
  {
    id: 'azure',
    literals: ['8Q~', 'AccountKey=', 'SharedAccessKey=', 'sig='],
    pattern:
      /(?:(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{30,}|(?<=AccountKey=|SharedAccessKey=)[A-Za-z0-9+/]{40,}={0,2}|(?<=[?&]sig=)[A-Za-z0-9%+/]{30,}(?:=|%3D)?)/g,
    reviewed: REVIEWED,
    positive: [
      `abc8|Q~${A36}`,
      `Account|Key=${A36}${A20}==`,
      `SharedAccess|Key=${A36}${A20}=`,
      `https://a.blob/x?sv=1&sig|=${A36}%3D`,
      `"x-z8|Q~${A36}"`,
    ],
    negative: ['8Q~', 'AccountKey=', 'sig=short', 'config=yes', 'SharedAccessKeyName=Root'],
  },
  {
    id: 'nango',
    literals: ['nango'],
    anyCase: true,
    pattern: /nango[a-z_ -]{0,24}["':= ]{1,6}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/gi,
    reviewed: REVIEWED,
    positive: ['NANGO_SECRET|_KEY=', 'x-nango|-secret: ', '"nango|": "', "nango|_secret_key = '", 'nango|-key:'].map(
      (prefix) => `${prefix}01234567-89ab-4cde-8f01-23456789abcd`,
    ),
    negative: [
      'nango',
      'mango: 01234567-89ab-4cde-8f01-23456789abcd',
      'nango: no',
      'nango docs',
      'nango_host=localhost',
    ],
  },
  {
    id: 'jwt',
    literals: ['eyJ'],
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}/g,
    reviewed: REVIEWED,
    positive: ['a', 'b', 'c', 'd', 'e'].map((c) => `ey|JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM${c}.${A36}`),
    negative: ['eyJ', 'eyJhbGciOiJIUzI1NiJ9', 'eyJhbGci.x.y', 'heyJude.is.a.song', 'eyJ.eyJ.'],
  },
  {
    id: 'pem-private-key',
    literals: ['PRIVATE KEY'],
    // Literal \n as in JSON inside a string; a key that is cut off counts too. `-` only where END does not begin.
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=:,.\s]|\\[nrt]|-(?!-)){16,20000}(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g,
    reviewed: REVIEWED,
    positive: ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '].map(
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
    id: 'authorization',
    literals: ['bearer ', 'basic ', 'authorization'],
    anyCase: true,
    pattern:
      /(?:authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token|digest|negotiate|apikey|api-key)\s{1,4})?|(?<![a-z0-9])bearer\s{1,4}(?=[a-z0-9._~+/=-]{16})|(?<![a-z0-9])basic\s{1,4}(?=[a-z0-9+/=]{16}))([a-z0-9._~+/=:-]{6,})/gi,
    reviewed: REVIEWED,
    positive: [
      `Authoriza|tion: Bearer ${A36}.x~y/z=`,
      `authoriza|tion: basic dXNlcjpwYXNzd29yZA==`,
      `Bea|rer ${A36}`,
      `"Authoriza|tion":"token ${A20}"`,
      'Bas|ic dXNlcjpwYXNzd29yZDEyMw==',
    ],
    negative: [
      'the bearer of this letter',
      'basic understanding of it',
      'authorization is needed',
      'Bearer',
      'a bearer token is best',
    ],
  },
  {
    id: 'uri-userinfo',
    literals: ['://'],
    pattern:
      /(?<![a-z0-9])(?:postgres|postgresql|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|https?|ftps?|sftp|ssh|ldaps?|smtps?|wss?|jdbc:[a-z]{1,20}):\/\/[^\s/:@"'<>?#]{0,256}:([^\s/"'<>]{1,512})@/gi,
    reviewed: REVIEWED,
    positive: ['postgres', 'mysql', 'mongodb+srv', 'redis', 'amqp', 'https', 'mssql', 'postgresql'].map(
      (s) => `${s}:|//user:p@ss:w0rd@db.example/x`,
    ),
    negative: [
      'https://example.com/a:b',
      'https://user@example.com/',
      'http://localhost:8080/@me',
      'see://x',
      'mailto:a@b.c',
    ],
  },
  {
    id: 'uri-query',
    literals: ['='],
    logOnly: true,
    pattern:
      /[?&;#](?:access_token|refresh_token|id_token|auth_token|token|api[_-]?key|key|secret|client_secret|password|passwd|pwd|code_verifier|signature|sig|x-amz-signature|x-amz-security-token|x-goog-signature)=([^&\s"'<>#;]{4,2048})/gi,
    reviewed: REVIEWED,
    positive: ['token', 'key', 'access_token', 'password', 'X-Amz-Signature'].map(
      (p) => `https://x.example/?a=1&${p}|=hunter2hunter2`,
    ),
    negative: ['https://x.example/?keyboard=qwerty', '?author=knuth', '&page=2', '?tokenizer=bpe1', '?k=v'],
  },
  {
    id: 'assignment',
    literals: ['pass', 'pwd', 'secret', 'token', 'key', 'credential', 'cookie'],
    anyCase: true,
    logOnly: true,
    pattern:
      /(?<![a-z0-9])(?:[a-z0-9]{1,32}[_-]){0,4}(?:password|passwd|passphrase|pwd|secret|token|apikey|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|credentials?|cookie)(?:\\?["'])?(?:\s{0,4}[:=]\s{0,4}|\s{1,4}(?=["']))(?:\\?["'])?([^\s"'\\,;&|<>(){}[\]]{4,2048})/gi,
    reviewed: REVIEWED,
    positive: [
      'PASSWORD|=hunter2',
      'aws_secret_access|_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY',
      '--client-secret|=abcd1234',
      'Cookie|: sid=abcdef',
      '{"api_key|":"abcdef0123"}',
    ],
    negative: ['password', 'keyboard=qwerty', 'the password: ', 'secretary=anna', 'max_tokens=4096'],
  },
  {
    id: 'command-line',
    literals: ['-p', '-u', '--password', '--token', '--secret', '--api-key'],
    logOnly: true,
    pattern:
      /(?<=\s)(?:--(?:password|passwd|token|secret|api-key|apikey|access-token|auth-token)\s{1,4}|-u\s{0,4}[^\s:]{1,128}:)([^\s"'-][^\s"']{3,2047})/g,
    reviewed: REVIEWED,
    positive: [
      'mysql --password| hunter2',
      'gh --token| abcd1234',
      'curl -u| bob:hunter2 x',
      'x --api-key| 0123456789',
      'y --secret| s3cr3tly',
    ],
    negative: ['ls -p src', 'x --token --other', 'sort -u file', 'x --password', 'tar -u archive'],
  },
]
