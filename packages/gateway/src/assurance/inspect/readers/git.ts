import type { Severity } from '@sallyport/core'
import { valueAt, valuesAt, type Settings } from '../../../hosts/settings-text.ts'
import { judgeScript } from '../../scan/scripts/commands.ts'
import type { Bench } from '../bench.ts'
import type { Reader } from '../reader.ts'
import { withSettings } from './editors.ts'
import { shown } from '../shown.ts'
import { worst } from '../started.ts'

interface Key {
  readonly section: string
  readonly name: string
  readonly value: string
  readonly line: number
}

/** Settings that run a program or send traffic elsewhere: `section.name`, without the quoted part. */
const GRAVE: readonly (readonly [fits: RegExp, when: string, severity: Severity, value?: RegExp])[] = [
  [/^core\.fsmonitor$/, 'git status', 'high', /^(?!\s*(?:true|false|1|0|yes|no|on|off)?\s*$)/i],
  [/^core\.(?:sshcommand|gitproxy|askpass)$/, 'git fetch or push', 'high'],
  [/^core\.(?:pager|editor)$|^pager\.|^sequence\.editor$|^gui\./, 'git shows something', 'high', /[^\w\s=-]|sh\s/],
  [/^core\.hookspath$/, 'git commit, merge or push', 'high'],
  [/^diff\.(?:external|command)$|^diff\.textconv$|^interactive\.difffilter$/, 'git diff', 'high'],
  [/^filter\.(?:clean|smudge|process)$/, 'git checkout or add', 'high', /^(?!\s*git-lfs\b)/],
  [/^merge\.driver$|^mergetool\.cmd$|^difftool\.cmd$/, 'git merge', 'high'],
  [/^alias\./, 'a git alias is called', 'high', /^\s*!/],
  [/^credential\.helper$/, 'git asks for a password', 'high', /^\s*(?:!|.*\/)/],
  [/^gpg\.(?:program|ssh\.program)$|^gpg\.program$/, 'git signs', 'high'],
  [/^(?:uploadpack|receive|remote)\.(?:packobjectshook|uploadpack|receivepack)$/, 'git fetch or push', 'high'],
  [/^protocol\.allow$/, 'git fetch', 'high', /always/],
  [/^remote\.(?:push)?url$|^submodule\.url$/, 'git fetch', 'high', /^\s*(?:ext::|fd::|-)/],
  [/^submodule\.update$/, 'git submodule update', 'high', /^\s*!/],
  [/^submodule\.path$/, 'git submodule update', 'high', /^\s*-|(?:^|\/)\.git(?:\/|$)|\.\./],
  [/^url\.(?:insteadof|pushinsteadof)$/, 'git fetch or push', 'medium'],
  [/^http\.sslverify$/, 'git fetch', 'high', /^\s*(?:false|0|no|off)/i],
  [/^(?:http|https|remote)\.proxy$/, 'git fetch or push', 'medium'],
  [/^include(?:if)?\.path$/, 'every git command', 'medium'],
]

/** Characters of one setting; a longer one is cut. */
const LONGEST = 8000

/** Lines of a file in the form of `.git/config`; comments and continued lines as Git reads them. */
export function gitKeys(text: string): readonly Key[] {
  const keys: Key[] = []
  let section = ''
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    let line = (lines[at] ?? '').slice(0, LONGEST)
    const first = at + 1
    while (line.length < LONGEST && /(?<!\\)(?:\\\\)*\\$/.test(line.slice(-100)) && at + 1 < lines.length)
      line = line.slice(0, -1) + (lines[++at] ?? '').slice(0, LONGEST)
    const head = /^\s*\[\s*([\w.-]+)(?:\s+"(?:[^"\\]|\\.)*")?\s*\]/.exec(line)
    if (head !== null) section = (head[1] ?? '').toLowerCase()
    const [, name, value = ''] =
      /^\s*([A-Za-z][\w-]*)\s*(?:=\s*(.*))?$/.exec(head === null ? line : line.slice(head[0].length)) ?? []
    if (name !== undefined)
      keys.push({
        section: section.replace(/\..*$/, ''),
        name: name.toLowerCase(),
        value: unquoted(value),
        line: first,
      })
  }
  return keys
}

const unquoted = (value: string): string =>
  value
    .replace(/\s+[#;][^"]*$/, '')
    .replace(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replace(/\\(.)/g, '$1'))

export const GIT_CONFIG: Reader = {
  path: /(?:^|\/)(?:\.git\/(?:modules\/.+\/)?config(?:\.worktree)?|\.gitmodules|\.gitconfig)$/,
  async read(path, text, on) {
    for (const { section, name, value, line } of gitKeys(text)) {
      const [, when, severity] =
        GRAVE.find(
          ([fits, , , dangerous]) => fits.test(`${section}.${name}`) && (dangerous?.test(value) ?? value !== ''),
        ) ?? []
      if (when === undefined || severity === undefined) continue
      await on.command({
        kind: 'git-config',
        when,
        what: `${section}.${name} = ${value}`,
        command: value.replace(/^\s*!/, ''),
        file: path,
        line,
        severity,
      })
    }
  },
}

/** A repository of Git inside of the folder that is no `.git`: its configuration counts for every git command in it. */
export const BARE_GIT: Reader = {
  path: /^(?:(?!\.git\/).)*(?<!\.git\/)HEAD$/,
  async read(path, text, on) {
    const config = path.replace(/HEAD$/, 'config')
    const inner = text.startsWith('ref: ') ? await on.read(config) : undefined
    if (inner !== undefined && gitKeys(inner).some(({ section }) => section === 'core'))
      await GIT_CONFIG.read(config, inner, on)
  },
}

const STANDARD = new Set(
  'applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg post-commit pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update reference-transaction push-to-checkout pre-auto-gc post-rewrite sendemail-validate fsmonitor-watchman post-index-change'.split(
    ' ',
  ),
)

/** Hooks of Git, and of the tools that install them. */
export const GIT_HOOKS: Reader = {
  path: /(?:^|\/)(?:\.git\/(?:modules\/.+\/)?hooks|\.husky|\.githooks)\/[^/]+$/,
  async read(path, text, on) {
    const name = path.replace(/.*\//, '')
    if (!STANDARD.has(name)) return
    const active = path.includes('.git/')
    const when = `git ${name.replace(/^(?:pre|post|prepare)-/, '').replace(/-msg$/, '')}`
    // without a first line that says otherwise the shell reads it
    const lines = text.startsWith('#!')
      ? []
      : judgeScript(text, on.deps.parse).map(({ rule: { severity } }) => severity)
    const found = worst(await on.script(path), ...lines)
    on.row({
      kind: 'git-hook',
      when: active ? when : `${when}, once core.hooksPath is set`,
      what: name,
      file: path,
      severity: found === 'info' || found === 'low' ? (active ? 'medium' : 'low') : found,
    })
  },
}

export const GIT_ATTRIBUTES: Reader = {
  path: /(?:^|\/)(?:\.gitattributes|\.git\/info\/attributes)$/,
  read(path, text, on) {
    for (const [index, line] of text.split('\n').entries())
      for (const [, name = '', driver = ''] of line.replace(/^\s*#.*/, '').matchAll(/\s(filter|diff|merge)=([\w.-]+)/g))
        if (!(name === 'filter' && driver === 'lfs') && !BUILT_IN.has(driver))
          on.row({
            kind: 'git-attribute',
            when: name === 'filter' ? 'git checkout or add' : `git ${name}`,
            what: `${name}=${driver}`,
            file: path,
            line: index + 1,
            severity: name === 'filter' ? 'medium' : 'low',
          })
  },
}

const BUILT_IN = new Set(
  'ada astextplain bash bibtex binary cpp csharp css dts elixir fortran fountain golang html ini java kotlin markdown matlab objc pascal perl php python ruby rust scheme tex text union ours'.split(
    ' ',
  ),
)

/** A `.git` that is a file leads to a folder of Git elsewhere. */
export const GIT_FILE: Reader = {
  path: /(?:^|\/)\.git$/,
  read(path, text, on) {
    on.row({
      kind: 'git-config',
      when: 'every git command',
      what: `takes hooks and configuration from ${text.replace(/^gitdir:\s*/, '').trim()}, which was not read`,
      file: path,
      severity: 'low',
    })
  },
}

/** Files of tools that install hooks, and the commands in them. */
export const HOOK_TOOLS: Reader = {
  path: /(?:^|\/)(?:\.pre-commit-config\.ya?ml|\.?lefthook(?:-local)?\.ya?ml)$/,
  read: (path, text, on) => withSettings('yaml', path, text, on, (settings) => hookTool(path, settings, on)),
}

async function hookTool(path: string, settings: Settings, on: Bench): Promise<void> {
  const when = 'git commit, once its hooks are installed'
  for (const { path: at, value } of valuesAt(settings.value, ['repos', '*'])) {
    const [repo, rev] = [shown(valueAt(value, ['repo'])), shown(valueAt(value, ['rev']))]
    if (repo === 'local' || repo === 'meta') continue
    const moves = /^(?:main|master|HEAD|develop|latest|)$/.test(rev)
    on.row({
      kind: 'git-hook',
      when,
      what: `${repo} at ${rev === '' ? 'no version' : rev}`,
      file: path,
      line: settings.lineOf([...at, 'repo']),
      severity: moves ? 'medium' : 'low',
    })
  }
  const commands = [
    ...valuesAt(settings.value, ['repos', '*', 'hooks', '*', 'entry']),
    ...valuesAt(settings.value, ['*', 'commands', '*', 'run']),
    ...valuesAt(settings.value, ['*', 'jobs', '*', 'run']),
  ]
  for (const { path: at, value } of commands)
    if (typeof value === 'string')
      await on.command({
        kind: 'git-hook',
        when,
        what: value,
        command: value,
        file: path,
        line: settings.lineOf(at),
        severity: 'low',
      })
}
