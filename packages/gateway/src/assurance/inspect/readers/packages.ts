import { valueAt, valuesAt } from '../../../hosts/settings-text.ts'
import { subjectFile } from '../../scan/files/decode.ts'
import { packageFindings } from '../../scan/skill/packages.ts'
import type { Bench } from '../bench.ts'
import type { Reader } from '../reader.ts'
import { shown } from '../shown.ts'
import { withSettings } from './editors.ts'

const AT_INSTALL = [
  'preinstall',
  'install',
  'postinstall',
  'preprepare',
  'prepare',
  'postprepare',
  'prepublish',
  'dependencies',
]

/** Names that pass for others, foreign registries and the like; `kept` decides what counts here. */
function supply(path: string, text: string, on: Bench, kept: RegExp): void {
  for (const finding of packageFindings(subjectFile(path, Buffer.from(text)), on.deps.parse))
    if (kept.test(finding.id)) on.finding({ ...finding, id: finding.id.replace(/^skill\./, 'inspect.') })
}

export const PACKAGE_JSON: Reader = {
  path: /(?:^|\/)package\.json$/,
  read: (path, text, on) =>
    withSettings('json', path, text, on, async (settings) => {
      for (const name of AT_INSTALL) {
        const command = valueAt(settings.value, ['scripts', name])
        if (typeof command !== 'string') continue
        const own = name.startsWith('prep') || name === 'postprepare'
        await on.command({
          kind: 'install',
          when: 'npm install',
          what: `${name}: ${command}`,
          command,
          file: path,
          line: settings.lineOf(['scripts', name]),
          severity: own ? 'low' : 'medium',
        })
      }
      supply(path, text, on, /look-alike|unencrypted|install-script-dangerous/)
    }),
}

const NPMRC: readonly (readonly [key: RegExp, severity: 'high' | 'medium', what: RegExp])[] = [
  [/^script-shell$|^shell$|^node-options$|^git$|^init-module$|^globalconfig$|^userconfig$/, 'high', /./],
  [
    /(?:^|:)registry$/,
    'medium',
    /^(?!https:\/\/(?:registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com)\/?)/,
  ],
  [/^(?:proxy|https-proxy|cafile|ca)$/, 'medium', /./],
  [/^strict-ssl$/, 'high', /false/],
]

export const NPMRC_FILE: Reader = {
  path: /(?:^|\/)\.(?:npmrc|yarnrc)$/,
  async read(path, text, on) {
    for (const [index, line] of text.split('\n').entries()) {
      const [, key = '', value = ''] = /^\s*([^#;=\s]+)[\s=]+["']?(.*?)["']?\s*$/.exec(line) ?? []
      const row = { when: 'npm is run', what: `${key} = ${value}`, file: path, line: index + 1 }
      if (key === 'yarn-path') await on.command({ ...row, kind: 'registry', command: value, severity: 'medium' })
      const [, severity] = NPMRC.find(([fits, , dangerous]) => fits.test(key) && dangerous.test(value)) ?? []
      if (severity !== undefined) on.row({ ...row, kind: 'registry', severity })
      if (/_(?:authToken|auth|password)$/.test(key) && !value.startsWith('$'))
        on.row({ ...row, what: `${key} with its value`, kind: 'registry', severity: 'high' })
    }
  },
}

export const YARNRC_YML: Reader = {
  path: /(?:^|\/)\.yarnrc\.yml$/,
  read: (path, text, on) =>
    withSettings('yaml', path, text, on, async (settings) => {
      const row = { kind: 'registry', when: 'yarn is run', file: path } as const
      const program = valueAt(settings.value, ['yarnPath'])
      if (typeof program === 'string')
        await on.command({
          ...row,
          what: `yarnPath: ${program}`,
          command: program,
          line: settings.lineOf(['yarnPath']),
          severity: 'medium',
        })
      for (const { path: at, value } of valuesAt(settings.value, ['plugins', '*']))
        on.row({
          ...row,
          what: `plugin ${shown(typeof value === 'string' ? value : valueAt(value, ['path']))}`,
          line: settings.lineOf(at),
          severity: 'medium',
        })
      const registry = valueAt(settings.value, ['npmRegistryServer'])
      if (typeof registry === 'string' && !/^https:\/\/registry\.(?:npmjs\.org|yarnpkg\.com)/.test(registry))
        on.row({
          ...row,
          what: `npmRegistryServer: ${registry}`,
          line: settings.lineOf(['npmRegistryServer']),
          severity: 'medium',
        })
    }),
}

/** Programs that package managers load from the folder. */
export const LOADED: Reader = {
  path: /(?:^|\/)(?:\.pnpmfile\.cjs|setup\.py|build\.rs|conftest\.py|sitecustomize\.py|usercustomize\.py)$/,
  async read(path, _text, on) {
    const program = PROGRAMS.find(({ name }) => path.endsWith(name))
    if (program === undefined) return
    const { kind, when, least } = program
    const found = await on.script(path)
    on.row({
      kind,
      when,
      what: path.replace(/.*\//, ''),
      file: path,
      severity: found === 'info' || found === 'low' ? least : found,
    })
  },
}

const PROGRAMS = [
  { name: '.pnpmfile.cjs', kind: 'install', when: 'pnpm install', least: 'medium' },
  { name: 'setup.py', kind: 'install', when: 'pip install', least: 'low' },
  { name: 'build.rs', kind: 'build', when: 'cargo build', least: 'low' },
  { name: 'conftest.py', kind: 'build', when: 'pytest', least: 'low' },
  { name: 'sitecustomize.py', kind: 'python', when: 'Python starts', least: 'medium' },
  { name: 'usercustomize.py', kind: 'python', when: 'Python starts', least: 'medium' },
] as const

/** Path files of Python: lines that begin with `import` are run. */
export const PTH: Reader = {
  path: /\.pth$/,
  read(path, text, on) {
    for (const [index, line] of text.split('\n').slice(0, 2000).entries())
      if (/^import[ \t]/.test(line))
        on.row({
          kind: 'python',
          when: 'Python starts, where it is installed',
          what: line,
          file: path,
          line: index + 1,
          severity: 'high',
        })
  },
}

const CARGO: readonly (readonly [at: readonly string[], when: string])[] = [
  [['build', 'rustc-wrapper'], 'cargo build'],
  [['build', 'rustc'], 'cargo build'],
  [['build', 'rustdoc'], 'cargo doc'],
  [['target', '*', 'runner'], 'cargo run or test'],
  [['target', '*', 'linker'], 'cargo build'],
  [['credential-alias', '*'], 'cargo publish'],
  [['registry', 'global-credential-providers'], 'cargo publish'],
  [['source', '*', 'registry'], 'cargo build'],
]

export const CARGO_CONFIG: Reader = {
  path: /(?:^|\/)\.cargo\/config(?:\.toml)?$/,
  read: (path, text, on) =>
    withSettings('toml', path, text, on, async (settings) => {
      for (const [at, when] of CARGO)
        for (const { path: where, value } of valuesAt(settings.value, at)) {
          const command = shown(value)
          await on.command({
            kind: 'build',
            when,
            what: `${where.join('.')} = ${command}`,
            command,
            file: path,
            line: settings.lineOf(where),
            severity: 'medium',
          })
        }
    }),
}

export const BUNFIG: Reader = {
  path: /(?:^|\/)bunfig\.toml$/,
  read: (path, text, on) =>
    withSettings('toml', path, text, on, async (settings) => {
      for (const at of [['preload'], ['test', 'preload'], ['run', 'shell']])
        for (const { value } of valuesAt(settings.value, at)) {
          const command = shown(value)
          await on.command({
            kind: 'build',
            when: 'bun is run',
            what: `${at.join('.')}: ${command}`,
            command,
            file: path,
            line: settings.lineOf(at),
            severity: 'medium',
          })
        }
    }),
}

/** A build backend of the folder itself runs when the project is installed. */
export const PYPROJECT: Reader = {
  path: /(?:^|\/)pyproject\.toml$/,
  read: (path, text, on) =>
    withSettings('toml', path, text, on, (settings) => {
      const backend = valueAt(settings.value, ['build-system', 'backend-path'])
      if (backend !== undefined)
        on.row({
          kind: 'install',
          when: 'pip install',
          what: `build backend of the folder: ${shown(valueAt(settings.value, ['build-system', 'build-backend']))}`,
          file: path,
          line: settings.lineOf(['build-system', 'backend-path']),
          severity: 'medium',
        })
      supply(path, text, on, /look-alike|unencrypted/)
    }),
}
