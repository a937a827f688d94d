import type { Json, JsonObject } from '../json/types.ts'
import { pathText } from '../action/path-text.ts'
import type { ArgumentFacts, PolicyContext } from './request.ts'

/**
 * What a call would touch that runs, steers or unlocks something later without being asked (T-001, T-041, T-050). Cedar
 * has no loop over sets, so the classes are derived here and policies ask `context.facts.protected.contains("…")`.
 */
export type ProtectedClass =
  | 'agent-instructions'
  | 'ci-config'
  | 'git-hooks'
  | 'host-config'
  | 'sallyport-decide'
  | 'sallyport-config'
  | 'sallyport-state'
  | 'secrets'
  | 'shell-startup'

/** One path or command line per class, for generated requests and documentation. */
export const PROTECTED_EXAMPLES: Readonly<Record<ProtectedClass, string>> = Object.freeze({
  'agent-instructions': '/work/project/AGENTS.md',
  'ci-config': '/work/project/.github/workflows/ci.yml',
  'git-hooks': '/work/project/.git/hooks/pre-commit',
  'host-config': '/work/project/.claude/settings.json',
  'sallyport-config': '/work/project/sallyport.yaml',
  'sallyport-decide': 'sallyport approvals approve 1',
  'sallyport-state': '/home/ana/.local/share/sallyport/state.db',
  secrets: '/home/ana/.ssh/id_ed25519',
  'shell-startup': '/home/ana/.bashrc',
})

/** Consecutive path segments, lower case. A last segment that ends in `*` is a prefix of a file name. */
const PATHS: Readonly<Record<Exclude<ProtectedClass, 'sallyport-decide'>, readonly string[]>> = Object.freeze({
  'sallyport-state': ['.local/share/sallyport', '.config/sallyport', 'etc/sallyport'],
  'sallyport-config': ['sallyport.yaml', 'sallyport.yml'],
  'host-config': [
    '.claude',
    '.claude.json',
    '.mcp.json',
    'claude_desktop_config.json',
    '.cursor',
    '.codex',
    '.gemini',
    '.codeium',
    '.windsurf',
    '.openclaw',
    '.copilot',
    '.github/hooks',
    '.vscode/tasks.json',
    '.vscode/settings.json',
    '.vscode/mcp.json',
    '.idea/workspace.xml',
    '.envrc',
    '.direnv',
  ],
  'ci-config': [
    '.github/workflows',
    '.github/actions',
    '.gitlab-ci.yml',
    '.circleci',
    '.buildkite',
    '.woodpecker',
    '.drone.yml',
    '.travis.yml',
    'jenkinsfile',
    'azure-pipelines.yml',
    'bitbucket-pipelines.yml',
  ],
  'git-hooks': ['.git/hooks', '.git/config', '.git/modules', '.gitconfig', '.config/git', '.husky', '.gitmodules'],
  'shell-startup': [
    '.bashrc',
    '.bash_profile',
    '.bash_login',
    '.bash_logout',
    '.bash_aliases',
    '.profile',
    '.zshrc',
    '.zshenv',
    '.zprofile',
    '.zlogin',
    '.config/fish',
    '.config/autostart',
    '.config/systemd',
    'library/launchagents',
    'etc/profile.d',
    'etc/cron.d',
    'etc/crontab',
    'var/spool/cron',
  ],
  secrets: [
    '.ssh',
    '.gnupg',
    '.aws',
    '.azure',
    '.kube',
    '.config/gcloud',
    '.docker/config.json',
    '.netrc',
    '.npmrc',
    '.pypirc',
    '.git-credentials',
    '.config/gh',
    'id_rsa*',
    'id_ed25519*',
    'etc/shadow',
    'etc/sudoers*',
  ],
  'agent-instructions': [
    'claude.md',
    'agents.md',
    'gemini.md',
    '.cursorrules',
    '.windsurfrules',
    'soul.md',
    'skill.md',
  ],
})

interface Rule {
  readonly class: ProtectedClass
  readonly segments: readonly string[]
}
const RULES: ReadonlyMap<string, readonly Rule[]> = indexByFirst()
const PREFIXES: readonly { readonly class: ProtectedClass; readonly prefix: string }[] = Object.entries(PATHS).flatMap(
  ([name, patterns]) => patterns.filter((p) => p.endsWith('*')).map((p) => prefixRule(name as ProtectedClass, p)),
)

function prefixRule(
  name: ProtectedClass,
  pattern: string,
): { readonly class: ProtectedClass; readonly prefix: string } {
  return { class: name, prefix: (pattern.split('/').at(-1) ?? '').slice(0, -1) }
}

function indexByFirst(): ReadonlyMap<string, readonly Rule[]> {
  const index = new Map<string, Rule[]>()
  for (const [name, patterns] of Object.entries(PATHS)) {
    for (const pattern of patterns) {
      if (pattern.endsWith('*')) continue
      const segments = pattern.split('/')
      const first = segments[0] ?? ''
      index.set(first, [...(index.get(first) ?? []), { class: name as ProtectedClass, segments }])
    }
  }
  return index
}

/** Commands of our own command line that decide, weaken or unlock: a word, or an area and a word after it. */
const DECIDING = new Set(
  `init up down kill run vault setup-link hook
   approvals:approve approvals:deny approvals:watch approvals:grants
   session:endorse agents:add agents:revoke agents:rotate-key agents:trust agents:level
   budgets:reset policy:accept policy:revert mcp:add mcp:pin mcp:wrap mcp:serve config:set egress:allow
   credentials:grant credentials:revoke credentials:revoke-all
   skills:review skills:promote skills:rollback skills:allow skills:unblock
   memory:release alerts:silence rules:update advisories:import security:audit`.split(/\s+/),
)
const OWN_COMMAND = /sallyport(?:\.[cm]?[jt]s|\.cmd|\.exe)?(?:@[\w.^~*-]+)?(?=$|[^\w.@/-])((?:\s+[^\s;|&<>]+){0,40})/gi
const MAX_TEXT = 16_384
const NONE: readonly string[] = Object.freeze([])
const NO_RULES: readonly Rule[] = Object.freeze([])
const ASCII = /^[ -~]*$/

/** What matters of a tool here; absent: a tool that changes state. */
export type ProtectedTool = Pick<PolicyContext['tool'], 'name' | 'effect' | 'groups' | 'annotated'>

/** How far a path reaches: itself and what is below it, or also what lies above a protected place. */
interface Reach {
  /** Directories that hold protected places count: what moves, replaces or links them takes those along. */
  readonly above: boolean
  /** Home directories and everything above them count too. */
  readonly home: boolean
  /** A search reads what is below: keys and our own state only. */
  readonly search: boolean
}
const EXACT: Reach = { above: false, home: false, search: false }
/** Programs that take whole directories along. */
const MOVERS = /^(?:mv|cp|rm|ln|tar|rsync|zip|chmod|chown|find|mount|rename|install|cd|pushd)$/
const SEARCH = /grep|search|tree|find/i

/**
 * Classes of protected things that a call names. `extra` are absolute paths of this installation (state directory,
 * configuration, policy sources). Commands and unresolved paths are looked at word by word. A directory above a protected
 * place is touched by what changes state, and by searches of a home directory or of the parent of our state.
 */
export function protectedClasses(
  facts: ArgumentFacts,
  args: JsonObject,
  extra: readonly string[] = [],
  tool?: ProtectedTool,
): readonly string[] {
  const { paths, named, canonical, commands, pathUnresolved } = facts
  const runs = commands.length > 0 || tool?.groups.includes('group:runtime') === true
  if (paths.length === 0 && named.length === 0 && !runs && !pathUnresolved) return NONE
  const found = new Set<ProtectedClass>()
  const reach = reachOf(tool)
  for (const path of paths) classifyPath(path, found, extra, reach)
  // where links lead to, and what is named, is often a path as well, and has been looked at
  const looked = new Set(paths)
  for (const path of canonical) if (!looked.has(path)) classifyPath(path, found, extra, reach)
  const seen = runs ? undefined : looked
  for (const path of named) if (seen?.has(path) !== true) classifyPath(path, found, extra, runs ? EXACT : reach)
  if (runs || pathUnresolved) {
    const within = runs ? { ...EXACT, above: commands.some((word) => MOVERS.test(word)) } : reach
    for (const text of leaves(args)) {
      const clipped = text.slice(0, MAX_TEXT)
      for (const word of clipped.split(/[\s"'`=;|&<>(),:]+/)) if (word !== '') classifyPath(word, found, extra, within)
      if (runs && decides(clipped)) found.add('sallyport-decide')
      // What is too long to look at counts as the worst it could be.
      if (runs && text.length > MAX_TEXT) found.add('sallyport-decide').add('host-config')
    }
  }
  return found.size === 0 ? NONE : [...found].sort()
}

function reachOf(tool: ProtectedTool | undefined): Reach {
  if (tool === undefined) return { above: true, home: false, search: false }
  const files = tool.groups.includes('group:fs')
  if (tool.effect === 'read') return { ...EXACT, search: (files || !tool.annotated) && SEARCH.test(tool.name) }
  return { above: true, home: files, search: false }
}

/** Classes of one path by itself, spelled as a file system takes it; `extra` as for `protectedClasses`. */
export function classesOfPath(path: string, extra: readonly string[] = []): readonly ProtectedClass[] {
  const found = new Set<ProtectedClass>()
  classifyPath(path, found, extra, EXACT)
  return [...found].sort()
}

function classifyPath(raw: string, found: Set<ProtectedClass>, extra: readonly string[], reach: Reach): void {
  const folded = pathText(folding(raw)).replaceAll('\\', '/')
  const segments = plain(folded)
  const rooted = folded.startsWith('/')
  const whole = `${rooted ? '/' : ''}${segments.join('/')}`
  for (const own of extra) {
    if (whole === own || whole.startsWith(`${own}/`)) found.add('sallyport-state')
    else if (rooted && isAbove(whole, own, segments, reach)) found.add('sallyport-state')
  }
  for (let at = 0; at < segments.length; at++) {
    const segment = segments[at] as string
    for (const rule of RULES.get(segment) ?? NO_RULES) {
      if (rule.segments.every((wanted, offset) => segments[at + offset] === wanted)) found.add(rule.class)
      else if (holds(rule, segments, at, rooted, reach)) found.add(rule.class)
    }
    for (const rule of PREFIXES) if (segment.startsWith(rule.prefix)) found.add(rule.class)
  }
  if ((reach.home || reach.search) && holdsHome(segments, rooted)) {
    found.add('secrets').add('sallyport-state')
    if (reach.home) found.add('shell-startup').add('host-config')
  }
}

/** Compatibility forms and case do not tell two names apart; plain ASCII has no other forms. */
const folding = (text: string): string => (ASCII.test(text) ? text : text.normalize('NFKC')).toLowerCase()

/** Segments without `.` and `..`; what climbs out of a relative path is dropped. */
function plain(path: string): readonly string[] {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts
}

function isAbove(path: string, own: string, segments: readonly string[], reach: Reach): boolean {
  if (!own.startsWith(path === '/' ? '/' : `${path}/`)) return false
  if (holdsHome(segments, true)) return reach.home || reach.search
  return reach.above || (reach.search && own.lastIndexOf('/') === path.length)
}

/** True when the path is the beginning of a protected one: `.git` of `.git/hooks`. */
function holds(rule: Rule, segments: readonly string[], at: number, rooted: boolean, reach: Reach): boolean {
  const rest = segments.length - at
  if (rest >= rule.segments.length || !rule.segments.slice(0, rest).every((part, n) => part === segments[at + n])) {
    return false
  }
  const first = rule.segments[0] ?? ''
  // `etc` and `var` are common names: only those of the root count, and our own state only below a home directory
  if (!first.startsWith('.')) return at === 0 && rooted && reach.above
  const below = at === 0 ? !rooted : holdsHome(segments.slice(0, at), rooted)
  if (rule.class !== 'sallyport-state') return reach.above || (reach.search && rule.class === 'secrets' && below)
  return below && (reach.above || (reach.search && rest === rule.segments.length - 1))
}

/** A home directory, or something above all of them. */
function holdsHome(segments: readonly string[], rooted: boolean): boolean {
  const [first, second, third] = segments
  if (first === undefined) return rooted
  if (!rooted) return first.startsWith('~') && second === undefined
  if (first === 'root') return second === undefined
  return (first === 'home' || first === 'users') && third === undefined
}

function decides(text: string): boolean {
  for (const match of text.matchAll(OWN_COMMAND)) {
    const words = (match[1] ?? '')
      .toLowerCase()
      .replace(/["'`\\]/g, '')
      .trim()
      .split(/\s+/)
    for (const [at, word] of words.entries()) {
      if (DECIDING.has(word) || words.slice(at + 1).some((later) => DECIDING.has(`${word}:${later}`))) return true
    }
  }
  return false
}

/** Strings and member names. */
function* leaves(value: Json): Iterable<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* leaves(item as Json)
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value)) {
      yield name
      yield* leaves(item as Json)
    }
}
