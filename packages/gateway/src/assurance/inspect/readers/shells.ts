import { isJsonObject, type Severity } from '@sallyport/core'
import { valueAt, valuesAt } from '../../../hosts/settings-text.ts'
import { judgeScript } from '../../scan/scripts/commands.ts'
import type { Reader } from '../reader.ts'
import { worst } from '../started.ts'
import { scriptsIn } from '../bench.ts'
import { withSettings } from './editors.ts'
import { shown } from '../shown.ts'

const ENTERED: readonly (readonly [name: RegExp, when: string])[] = [
  [/(?:^|\/)\.envrc$/, 'a shell enters the folder (direnv)'],
  [/(?:^|\/)\.env\.(?:enter|leave)$|(?:^|\/)\.autoenv(?:\.zsh)?$/, 'a shell enters the folder (autoenv)'],
  [/(?:^|\/)\.(?:vimrc|exrc|nvimrc)$|(?:^|\/)\.nvim\.lua$/, 'Vim is opened in the folder (exrc)'],
  [/(?:^|\/)\.(?:gdbinit|lldbinit)$/, 'a debugger is started in the folder'],
]

/** Files that a shell, an editor or a debugger reads in the folder that it is in. */
export const ENTRY_FILES: Reader = {
  path: /(?:^|\/)(?:\.envrc|\.env\.(?:enter|leave)|\.autoenv(?:\.zsh)?|\.vimrc|\.exrc|\.nvimrc|\.nvim\.lua|\.gdbinit|\.lldbinit)$/,
  async read(path, text, on) {
    const when = ENTERED.find(([name]) => name.test(path))?.[1] ?? ''
    const shell = /envrc|autoenv|enter|leave/.test(path)
    const hits = shell ? judgeScript(text, on.deps.parse) : []
    const calls = [
      ...text.matchAll(/(?:^|\n)[^"#\n]*?(?::?!\s*\S|\bsystem\(|\bos\.execute|\bshell\b|\bpython\b|\bpi\b)/g),
    ]
    const named = await Promise.all(scriptsIn(text.slice(0, 20_000), '.').map((script) => on.script(script)))
    const severity = worst(
      shell || calls.length > 0 ? 'medium' : 'low',
      ...hits.map(({ rule }) => rule.severity),
      ...named,
    )
    const lines = text.split('\n')
    const plain = lines.findIndex((line) => line.trim() !== '' && !/^\s*[#"]/.test(line))
    const first = hits[0] === undefined ? Math.max(0, plain) : text.slice(0, hits[0].start).split('\n').length - 1
    on.row({
      kind: 'shell',
      when,
      what: lines[first] ?? '',
      file: path,
      line: first + 1,
      severity,
    })
    for (const { rule, start, end } of hits)
      on.finding({
        id: `inspect.${rule.id}`,
        severity: rule.severity,
        title: rule.title,
        file: path,
        line: text.slice(0, start).split('\n').length,
        column: 1,
        evidence: text.slice(start, Math.min(end, start + 160)),
        why: rule.why,
        fix: rule.fix,
      })
  },
}

/** Emacs evaluates forms of a folder once they are trusted. */
export const DIR_LOCALS: Reader = {
  path: /(?:^|\/)\.dir-locals\.el$/,
  read(path, text, on) {
    const at = text.search(/\(\s*eval\b/)
    if (at >= 0)
      on.row({
        kind: 'shell',
        when: 'Emacs opens a file of the folder',
        what: text.slice(at, at + 120),
        file: path,
        line: text.slice(0, at).split('\n').length,
        severity: 'medium',
      })
  },
}

/** Hooks and sourced files of mise. */
export const MISE: Reader = {
  path: /(?:^|\/)\.?mise(?:\.local)?\.toml$/,
  read: (path, text, on) =>
    withSettings('toml', path, text, on, async (settings) => {
      for (const at of [
        ['hooks', '*'],
        ['hooks', '*', 'script'],
        ['env', '_', 'source'],
        ['env', '_', 'file'],
      ])
        for (const { path: where, value } of valuesAt(settings.value, at)) {
          const command = typeof value === 'string' || Array.isArray(value) ? shown(value) : ''
          if (command !== '')
            await on.command({
              kind: 'shell',
              when: 'a shell enters the folder (mise)',
              what: `${where.join('.')}: ${command}`,
              command,
              file: path,
              line: settings.lineOf(where),
              severity: 'medium',
            })
        }
    }),
}

const COMMANDS: readonly (readonly [name: string, when: string, severity: Severity])[] = [
  ['initializeCommand', 'the folder is opened in a container, on this machine', 'high'],
  ['onCreateCommand', 'the container is made', 'low'],
  ['updateContentCommand', 'the container is made', 'low'],
  ['postCreateCommand', 'the container is made', 'low'],
  ['postStartCommand', 'the container starts', 'low'],
  ['postAttachCommand', 'an editor attaches to the container', 'low'],
]

/** Commands of a development container; the first runs outside of it. */
export const DEVCONTAINER: Reader = {
  path: /(?:^|\/)(?:\.devcontainer\/(?:[^/]+\/)?devcontainer\.json|\.devcontainer\.json)$/,
  read: (path, text, on) =>
    withSettings('json', path, text, on, async (settings) => {
      for (const [name, when, severity] of COMMANDS) {
        const given = valueAt(settings.value, [name])
        const commands = isJsonObject(given) ? Object.values(given) : given === undefined ? [] : [given]
        for (const one of commands) {
          const command = shown(one)
          await on.command({
            kind: 'container',
            when,
            what: `${name}: ${command}`,
            command,
            file: path,
            line: settings.lineOf([name]),
            severity,
          })
        }
      }
      const open = [
        ...valuesAt(settings.value, ['runArgs', '*']),
        ...valuesAt(settings.value, ['mounts', '*']),
        ...valuesAt(settings.value, ['capAdd', '*']),
        ...valuesAt(settings.value, ['privileged']),
      ]
      for (const { path: at, value } of open) {
        const said = shown(value)
        if (
          value === true ||
          /--privileged|--(?:pid|net|network|ipc|userns)=host|docker\.sock|unconfined|SYS_ADMIN|source=(?:\/|\$\{localEnv:HOME\})(?:,|$)|\/\.(?:ssh|aws|gnupg|config|kube)/.test(
            said,
          )
        )
          on.row({
            kind: 'container',
            when: 'the folder is opened in a container',
            what: `${at.join('.')}: ${said}`,
            file: path,
            line: settings.lineOf(at),
            severity: 'high',
          })
      }
    }),
}

/** Machines of hosts in the cloud, and worktrees, that a repository sets up. */
export const CLOUD: Reader = {
  path: /(?:^|\/)(?:\.cursor\/(?:environment|worktrees)\.json|\.gitpod\.ya?ml)$/,
  read: (path, text, on) =>
    withSettings(path.endsWith('.json') ? 'json' : 'yaml', path, text, on, async (settings) => {
      for (const at of [
        ['install'],
        ['start'],
        ['terminals', '*', 'command'],
        ['setup-worktree', '*'],
        ['setup-worktree-unix', '*'],
        ['tasks', '*', 'init'],
        ['tasks', '*', 'before'],
        ['tasks', '*', 'command'],
      ])
        for (const { path: where, value } of valuesAt(settings.value, at))
          if (typeof value === 'string')
            await on.command({
              kind: 'container',
              when: path.includes('worktrees') ? 'an agent makes a worktree' : 'a cloud machine is set up',
              what: value,
              command: value,
              file: path,
              line: settings.lineOf(where),
              severity: path.includes('worktrees') ? 'medium' : 'low',
            })
    }),
}
