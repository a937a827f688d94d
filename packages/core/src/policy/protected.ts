import type { Json, JsonObject } from '../json/types.ts'
import type { ArgumentFacts } from './request.ts'

/**
 * What a call would touch that runs, steers or unlocks something later without being asked (T-001, T-041, T-050). Cedar
 * has no loop over sets, so the classes are derived here and policies ask `context.facts.protected.contains("…")`.
 */
export type ProtectedClass =
  | 'agent-instructions'
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
  'git-hooks': ['.git/hooks', '.git/config', '.gitconfig', '.config/git', '.husky', '.gitmodules'],
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

/** Verbs of our own command line that decide, weaken or unlock. */
const DECIDING = new Set(
  `init up down kill run vault setup-link hook
   approvals:approve approvals:deny approvals:watch agents:add agents:revoke agents:rotate-key agents:level
   policy:accept policy:revert mcp:pin mcp:wrap mcp:serve config:set egress:allow credentials:grant credentials:revoke
   credentials:revoke-all memory:release alerts:silence rules:update advisories:import security:audit`.split(/\s+/),
)
const OWN_COMMAND = /sallyport(?:\.js)?(?=$|[^\w.@/-])((?:\s+[^\s;|&<>]+){0,10})/gi
const MAX_TEXT = 16_384
const NONE: readonly string[] = Object.freeze([])

/**
 * Classes of protected things that a call names. `extra` are absolute paths of this installation (state directory,
 * configuration, policy sources). Commands and unresolved paths are looked at word by word.
 */
export function protectedClasses(
  facts: ArgumentFacts,
  args: JsonObject,
  extra: readonly string[] = [],
): readonly string[] {
  const { paths, commands, pathUnresolved } = facts
  if (paths.length === 0 && commands.length === 0 && !pathUnresolved) return NONE
  const found = new Set<string>()
  for (const path of paths) classifyPath(path, found, extra)
  if (commands.length > 0 || pathUnresolved) {
    for (const text of leaves(args)) {
      const clipped = text.slice(0, MAX_TEXT)
      for (const word of clipped.split(/[\s"'`=;|&<>(),:]+/)) if (word !== '') classifyPath(word, found, extra)
      if (commands.length > 0 && decides(clipped)) found.add('sallyport-decide')
      // What is too long to look at counts as the worst it could be.
      if (commands.length > 0 && text.length > MAX_TEXT) found.add('sallyport-decide').add('host-config')
    }
  }
  return found.size === 0 ? NONE : [...found].sort()
}

function classifyPath(path: string, found: Set<string>, extra: readonly string[]): void {
  const folded = path.normalize('NFKC').toLowerCase().replaceAll('\\', '/')
  for (const own of extra) if (folded === own || folded.startsWith(`${own}/`)) found.add('sallyport-state')
  const segments = folded.split('/').filter((segment) => segment !== '' && segment !== '.')
  for (const [at, segment] of segments.entries()) {
    for (const rule of RULES.get(segment) ?? []) {
      if (rule.segments.every((wanted, offset) => segments[at + offset] === wanted)) found.add(rule.class)
    }
    for (const rule of PREFIXES) if (segment.startsWith(rule.prefix)) found.add(rule.class)
  }
}

function decides(text: string): boolean {
  for (const match of text.matchAll(OWN_COMMAND)) {
    const words = (match[1] ?? '').toLowerCase().replace(/["'`]/g, '').trim().split(/\s+/)
    if (words.some((word, at) => DECIDING.has(word) || DECIDING.has(`${word}:${words[at + 1] ?? ''}`))) return true
  }
  return false
}

function* leaves(value: Json): Iterable<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* leaves(item as Json)
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) yield* leaves(item as Json)
}
