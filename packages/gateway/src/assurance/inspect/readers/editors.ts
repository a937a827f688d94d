import { isJsonObject, toSallyportError } from '@sallyport/core'
import { readSettings, valueAt, valuesAt } from '../../../hosts/settings-text.ts'
import type { Bench } from '../bench.ts'
import type { Reader } from '../reader.ts'
import { shown } from '../shown.ts'

/** A file of settings, or a row that says why it could not be read. */
export async function withSettings(
  format: Parameters<typeof readSettings>[0],
  path: string,
  text: string,
  on: Bench,
  take: (settings: ReturnType<typeof readSettings>) => Promise<void> | void,
): Promise<void> {
  try {
    await take(readSettings(format, text))
  } catch (thrown) {
    on.row({
      kind: 'unreadable',
      when: 'it is loaded',
      what: toSallyportError(thrown).detail,
      file: path,
      severity: 'medium',
    })
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const words = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map((item) => (isJsonObject(item) ? textOf(item['value']) : shown(item))) : []

/** Tasks that run when a folder is opened, and what a debugger starts. */
export const TASKS: Reader = {
  path: /(?:^|\/)\.vscode\/(?:tasks|launch)\.json$/,
  read: (path, text, on) =>
    withSettings('json', path, text, on, async (settings) => {
      for (const { path: at, value } of valuesAt(settings.value, ['tasks', '*'])) {
        if (valueAt(value, ['runOptions', 'runOn']) !== 'folderOpen') continue
        const own = ['', 'linux', 'osx', 'windows'].flatMap((system) => {
          const of = system === '' ? value : valueAt(value, [system])
          const line = [
            textOf(valueAt(of, ['command'])),
            ...words(valueAt(of, ['args'])),
            textOf(valueAt(of, ['script'])),
          ].filter((word) => word !== '')
          return line.length === 0 ? [] : [line.join(' ')]
        })
        for (const command of own.length === 0 ? [''] : own)
          await on.command({
            kind: 'task',
            when: 'the folder is opened in VS Code',
            what: `${textOf(valueAt(value, ['label']))}: ${command}`,
            command,
            file: path,
            line: settings.lineOf(at),
            severity: 'medium',
          })
      }
      for (const { path: at, value } of valuesAt(settings.value, ['configurations', '*'])) {
        const before = textOf(valueAt(value, ['preLaunchTask']))
        const program = textOf(valueAt(value, ['runtimeExecutable']))
        if (before === '' && program === '') continue
        await on.command({
          kind: 'task',
          when: 'the debugger is started',
          what: [before, program].filter((word) => word !== '').join(', '),
          command: program,
          file: path,
          line: settings.lineOf(at),
          severity: 'info',
        })
      }
    }),
}

/** Settings that name a program inside of the folder, and variables of terminals that load code. */
export const EDITOR_SETTINGS: Reader = {
  path: /(?:^|\/)(?:\.vscode\/settings\.json|[^/]+\.code-workspace)$/,
  read: (path, text, on) =>
    withSettings('json', path, text, on, async (settings) => {
      const value = path.endsWith('.code-workspace') ? valueAt(settings.value, ['settings']) : settings.value
      if (!isJsonObject(value)) return
      for (const [key, given] of Object.entries(value)) {
        const row = { when: 'the folder is opened in VS Code', file: path, line: settings.lineOf([key]) }
        if (
          PROGRAM.test(key) &&
          typeof given === 'string' &&
          /^(?:\$\{workspaceFolder[^}]*\}|\.{1,2}\/|[\w.-]+\/)/.test(given)
        )
          await on.command({
            ...row,
            kind: 'setting',
            what: `${key}: ${given}`,
            command: given.replace(/^\$\{workspaceFolder[^}]*\}\//, './'),
            severity: 'medium',
          })
        if (key.startsWith('terminal.integrated.env.') && isJsonObject(given))
          for (const [name, word] of Object.entries(given))
            if (LOADS.test(name)) on.row({ ...row, kind: 'setting', what: `${name}=${shown(word)}`, severity: 'high' })
      }
    }),
}

const PROGRAM =
  /(?:executablePath|interpreterPath|defaultInterpreterPath|\.path|Path|\.server|\.command|\.runtime|\.binary|\.shell)$/i
const LOADS =
  /^(?:LD_PRELOAD|LD_LIBRARY_PATH|DYLD_\w+|NODE_OPTIONS|PYTHONSTARTUP|BASH_ENV|ENV|PROMPT_COMMAND|GIT_SSH_COMMAND|GIT_EXTERNAL_DIFF|PERL5OPT|RUBYOPT|JAVA_TOOL_OPTIONS)$/
