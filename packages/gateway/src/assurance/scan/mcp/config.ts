import { findSecrets } from '@sallyport/core'
import { parse as parseJsonc } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import { parse as parseYaml } from 'yaml'
import { asNotice, findingAt, inOrder, type RuleText, type ScanFinding } from '../finding.ts'
import { imitated, imitatedWord } from '../names/imitation.ts'
import { POPULAR_MCP, POPULAR_NPM, POPULAR_PYPI } from '../names/popular.ts'
import { judgeArgv } from '../scripts/commands.ts'
import type { ScanDeps } from '../skill/deps.ts'
import { hiddenCharacters } from '../text/characters.ts'
import { BRANDS, foreignBrand, hostKind, hostsIn, isLocal, isOneOf } from '../text/hosts.ts'
import { scanText } from '../text/scan-text.ts'

const rule = (name: string, severity: RuleText['severity'], title: string, why: string, fix: string): RuleText => ({
  id: `mcp.config.${name}`,
  severity,
  title,
  why,
  fix,
})
const PIN = 'Name the package with its exact version, and start it without a shell.'
const RULES = {
  shell: rule(
    'shell-launch',
    'high',
    'starts a shell instead of a server',
    'A shell line can do anything before the server starts, and its parts are not what is reviewed.',
    PIN,
  ),
  unpinned: rule(
    'unpinned',
    'medium',
    'server package without a version',
    'The next start may run another program.',
    PIN,
  ),
  squat: rule(
    'look-alike-package',
    'high',
    'server package imitates another one',
    'Names that are one letter or one scope off are registered to be started by mistake.',
    PIN,
  ),
  address: rule(
    'package-from-address',
    'high',
    'starts what an address serves',
    'What is started can change after every review.',
    PIN,
  ),
  stranger: rule(
    'remote-shell',
    'high',
    'starts the server on another host through a shell',
    'Whoever runs that host answers, and the shell reaches further than the server.',
    'Use a server with an address of its own and TLS.',
  ),
  root: rule(
    'whole-disk',
    'high',
    'gives the server the whole disk, the home directory or credentials',
    'Everything below it can be read by whoever steers the model.',
    'Give it the project folder.',
  ),
  container: rule(
    'container-open',
    'high',
    'container that reaches the host',
    'A container that holds the host’s disk, socket or rights confines nothing.',
    'Mount the project folder only.',
  ),
  plain: rule(
    'unencrypted',
    'high',
    'remote server without TLS',
    'Whoever is on the way reads and answers in its name.',
    'Use https.',
  ),
  place: rule(
    'odd-host',
    'high',
    'remote server at a tunnel, collector or bare address',
    'The place has no owner that could be named.',
    'Use the address of the service itself.',
  ),
  brand: rule(
    'foreign-brand',
    'high',
    'remote server at a host that bears another’s name',
    'It passes for the service whose name it bears.',
    'Use the address of the service itself.',
  ),
  secret: rule(
    'secret-inline',
    'high',
    'secret in the configuration',
    'Everybody who has the file has the secret.',
    'Name a variable: ${NAME}.',
  ),
  env: rule(
    'environment-steers',
    'high',
    'environment that changes what runs',
    'These variables load code, redirect traffic or turn checks off.',
    'Remove the variable.',
  ),
  flag: rule(
    'protection-off',
    'high',
    'flag that turns protection off',
    'It is there to be asked for by a person, once.',
    'Remove the flag.',
  ),
  approve: rule(
    'auto-approve',
    'high',
    'calls run without a question',
    'Nobody looks at what the model calls.',
    'Remove the setting, or name single tools that only read.',
  ),
  redirect: rule(
    'traffic-redirected',
    'high',
    'sends the traffic of a service elsewhere',
    'Prompts and keys pass whoever runs that address.',
    'Remove the address.',
  ),
  alias: rule(
    'look-alike-alias',
    'high',
    'server name imitates another one',
    'It passes for the server whose name it imitates.',
    'Use a name of your own.',
  ),
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : typeof value === 'string'
      ? [value]
      : []

/** Servers of a client's configuration in any of the forms that clients use. Undefined: it is none. */
export function readConfig(
  path: string,
  text: string,
): ReadonlyMap<string, Readonly<Record<string, unknown>>> | undefined {
  let value: unknown
  try {
    value = /\.toml$/i.test(path)
      ? parseToml(text)
      : /\.ya?ml$/i.test(path)
        ? (parseYaml(text, { maxAliasCount: 50 }) as unknown)
        : (parseJsonc(text, [], { allowTrailingComma: true }) as unknown)
  } catch {
    return undefined
  }
  const servers = new Map<string, Readonly<Record<string, unknown>>>()
  const walk = (node: unknown, depth: number): void => {
    if (!isRecord(node) || depth > 6) return
    for (const [key, inner] of Object.entries(node)) {
      if (/^(?:mcpServers|mcp_servers|servers|context_servers|mcp\.servers|extensions)$/.test(key) && isRecord(inner)) {
        for (const [name, server] of Object.entries(inner)) if (isRecord(server)) servers.set(name, server)
      } else walk(inner, depth + 1)
    }
  }
  walk(value, 0)
  return servers.size > 0 ? servers : undefined
}

/** Findings of a client's configuration: how servers are started and what they are given. */
export function scanConfig(path: string, text: string, deps: ScanDeps): readonly ScanFinding[] {
  const servers = readConfig(path, text) ?? new Map<string, Readonly<Record<string, unknown>>>()
  const found: ScanFinding[] = [...hiddenCharacters(text, path, 'mcp')]
  for (const [name, server] of servers) {
    const say = (rule: RuleText, evidence: string, severity = rule.severity): void => {
      const at = Math.max(0, text.indexOf(JSON.stringify(name)))
      found.push({
        ...findingAt(rule, path, text, at, at + name.length + 2, severity),
        evidence: `${name}: ${evidence}`,
      })
    }
    launch(server, deps, say)
    remote(name, server, say)
    environment(server, say)
    approvals(server, say)
    const like = imitatedWord(name, new Set(BRANDS.keys()))
    if (like !== undefined || (/[^\x20-\x7e]/.test(name) && /[A-Za-z]/.test(name)))
      say(RULES.alias, like === undefined ? name : `${name} for ${like.of}`)
    for (const key of [
      'description',
      'instructions',
      'prompt',
      'systemPrompt',
      'headersHelper',
      'notes',
      'comment',
      '_comment',
    ])
      for (const said of texts(server[key]))
        found.push(...scanText(said, { file: path, prefix: 'mcp', place: 'mcp' }, deps))
  }
  return inOrder(found)
}

type Say = (rule: RuleText, evidence: string, severity?: RuleText['severity']) => void

const RUNNERS =
  /^(?:npx|bunx|pnpx|pnpm|yarn|npm|uvx|uv|pipx|deno|bun|docker|podman|node|python\d?(?:\.\d+)?|go|cargo)(?:\.cmd|\.exe)?$/
/** Programs that serve nothing: they fetch, decode or wipe. */
const NO_SERVER =
  /^(?:curl|wget|nc|ncat|socat|telnet|base64|openssl|eval|rm|dd|tee|mshta|osascript|rundll32|regsvr32|certutil|bitsadmin|msiexec|wscript|cscript|schtasks|reg|xattr|chmod|crontab|launchctl|systemctl)(?:\.exe)?$/i
const SHELLS = /^(?:(?:ba|z|da|k|fi)?sh|cmd(?:\.exe)?|powershell(?:\.exe)?|pwsh)$/

function launch(server: Readonly<Record<string, unknown>>, deps: ScanDeps, say: Say): void {
  const command = texts(server['command'])
  if (command.length === 0) return
  const argv = [
    ...(command.length === 1 && !('args' in server) ? (command[0] ?? '').split(/\s+/) : command),
    ...texts(server['args']),
  ]
  const program = (argv[0] ?? '').replace(/.*[\\/]/, '')
  if (
    SHELLS.test(program) &&
    !(program === 'cmd' && /^(?:\/c|\/C)$/.test(argv[1] ?? '') && RUNNERS.test(argv[2] ?? ''))
  ) {
    const script = argv.slice(1).find((arg) => !arg.startsWith('-') && !/^\/c$/i.test(arg)) ?? ''
    const line = argv.some((arg) => /^-\w*c$|^\/c$|^-Command$|^-enc/i.test(arg))
    if (line)
      say(
        RULES.shell,
        argv.join(' '),
        /https?:|curl|wget|base64|\||&&|;|\$\(|iwr|iex/i.test(script) ? 'critical' : 'high',
      )
    else say(RULES.shell, argv.join(' '), 'medium')
  }
  if (NO_SERVER.test(program)) say(RULES.shell, argv.join(' '))
  for (const { rule, start, end } of judgeArgv(argv, deps.parse))
    if (
      end >= start &&
      (rule.severity === 'critical' || rule.severity === 'high') &&
      !(
        rule.id === 'supply.package-from-address' &&
        argv.some((arg) => arg.startsWith('--') && isHouseRegistry(arg, argv.slice(1)))
      )
    )
      say({ ...rule, id: `mcp.${rule.id}` }, argv.join(' '))
  if (program === 'ssh')
    say(RULES.stranger, argv.join(' '), /\broot@|@?\d{1,3}(?:\.\d{1,3}){3}\b/.test(argv.join(' ')) ? 'high' : 'medium')
  if (/^(?:sudo|doas|pkexec)$/.test(program)) say(RULES.flag, argv.join(' '))
  if (
    /(?:^|\/)(?:tmp|var\/tmp|dev\/shm|downloads?)\//i.test(argv[0] ?? '') ||
    argv.slice(1).some((arg) => /^(?:\/tmp|\/var\/tmp|\/dev\/shm)\/.*\.(?:js|py|sh|mjs|cjs|rb)$/i.test(arg))
  )
    say(RULES.address, `runs from a place that everybody can write: ${argv.join(' ')}`)
  packageOf(program, argv.slice(1), say)
  reach(program, argv.slice(1), say)
}

/** The package that a runner is to start. */
const specOf = (args: readonly string[]): string =>
  args.find(
    (arg, index) =>
      !arg.startsWith('-') &&
      !/^(?:dlx|exec|run|x|tool)$/.test(arg) &&
      !/^(?:--from|--with|-p|--package|--python|--directory|--project|--cwd|--prefix|-C|--env-file)$/.test(
        args[index - 1] ?? '',
      ) &&
      !/^(?:--registry|--index-url|--index|--default-index)$/.test(args[index - 1] ?? ''),
  ) ?? ''

/** A host of the inside of an organisation: `pypi.corp.acme.example`, `proxy.corp.acme.example`. */
const isInside = (host: string): boolean =>
  /\.(?:internal|corp|intranet|lan)$|\.(?:intern|internal|corp|intranet|int)\.[\w-]+\.\w{2,}/.test(host)

/** A registry of the organisation whose package, in one version, is started: over TLS, and instead of the public one, not beside it. */
function isHouseRegistry(arg: string, args: readonly string[]): boolean {
  const [flag, value = args[args.indexOf(arg) + 1] ?? ''] = arg.split('=', 2)
  return /^--(?:registry|index-url|default-index)$/.test(flag ?? '') && servesOwn(value, args)
}

/** Whether an address is a registry of the organisation that the started package is named for. */
function servesOwn(value: string, args: readonly string[]): boolean {
  const spec = specOf(args)
  const [host] = hostsIn(value)
  const owner = /^@?([a-z0-9]{3,})[-_/]/i.exec(spec)?.[1]?.toLowerCase()
  return (
    value.startsWith('https://') &&
    host !== undefined &&
    isInside(host.host) &&
    owner !== undefined &&
    host.host.split('.').includes(owner) &&
    /(?:==|.@)\d[\w.+-]*$/.test(spec)
  )
}

const FLAGS =
  /^--?(?:dangerously[\w-]*|no-sandbox|disable-(?:security|sandbox|auth|web-security|approval)[\w-]*|allow-all\w*|allow-(?:write|run|dangerous[\w-]*|unsafe[\w-]*|commands?)(?:=\*|=all)?|unrestricted|insecure|skip-(?:auth|verify|permissions|confirm\w*)|no-auth|yolo|trust-all[\w-]*|unsafe[\w-]*|full-access|auto-approve\w*|no-verify|enable-shell|A)$/i

function packageOf(program: string, args: readonly string[], say: Say): void {
  for (const arg of args) {
    if (FLAGS.test(arg) && (arg !== '-A' || program === 'deno')) say(RULES.flag, arg)
    if (
      /^(?:-r|--require|--import|--loader|--experimental-loader)(?:=|$)/.test(arg) &&
      /^(?:node|bun|deno)$/.test(program)
    )
      say(RULES.env, arg, 'medium')
    if (/^(?:-e|--eval|-p|--print)$/.test(arg) && /^(?:node|bun|deno|ruby|perl|php)/.test(program))
      say(RULES.shell, args.join(' '))
    if (arg === '-c' && program.startsWith('python')) say(RULES.shell, args.join(' '))
    if (/^(?:--registry|--index-url|--extra-index-url|--index|--default-index|--find-links)(?:=|$)/.test(arg))
      say(RULES.address, args.join(' '), isHouseRegistry(arg, args) ? asNotice('high') : 'high')
  }
  if (!/^(?:npx|bunx|pnpx|uvx|pipx|bun|pnpm|yarn|npm|uv|deno|go)(?:\.cmd|\.exe)?$/.test(program)) return
  const spec = specOf(args)
  const from = args[args.findIndex((arg) => /^(?:--from|-p|--package)$/.test(arg)) + 1]
  for (const name of [
    spec,
    ...(from !== undefined && args.some((arg) => /^(?:--from|-p|--package)$/.test(arg)) ? [from] : []),
  ]) {
    if (name === '') continue
    if (
      /^(?:https?:|git\+|git:|github:|gist:|file:|ssh:|gitlab:|bitbucket:)|^[\w.-]+\/[\w.-]+(?:#|$)|\.tgz$|\.tar\.gz$/.test(
        name,
      )
    )
      say(
        RULES.address,
        name,
        /^[\w.-]+\/[\w.-]+(?:#[0-9a-f]{7,40})?$/.test(name) && /#/.test(name) ? 'medium' : 'high',
      )
    else {
      const [bare, version] = split(name)
      const like =
        imitated(bare, POPULAR_MCP) ??
        scopeOf(bare) ??
        imitated(bare, program.startsWith('uv') || program === 'pipx' ? POPULAR_PYPI : POPULAR_NPM)
      if (like !== undefined) say(RULES.squat, `${bare} for ${like.of}: ${like.how}`)
      if (version === '' || /^(?:latest|next|\*|x|[\^~>])/.test(version)) say(RULES.unpinned, name)
    }
  }
}

const split = (name: string): readonly [string, string] => {
  const at = name.indexOf('@', 1)
  const equal = name.indexOf('==')
  return equal > 0
    ? [name.slice(0, equal), name.slice(equal + 2)]
    : at > 0
      ? [name.slice(0, at), name.slice(at + 1)]
      : [name, '']
}

const SCOPES = new Set([...POPULAR_MCP].flatMap((name) => (name.startsWith('@') ? [name.split('/')[0] ?? ''] : [])))

/** A scope that reads like a known one: `@modelcontextprotocol-servers`, `@model-context-protocol`, `@modelcontextprotoco1`. */
function scopeOf(name: string): { readonly of: string; readonly how: string } | undefined {
  const scope = /^@[^/]+/.exec(name)?.[0]
  if (scope === undefined)
    return /^(?:modelcontextprotocol|mcp-official|official-mcp|anthropic|openai)[-_/]/i.test(name)
      ? { of: '@modelcontextprotocol', how: 'its name without its scope' }
      : undefined
  if (SCOPES.has(scope)) return undefined
  const like = imitated(scope, SCOPES)
  if (like !== undefined) return like
  const flat = scope.replace(/[-_.@]/g, '')
  const around = /(?:server|servers|official|org|inc|team|hq|mcp|io|dev|labs|ai|tools|plugins?|community)$/
  for (const known of SCOPES) {
    const other = known.replace(/[-_.@]/g, '')
    if (
      other.length >= 6 &&
      flat !== other &&
      (flat.startsWith(other) || flat.endsWith(other)) &&
      (around.test(flat) || flat.endsWith(other))
    )
      return { of: known, how: 'a scope that holds its name' }
  }
  return undefined
}

const WIDE =
  /^(?:\/|\/home|\/Users|\/root|\/etc|\/var|~|~\/|\$HOME\/?|\$\{HOME\}\/?|%USERPROFILE%|[A-Z]:[\\/]?|\/home\/[\w.-]+\/?|\/Users\/[\w.-]+\/?|\/mnt\/c\/?|\$\{userHome\}\/?)$/i
const SECRETS =
  /(?:^|[\\/])\.(?:ssh|aws|gnupg|kube|docker|config\/gcloud|openclaw|claude|codex|password-store|mozilla)(?:[\\/]|$)|\/etc\/(?:shadow|passwd|sudoers)|Library\/Keychains|\/(?:proc|sys)(?:\/|$)/i

function reach(program: string, args: readonly string[], say: Say): void {
  const isContainer = /^(?:docker|podman|nerdctl)$/.test(program)
  for (const [index, arg] of args.entries()) {
    const mount =
      isContainer && /^(?:-v|--volume|--mount)$/.test(args[index - 1] ?? '')
        ? arg
        : /^(?:-v|--volume|--mount)=(.*)/.exec(arg)?.[1]
    if (mount !== undefined) {
      const source = /(?:source|src)=([^,]+)/.exec(mount)?.[1] ?? mount.replace(/^([A-Za-z]:[^:]*|[^:]*):.*/, '$1')
      if (WIDE.test(source) || SECRETS.test(source) || /docker\.sock|containerd\.sock|podman\.sock/.test(mount))
        say(RULES.container, mount)
      continue
    }
    if (
      isContainer &&
      /^--privileged(?:=true)?$|^--(?:pid|net|network|ipc|uts|userns)=host$|^--cap-add(?:=|$)|seccomp[=:]unconfined|apparmor[=:]unconfined/.test(
        arg,
      )
    )
      say(RULES.container, arg, arg.startsWith('--net') ? 'medium' : 'high')
    if (isContainer && arg === 'host' && /^--(?:pid|net|network|ipc)$/.test(args[index - 1] ?? ''))
      say(RULES.container, `${args[index - 1] ?? ''} host`, /net/.test(args[index - 1] ?? '') ? 'medium' : 'high')
    if (!isContainer && (WIDE.test(arg) || SECRETS.test(arg))) say(RULES.root, arg)
    const value = /^--[\w-]+=(.+)$/.exec(arg)?.[1]
    if (!isContainer && value !== undefined && (WIDE.test(value) || SECRETS.test(value))) say(RULES.root, arg)
  }
}

function remote(name: string, server: Readonly<Record<string, unknown>>, say: Say): void {
  const urls = [
    ...['url', 'serverUrl', 'endpoint', 'httpUrl', 'baseUrl', 'uri'].flatMap((key) => texts(server[key])),
    ...texts(server['args']).filter((arg) => /^https?:\/\//.test(arg)),
  ]
  for (const url of urls) {
    const [host] = hostsIn(url)
    if (host === undefined || isLocal(host.host) || host.host.includes('$')) continue
    if (/^(?:http|ws):/i.test(url)) say(RULES.plain, url)
    const kind = hostKind(host.host)
    if (kind === 'punycode') say(RULES.brand, url, 'critical')
    else if (kind !== undefined && kind !== 'messenger') say(RULES.place, url)
    if (/\/\/[^/@\s]+:[^/@\s]+@/.test(url)) say(RULES.secret, 'credentials in the address')
    const brand = foreignBrand(host.host)
    const own = [...BRANDS].find(([word]) =>
      name
        .toLowerCase()
        .split(/[^a-z0-9]+/)
        .includes(word),
    )
    const like = host.host
      .split('.')
      .map((label) => imitatedWord(label, new Set(BRANDS.keys())))
      .find((found) => found !== undefined)
    if (brand !== undefined || like !== undefined)
      say(
        RULES.brand,
        url,
        like !== undefined || new RegExp(`${brand ?? ''}[.-](?:mcp|api|com|login|auth|official|secure)`).test(host.host)
          ? 'high'
          : 'medium',
      )
    else if (own !== undefined && !isOneOf(host.host, own[1])) say(RULES.brand, url, 'medium')
  }
  if (typeof server['headersHelper'] === 'string') say(RULES.shell, 'headersHelper starts a command', 'medium')
  const headers = server['headers']
  if (isRecord(headers))
    for (const [key, value] of Object.entries(headers))
      if (typeof value === 'string' && isSecret(key, value)) say(RULES.secret, key)
}

const isReference = (value: string): boolean =>
  /\$\{?[\w:.-]+\}?|^\{\{.*\}\}$|^<[^>]+>$|^(?:your|my|xxx|changeme|\.\.\.|placeholder|todo|example)/i.test(value)
const isSecret = (key: string, value: string): boolean =>
  !isReference(value) &&
  (findSecrets(value, 'result').length > 0 ||
    findSecrets(`${key}=${value}`, 'result').length > 0 ||
    (/token|secret|passw|api[_-]?key|private[_-]?key|authorization/i.test(key) &&
      /^(?:Bearer |Basic )?[A-Za-z0-9_+/=.-]{20,}$/.test(value) &&
      /\d/.test(value) &&
      /[A-Za-z]/.test(value)))

const LOADS =
  /^(?:LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|DYLD_\w+|NODE_OPTIONS|PYTHONSTARTUP|PYTHONPATH|PYTHONINSPECT|PERL5OPT|RUBYOPT|BASH_ENV|ENV|PROMPT_COMMAND|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|GIT_SSH_COMMAND|GIT_EXTERNAL_DIFF|EDITOR|PAGER|npm_config_registry|NPM_CONFIG_REGISTRY|PIP_INDEX_URL|PIP_EXTRA_INDEX_URL|UV_INDEX_URL|UV_DEFAULT_INDEX|UV_EXTRA_INDEX_URL|NODE_PATH)$/
const OFF =
  /^(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|GIT_SSL_NO_VERIFY|CURL_INSECURE|DANGEROUSLY_\w+|\w*(?:DISABLE|SKIP|NO)_(?:AUTH|SECURITY|SANDBOX|APPROVAL|VERIFY|CONFIRM|PERMISSIONS?|SSL|TLS)\w*|\w*ALLOW_(?:ALL|DANGEROUS|UNSAFE|SHELL|ANY|WRITE)\w*|\w*AUTO_APPROVE\w*|\w*UNRESTRICTED\w*|\w*YOLO\w*)$/i
const PROXIES =
  /^(?:https?_proxy|all_proxy|HTTPS?_PROXY|ALL_PROXY|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/

function environment(server: Readonly<Record<string, unknown>>, say: Say): void {
  const env = isRecord(server['env']) ? server['env'] : {}
  for (const [key, raw] of Object.entries(env)) {
    const value = String(raw)
    if (
      LOADS.test(key) &&
      !(key === 'NODE_OPTIONS' && /^(?:--max[-_]old[-_]space[-_]size=\d+\s*)+$/.test(value)) &&
      !(/PYTHONPATH|NODE_PATH|LIBRARY_PATH|EDITOR|PAGER/.test(key) && !/tmp|shm|https?:|\.so\b/.test(value)) &&
      !(key === 'ENV' && /^[\w-]+$/.test(value))
    )
      say(
        RULES.env,
        `${key}=${value}`,
        /registry|INDEX/i.test(key) && /^https:\/\/(?:registry\.npmjs\.org|pypi\.org)/.test(value)
          ? 'info'
          : /registry$|^(?:UV_DEFAULT_INDEX|(?:UV|PIP)_INDEX_URL)$/i.test(key) &&
              servesOwn(value, texts(server['args']))
            ? asNotice('high')
            : 'high',
      )
    if (
      OFF.test(key) &&
      (key.startsWith('NODE_TLS') || key.startsWith('PYTHONHTTPS')
        ? value === '0'
        : !/^(?:0|false|no|off|)$/i.test(value))
    )
      say(RULES.env, `${key}=${value}`)
    const through = PROXIES.test(key) ? hostsIn(value).filter(({ host }) => !isLocal(host)) : []
    if (through.length > 0)
      say(
        RULES.redirect,
        `${key}=${value}`,
        through.every(({ host }) => isInside(host) && /^(?:\w*proxy|gateway|egress)\d*\./.test(host))
          ? asNotice('high')
          : 'high',
      )
    if (/_(?:BASE_?URL|API_?BASE|API_?URL|ENDPOINT|HOST)$/i.test(key)) {
      const brand = [...BRANDS].find(([word]) => key.toLowerCase().split('_').includes(word))
      const [host] = hostsIn(value)
      if (brand !== undefined && host !== undefined && !isLocal(host.host) && !isOneOf(host.host, brand[1]))
        say(
          RULES.redirect,
          `${key}=${value}`,
          hostKind(host.host) !== undefined || /anthropic|openai|claude/.test(brand[0]) ? 'high' : 'medium',
        )
      else if (
        host !== undefined &&
        ['tunnel', 'collector', 'address', 'onion', 'punycode'].includes(hostKind(host.host) ?? '')
      )
        say(RULES.redirect, `${key}=${value}`)
    }
    if (isSecret(key, value)) say(RULES.secret, key)
    if (WIDE.test(value) && /(?:ROOT|DIR|PATH|ALLOWED|WORKSPACE|BASE|MOUNT)/i.test(key))
      say(RULES.root, `${key}=${value}`)
    if (/^(?:\*|all)$/i.test(value) && /ALLOW|SCOPE|TOOLS|ORIGIN|COMMANDS|PERMISSION/i.test(key))
      say(RULES.approve, `${key}=${value}`)
  }
  for (const arg of texts(server['args'])) {
    const [, key = '', value = ''] = /^(?:--?)?([\w-]{2,40})[=:](.+)$/.exec(arg) ?? []
    if ((key !== '' && isSecret(key, value)) || (!isReference(arg) && findSecrets(arg, 'result').length > 0))
      say(RULES.secret, key === '' ? 'argument' : key)
  }
}

function approvals(server: Readonly<Record<string, unknown>>, say: Say): void {
  for (const [key, value] of Object.entries(server)) {
    if (
      !/^(?:autoApprove|alwaysAllow|auto_approve|autoAllow|always_allow|trust|trusted|autoAccept|skipApproval|yolo|allowAll|default_tools_approval_mode|approval(?:Mode|_mode|_policy)?|requireApproval|require_approval|dangerously\w*|bypass\w*)$/.test(
        key,
      )
    )
      continue
    const list = texts(value)
    if (value === true && !/^require/i.test(key)) say(RULES.approve, `${key}: true`)
    else if (/^require/i.test(key) && (value === false || list.includes('never')))
      say(RULES.approve, `${key}: ${String(value)}`)
    else if (list.some((item) => /^(?:\*|all|never|auto|always|bypass\w*|full)$/i.test(item)))
      say(RULES.approve, `${key}: ${list.join(', ')}`)
    else if (
      Array.isArray(value) &&
      list.some((tool) =>
        /(?:^|[_-])(?:write|delete|remove|exec|execute|run|shell|bash|command|send|post|push|create|update|edit|deploy|drop|kill|transfer|pay|merge|move|upload|install)/i.test(
          tool,
        ),
      )
    )
      say(RULES.approve, `${key}: ${list.join(', ')}`)
    else if (Array.isArray(value) && list.length > 0) say(RULES.approve, `${key}: ${list.join(', ')}`, 'medium')
  }
}
