import type { Language } from '../syntax.ts'

type Rename = readonly [pattern: RegExp, to: string]

const javascript: readonly Rename[] = [
  [/^node:/, ''],
  [/^(?:globalThis|window|global|self|frames|top|parent)\.(?=.)/, ''],
  [/^(?:fs\/promises|fs\.promises|fs-extra|graceful-fs|fs-extra\/esm)(?=$|\.)/, 'fs'],
  [/^(?:path\/posix|path\/win32|path\.posix|path\.win32|upath|pathe)(?=$|\.)/, 'path'],
  [/^(?:process\.getBuiltinModule)(?=$|\.)/, 'require'],
  [/^(?:crypto\.webcrypto)(?=$|\.)/, 'crypto'],
  [/^(.*)\.default(?=$|\.)/, '$1'],
  [/^(?:util|node:util)\.promisify\(\)\./, ''],
  [/^(?:child-process-promise|child_process-promise|mz\/child_process|teen_process)(?=$|\.)/, 'child_process'],
  [/^cross-spawn(?:\.spawn)?(?=$|\()/, 'child_process.spawn'],
  [/^cross-spawn\.sync(?=$|\()/, 'child_process.spawnSync'],
  [/^undici\.fetch(?=$|\()/, 'fetch'],
  [
    /^(?:node-fetch|cross-fetch|isomorphic-fetch|make-fetch-happen|minipass-fetch|isomorphic-unfetch|whatwg-fetch|node-fetch-native)(?:\.fetch)?(?=$|\()/,
    'fetch',
  ],
  [/^Number\.(?=(?:parseInt|parseFloat|isNaN)\b)/, ''],
  [/^isolated-vm(?=$|\.)/, 'ivm'],
  [/^crypto-js(?=$|\.)/, 'CryptoJS'],
  [/^mysql2(?:\/promise)?(?=$|\.)/, 'mysql'],
  [/^lodash(?:-es)?(?=$|\.)/, '_'],
]
const python: readonly Rename[] = [
  [/^(?:builtins|__builtins__|__builtin__)\.(?=.)/, ''],
  [/^(?:globals|locals)\(\)\.(?=.)/, ''],
  [/^sys\.modules\.(?=.)/, ''],
  [/\.(?:__call__|__func__)(?=$|\()/, ''],
  [/^Cryptodome\./, 'Crypto.'],
  [/^six\.moves\./, ''],
  [
    /^(?:urllib2|urllib)\.(?=(?:urlopen|urlretrieve|URLopener|FancyURLopener|Request|quote|urlencode)\b)/,
    'urllib.request.',
  ],
  [/^(?:cPickle|_pickle|pickle5)(?=$|\.)/, 'pickle'],
  [/^flask\.request\b/, 'request'],
  [
    /^(?:ruamel\.yaml|ruamel_yaml|oyaml)\.(?=(?:load|load_all|unsafe_load|safe_load|Loader|UnsafeLoader|SafeLoader|RoundTripLoader)\b)/,
    'yaml.',
  ],
  [/^sqlalchemy\.sql\.(?:expression\.)?text\b/, 'sqlalchemy.text'],
  [/^(?:pandas|pd)\./, 'pandas.'],
  [/^(?:numpy|np)\./, 'numpy.'],
  [/^(?:niquests|requests_html|requests\.api|grequests)\./, 'requests.'],
  [/^asyncio\.subprocess\./, 'asyncio.'],
  [/^posix\./, 'os.'],
  [/^jinja2\.(?:environment|sandbox|nativetypes)\./, 'jinja2.'],
  [/^lxml\.etree\./, 'lxml.'],
  [/^torch\.serialization\.load\b/, 'torch.load'],
  [/^sklearn\.externals\.joblib\b/, 'joblib'],
  [/^anyio\.Path\b|^aiopath\.AsyncPath\b|^pathlib\.(?:PurePath|PosixPath|WindowsPath|PurePosixPath)\b/, 'pathlib.Path'],
]
const ruby: readonly Rename[] = [
  [
    /^(?:Kernel|Object|self|this|Process|::)\.(?=(?:system|exec|spawn|eval|open|send|public_send|require|load|rand|sleep|exit|abort|fork|instance_eval)\b)/,
    '',
  ],
]

/** One thing, several names. */
export const RENAMES: Readonly<Record<Language, readonly Rename[]>> = {
  javascript,
  typescript: javascript,
  python,
  go: [
    [/^golang\.org\/x\/crypto\//, 'crypto/'],
    [/\/v\d+(?=\.|$)/, ''],
    [/^gopkg\.in\/([\w-]+)\.v\d+/, '$1'],
  ],
  ruby,
  java: [[/^(?:javax?|jakarta|org|com)\.(?:[a-z]\w*\.)*(?=[A-Z])/, '']],
  bash: [[/^\/(?:usr\/)?(?:local\/)?s?bin\/(?=\w)/, '']],
}
