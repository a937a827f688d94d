import {
  analyseCommand,
  argvFacts,
  judgeCommand,
  type CommandEffect,
  type Evidence,
  type ParseShell,
  type Severity,
} from '@sallyport/core'
import type { RuleText } from '../finding.ts'
import { hostsIn } from '../text/hosts.ts'

/** A place in a command line where a skill would do something that needs a look. */
export interface CommandHit {
  readonly rule: RuleText
  /** UTF-16 units in the command line. */
  readonly start: number
  readonly end: number
}

/**
 * What an effect of a command means in a skill. A skill is code that others wrote and that runs unasked, so that what is a question for an
 * agent at work is a reason to hold here; what every project does (installing packages, writing files, calling its API) is a notice or nothing.
 */
const GRAVE: Readonly<Partial<Record<CommandEffect, readonly [severity: Severity, name: string]>>> = {
  'exec.remote-code': ['critical', 'dropper.code-downloaded'],
  'exec.encoded': ['critical', 'obfuscation.decoded-code'],
  'network.reverse-shell': ['critical', 'backdoor.reverse-shell'],
  'read.metadata-service': ['critical', 'exfiltration.metadata-service'],
  'disk.overwrite': ['critical', 'harm.destruction'],
  'delete.system': ['critical', 'harm.destruction'],
  'abuse.fork-bomb': ['critical', 'abuse.exhaustion'],
  'abuse.mining': ['critical', 'abuse.mining'],
  'privilege.setuid': ['critical', 'privilege.rights-raised'],
  'persist.access': ['critical', 'persistence.access-granted'],
  'privilege.container-escape': ['high', 'privilege.container-left'],
  'privilege.kernel': ['high', 'privilege.kernel-changed'],
  'network.covert': ['critical', 'exfiltration.covert-channel'],
  'evade.protection': ['high', 'control.protection-off'],
  'evade.logs': ['high', 'control.traces-hidden'],
  'evade.masquerade': ['high', 'obfuscation.masquerade'],
  'exec.hidden': ['high', 'obfuscation.hidden-run'],
  'exec.untrusted-file': ['high', 'dropper.untrusted-program'],
  'exec.preload': ['high', 'persistence.preload'],
  'persist.startup': ['high', 'persistence.startup-changed'],
  'persist.shell-profile': ['high', 'persistence.startup-changed'],
  'persist.agent-config': ['high', 'persistence.agent-changed'],
  'read.secret': ['high', 'exfiltration.credential-read'],
  'read.keychain': ['high', 'exfiltration.credential-store'],
  'read.memory': ['high', 'exfiltration.memory-read'],
  'read.environment': ['medium', 'exfiltration.environment-read'],
  'network.flood': ['high', 'abuse.flood'],
  'network.remote-shell': ['medium', 'network.remote-shell'],
  'network.tunnel': ['high', 'network.tunnel'],
  'network.scan': ['medium', 'network.scan'],
  'network.upload': ['medium', 'network.upload'],
  'network.untrusted-tls': ['medium', 'control.tls-off'],
  'delete.outside': ['high', 'harm.deletes-outside'],
  'delete.computed': ['medium', 'harm.deletes-computed'],
  'delete.workspace-root': ['high', 'harm.destruction'],
  'data.destroy': ['high', 'harm.destruction'],
  'exec.remote-package': ['high', 'supply.package-from-address'],
  'exec.code': ['medium', 'dropper.inline-code'],
  'exec.escape': ['medium', 'obfuscation.escape'],
  'privilege.permissions': ['medium', 'privilege.permissions-opened'],
  'privilege.raise': ['medium', 'privilege.raised'],
  'abuse.resources': ['medium', 'abuse.exhaustion'],
}

/** Effects whose mildest form is everyday work. */
const ORDINARY: readonly (readonly [effect: CommandEffect, detail: RegExp])[] = [
  [
    'data.destroy',
    /\b(?:prune|clean|autoremove|unpublish|deprecate|volume rm)\b|[\w-]*(?:test|tmp|temp|scratch|staging|sandbox|demo)\b/i,
  ],
  // the log is read
  [
    'evade.protection',
    /\b(?:cloudtrail|guardduty|configservice|securityhub|cloudwatch|logs)\s+(?:lookup|describe|get|list|filter)-[\w-]+/,
  ],
  ['evade.protection', /\biptables\b[^\n]*-j\s+(?:DROP|REJECT)|\bufw\s+(?:allow|deny|reject|limit|enable|status)/],
  ['read.secret', /\.pub\b/],
  // one key of many, by its id: what a rotation ends with
  [
    'data.destroy',
    /\biam delete-access-key\b.*--access-key-id|\bservice-accounts keys delete\b|\bssh-key delete\b|\bapp credential delete\b/,
  ],
  // a program of its own; one that bears the name of a command of the system is called in its place
  [
    'persist.shell-profile',
    /^(?:~|\$HOME|\$\{HOME\}|\/(?:home|Users)\/[^/]+)\/(?:\.local\/)?bin\/(?!(?:\.|(?:ba|z|da|fi|k|tc)?sh|git|gh|ssh\S*|scp|sudo|su|doas|ls|cat|cd|cp|mv|rm|ps|top|env|curl|wget|python\S*|pip\S*|node|npm|npx|pnpm|yarn|uvx?|docker|podman|kubectl|claude|codex|cursor|code|openclaw|gpg|pass|passwd|op|aws|gcloud|az|vim?|nvim|nano|less|grep|find|sed|awk|tar|make|go|cargo|rustc|java|ruby|perl|php|which|open|xdg-open|man|login|tmux|screen)$)[\w.-]+$/,
  ],
  [
    'persist.startup',
    /\bcrontab\s+-[le]\b|daemon-reload|--unset\b|defaults write com\.apple\.(?:dock|finder|screencapture)/,
  ],
  ['network.flood', /\b(?:k6|wrk|ab|hey|vegeta|locust|siege|oha|bombardier|artillery)\b/],
  [
    'exec.remote-package',
    /^(?!.*(?:http:\/\/|\d{1,3}(?:\.\d{1,3}){3}))(?:.*(?:github|gitlab|bitbucket|codeberg)\.(?:com|org)|(?!.*:\/\/))/,
  ],
  ['privilege.kernel', /\bsysctl\b/],
  [
    'privilege.container-escape',
    /^(?!.*(?:privileged|\.sock|-v\s+\/:|nsenter|chroot|host|mount|cap-add|unconfined|release_agent))/i,
  ],
  [
    'exec.preload',
    /^(?!.*(?:PRELOAD|DYLD|\/tmp|http|NODE_OPTIONS=.*(?:require|import)|BASH_ENV|PROMPT_COMMAND|PYTHONSTARTUP))/i,
  ],
  ['network.tunnel', /--inspect|\bwg\b|wg-quick|wireguard/i],
  ['exec.untrusted-file', /^(?!.*(?:\/tmp\b|\/var\/tmp|\/dev\/shm|downloads|%temp%|\/\.\w))/i],
  ['read.keychain', /^(?!.*\b(?:security|keychain|secret-tool|lookup|dump)\b)/],
]

/** A secret is put where secrets belong. */
const STORES =
  /\b(?:kubectl\b[^\n]*\bcreate secret|gh (?:secret|variable) set|vault kv put|secretsmanager (?:create|put)-secret|gcloud secrets create|docker secret create|doppler secrets upload)\b/
/** Commands whose words show that they keep within what they made: old files of one name. */
const KEEPS = /\bfind\b[^\n]{0,200}-(?:mtime|ctime|mmin|older)\b/

/** Together they are an attack where each alone may be work. */
const TOGETHER: readonly (readonly [effects: readonly CommandEffect[], name: string, title: string])[] = [
  [['read.secret', 'network.upload'], 'exfiltration.credentials-sent', 'reads credentials and sends data away'],
  [['read.keychain', 'network.upload'], 'exfiltration.credentials-sent', 'reads a keychain and sends data away'],
  [
    ['read.environment', 'network.upload'],
    'exfiltration.environment-sent',
    'reads the environment and sends data away',
  ],
  [['exec.hidden', 'network.upload'], 'exfiltration.hidden-upload', 'sends data away in a way that nobody sees'],
]

const FIX = 'Remove the command, or let the user run it after reading it.'
const why = 'A skill runs with the rights of the agent that loads it, and nobody looks at each of its commands.'

/** Findings of a command line or script. @param language `powershell` and `cmd` are judged by their words */
export function judgeScript(source: string, parse: ParseShell, language = 'bash'): readonly CommandHit[] {
  const known = installsKnown(source)
  const plain = [...pieces(source)].flatMap(({ text, start }) => {
    const { facts } = analyseCommand(text, { parse, language })
    return hitsOf(facts.evidence, text).map(({ rule, start: from, end }) => ({
      rule:
        known && /^(?:dropper\.code-downloaded|obfuscation\.hidden-run)$/.test(rule.id)
          ? { ...rule, severity: 'medium' as const }
          : rule,
      start: start + from,
      end: start + end,
    }))
  })
  return [...plain, ...named(source, parse)]
}

/** Shell lines within a line of AppleScript. */
const INNER = /do shell script\s+\\?"((?:[^"\\]|\\.){4,2000}?)\\?"/g

const FETCHED: RuleText = {
  id: 'dropper.code-downloaded',
  severity: 'critical',
  title: 'a program of the system fetches code and runs it',
  why,
  fix: FIX,
}
const ELSEWHERE: RuleText = {
  id: 'supply.package-from-address',
  severity: 'high',
  title: 'takes a package from a place of its own',
  why: 'Names of the public index can be answered with other code, and nobody else looks at it.',
  fix: FIX,
}
const NAMED: readonly (readonly [pattern: RegExp, rule: RuleText])[] = [
  [/\b(?:mshta|regsvr32|rundll32|msiexec|wmic|installutil|cmstp)(?:\.exe)?\b[^\n|]{0,120}https?:\/\//gi, FETCHED],
  [
    /\b(?:conda|mamba|micromamba)\s+(?:install|create)\b[^\n|;]{0,120}\s(?:-c|--channel)[ =]https?:\/\/(?!(?:conda|repo)\.anaconda\.)/gi,
    ELSEWHERE,
  ],
  [/\bgem\s+install\b[^\n|;]{0,120}\s--(?:clear-sources|source)[ =]https?:\/\/(?!rubygems\.org)/gi, ELSEWHERE],
  [
    /\b(?:npm|pnpm|yarn)\s+(?:i|install|add)\b[^\n|;]{0,160}--registry[ =]https?:\/\/(?!registry\.(?:npmjs\.org|yarnpkg\.com))/gi,
    ELSEWHERE,
  ],
  [
    /\bpip\d?\s+install\b[^\n|;]{0,160}--(?:extra-index-url|index-url|find-links)[ =]https?:\/\/(?!(?:pypi\.org|download\.pytorch\.org|test\.pypi\.org))/gi,
    ELSEWHERE,
  ],
]

/** What programs do that fetch for themselves: known by their words rather than by a shell's grammar. */
function* named(source: string, parse: ParseShell): Iterable<CommandHit> {
  for (const [pattern, rule] of NAMED)
    for (const { index, 0: found } of source.matchAll(pattern)) yield { rule, start: index, end: index + found.length }
  for (const { index, 0: found, 1: inner = '' } of source.matchAll(INNER))
    for (const { rule } of judgeScript(inner.replace(/\\(.)/g, '$1'), parse))
      yield { rule, start: index, end: index + found.length }
}

/** Findings of an argument vector, as configurations hold them. */
export function judgeArgv(argv: readonly string[], parse: ParseShell): readonly CommandHit[] {
  const facts = argvFacts(argv, { parse })
  return judgeCommand(facts).verdict === 'clean' ? [] : hitsOf(facts.evidence)
}

function hitsOf(evidence: readonly Evidence[], source = ''): CommandHit[] {
  const hits = evidence.flatMap(({ effect, start, end, detail }) => {
    const grave = GRAVE[effect]
    if (grave === undefined) return []
    const [most, name] = grave
    const command = source.slice(start, end)
    const kept =
      (effect === 'delete.outside' && KEEPS.test(command)) || (effect === 'read.secret' && STORES.test(command))
    const severity = kept || ORDINARY.some(([id, pattern]) => id === effect && pattern.test(detail)) ? 'medium' : most
    const rule = { id: name, severity, title: `command: ${detail}`, why, fix: FIX }
    return [{ rule, start, end }]
  })
  for (const [effects, name, title] of TOGETHER) {
    const places = effects.map((effect) => evidence.find((item) => item.effect === effect))
    const [first] = places
    if (first === undefined || places.includes(undefined)) continue
    hits.push({ rule: { id: name, severity: 'critical', title, why, fix: FIX }, start: first.start, end: first.end })
  }
  return hits
}

/** Installers that their projects publish this way. Held only when no other host is named. */
const INSTALLERS =
  /^(?:www\.npmjs\.com|sh\.rustup\.rs|astral\.sh|get\.docker\.com|bun\.sh|deno\.land|get\.pnpm\.io|(?:deb|rpm)\.nodesource\.com|fnm\.vercel\.app|install\.python-poetry\.org|get\.helm\.sh|ollama\.com|claude\.ai|pyenv\.run|get\.sdkman\.io|mise\.run)$/

function installsKnown(source: string): boolean {
  const hosts = hostsIn(source).map(({ host }) => host)
  const published = /raw\.githubusercontent\.com\/(?:Homebrew\/install|nvm-sh\/nvm)\//.test(source)
  return (
    hosts.length > 0 &&
    hosts.every((host) => INSTALLERS.test(host) || (published && host === 'raw.githubusercontent.com'))
  )
}

const LONGEST = 60_000

/** Parsers take so much at a time; a longer script is read in pieces that end with a line. */
function* pieces(source: string): Iterable<{ readonly text: string; readonly start: number }> {
  for (let start = 0; start < source.length;) {
    const cut = source.length - start <= LONGEST ? source.length : source.lastIndexOf('\n', start + LONGEST) + 1
    const end = cut > start ? cut : Math.min(source.length, start + LONGEST)
    yield { text: source.slice(start, end), start }
    start = end
  }
}
