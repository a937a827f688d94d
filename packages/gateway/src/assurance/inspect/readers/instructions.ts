import { instructionFindings } from '../../scan/skill/instructions.ts'
import type { Reader } from '../reader.ts'
import { worst } from '../started.ts'

/** Texts that agents take for orders of their user. */
export const INSTRUCTIONS: Reader = {
  path: /(?:^|\/)(?:AGENTS(?:\.override)?\.md|CLAUDE(?:\.local)?\.md|GEMINI\.md|SOUL\.md|IDENTITY\.md|TOOLS\.md|MEMORY\.md|HEARTBEAT\.md|\.cursorrules|\.windsurfrules|\.clinerules|\.goosehints|\.github\/copilot-instructions\.md|\.github\/(?:instructions|prompts|chatmodes|agents)\/.+\.md|\.cursor\/(?:rules|commands)\/.+\.mdc?|\.windsurf\/(?:rules|workflows)\/.+\.md|\.clinerules\/.+\.md|\.claude\/(?:commands|agents|rules|output-styles)\/.+\.md|\.codex\/prompts\/.+\.md|\.gemini\/commands\/.+\.toml)$/i,
  async read(path, text, on) {
    const found = await instructionFindings(text, path, 'skill', on.deps)
    for (const finding of found) on.finding({ ...finding, id: finding.id.replace(/^skill\./, 'inspect.') })
    on.row({
      kind: 'instructions',
      when: WHEN.find(([fits]) => fits.test(path))?.[1] ?? 'an agent starts',
      what: `${text.split('\n').length} lines`,
      file: path,
      severity: worst('info', ...found.map(({ severity }) => severity)),
    })
    for (const { line, file } of imports(text))
      on.row({
        kind: 'instructions',
        when: 'an agent starts',
        what: `takes ${file} in, from outside of the folder`,
        file: path,
        line,
        severity: 'medium',
      })
    if (/\.(?:claude|gemini)\/commands\/|\/skills\//.test(path))
      for (const match of text.matchAll(/!`([^`\n]{1,2000})`|!\{([^}\n]{1,2000})\}/g)) {
        const command = match[1] ?? match[2] ?? ''
        await on.command({
          kind: 'instructions',
          when: `the command ${path.replace(/.*\/|\.\w+$/g, '')} is called`,
          what: command,
          command,
          file: path,
          line: lineAt(text, match.index),
          severity: 'low',
        })
      }
  },
}

const WHEN: readonly (readonly [fits: RegExp, when: string])[] = [
  [/\/(?:commands|prompts|workflows)\//, 'its command is called'],
  [/\/agents\//, 'its agent is chosen'],
]

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length

/** `@path` takes a file in; one of the home directory or above the folder is none of the repository. */
const imports = (text: string): readonly { readonly line: number; readonly file: string }[] =>
  [...text.matchAll(/(?:^|\s)@((?:~|\/|\.\.\/)[\w./-]{1,200})/g)].map(({ index, 0: all, 1: file = '' }) => ({
    line: lineAt(text, index + all.length),
    file,
  }))
