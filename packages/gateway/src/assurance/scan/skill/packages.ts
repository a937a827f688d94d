import type { ParseShell } from '@sallyport/core'
import { findingAt, findingOf, type RuleText, type ScanFinding } from '../finding.ts'
import type { SubjectFile } from '../files/file.ts'
import { imitated } from '../names/imitation.ts'
import { POPULAR_NPM, POPULAR_PYPI } from '../names/popular.ts'
import { judgeScript } from '../scripts/commands.ts'

const FIX =
  'Name a package of the registry by its exact version, with a lockfile; drop scripts that run at installation.'
const rule = (name: string, severity: RuleText['severity'], title: string, why: string): RuleText => ({
  id: `skill.supply.${name}`,
  severity,
  title,
  why,
  fix: FIX,
})

const RULES = {
  typosquat: rule(
    'look-alike-package',
    'high',
    'depends on a package that is named like a well-known one',
    'Names that are one letter off are registered to be installed by mistake.',
  ),
  address: rule(
    'package-from-address',
    'medium',
    'takes a package from an address',
    'An address has no history, no version and no second reader; what it serves can change.',
  ),
  plain: rule(
    'package-unencrypted',
    'high',
    'takes packages over plain HTTP or from a bare address',
    'Whoever is on the way can put other code in.',
  ),
  index: rule(
    'foreign-index',
    'high',
    'takes packages from an index of its own',
    'Names of the public index can be answered with other code (dependency confusion).',
  ),
  script: rule(
    'install-script',
    'medium',
    'runs a script when it is installed',
    'It runs before anybody has looked, with the rights of the user.',
  ),
  danger: rule(
    'install-script-dangerous',
    'critical',
    'runs dangerous code when it is installed',
    'It runs before anybody has looked, with the rights of the user.',
  ),
  unpinned: rule('unpinned', 'low', 'does not say which version it needs', 'The next version is another program.'),
}

const LIFECYCLE = new Set([
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
  'dependencies',
  'preuninstall',
  'postuninstall',
])

/** What package files of a subject bring along. */
export function packageFindings(file: SubjectFile, parse: ParseShell): readonly ScanFinding[] {
  const name = file.path.replace(/.*[/!]/, '').toLowerCase()
  const text = file.text
  if (text === undefined) return []
  if (name === 'package.json') return npm(file.path, text, parse)
  if (/^requirements[\w.-]*\.txt$|^constraints\.txt$/.test(name)) return pip(file.path, text)
  if (name === 'pyproject.toml' || name === 'pipfile' || name === 'setup.py' || name === 'setup.cfg')
    return python(file.path, text)
  if (name === '.npmrc' || name === 'pip.conf' || name === '.yarnrc' || name === '.yarnrc.yml' || name === 'uv.toml')
    return registry(file.path, text)
  if (name === 'package-lock.json' || name === 'yarn.lock' || name === 'pnpm-lock.yaml')
    return lockfile(file.path, text)
  return []
}

function npm(path: string, text: string, parse: ParseShell): ScanFinding[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return [
      findingOf(
        { ...RULES.unpinned, id: 'skill.supply.unreadable', severity: 'medium', title: 'package file cannot be read' },
        path,
        text.slice(0, 80),
      ),
    ]
  }
  if (typeof value !== 'object' || value === null) return []
  const found: ScanFinding[] = []
  const record = value as Readonly<Record<string, unknown>>
  for (const [key, command] of entries(record['scripts'])) {
    const at = text.indexOf(JSON.stringify(command))
    const runsAtInstall = LIFECYCLE.has(key)
    const hits = judgeScript(command, parse)
    for (const { rule: hit } of hits)
      found.push(
        findingAt(
          {
            ...hit,
            id: `skill.${hit.id}`,
            ...(runsAtInstall && hit.severity !== 'medium' ? { severity: 'critical' as const } : {}),
          },
          path,
          text,
          Math.max(0, at),
          Math.max(0, at) + command.length,
        ),
      )
    if (!runsAtInstall) continue
    // a one-liner, a hidden file or the network at installation
    const dangerous =
      /\b(?:node|python\d?|perl|ruby|php|deno|bun)\s+(?:-\w*[ecp]\b|--eval|-p\b)|https?:\/\/|\bcurl\b|\bwget\b|base64|\beval\b|(?:^|[\s/])\.[\w-]+\/?[\w.-]*\.(?:js|sh|py)|(?<!\|)\|\s*(?:sh|bash|node)\b(?!-)|powershell|child_process/i.test(
        command,
      )
    if (dangerous) found.push(findingAt(RULES.danger, path, text, Math.max(0, at), Math.max(0, at) + command.length))
    else if (/^(?:pre|post)?install$/.test(key))
      found.push(findingAt(RULES.script, path, text, Math.max(0, at), Math.max(0, at) + command.length))
  }
  for (const field of [
    'dependencies',
    'devDependencies',
    'optionalDependencies',
    'peerDependencies',
    'overrides',
    'resolutions',
  ])
    for (const [name, version] of entries(record[field]))
      found.push(...dependency(path, text, name, version, POPULAR_NPM))
  return found
}

const entries = (value: unknown): readonly (readonly [string, string])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    : []

function dependency(
  path: string,
  text: string,
  name: string,
  version: string,
  known: ReadonlySet<string>,
): ScanFinding[] {
  const found: ScanFinding[] = []
  const at = Math.max(0, text.indexOf(name))
  const alias = /^npm:(@?[^@]+)/.exec(version)?.[1]
  const like = imitated(name, known) ?? (alias === undefined ? undefined : imitated(alias, known))
  if (like !== undefined)
    found.push({
      ...findingAt(RULES.typosquat, path, text, at, at + name.length),
      evidence: `${name} for ${like.of}: ${like.how}`,
    })
  if (/^(?:git\+)?http:|^git:|^(?:git\+)?(?:https?|ssh):\/\/(?:[^/@]*@)?\d+\.\d+\.\d+\.\d+/.test(version))
    found.push(findingAt(RULES.plain, path, text, at, at + name.length + version.length))
  else if (/^(?:git\+|https?:|github:|gitlab:|bitbucket:|gist:)|^[\w.-]+\/[\w.-]+(?:#|$)/.test(version))
    found.push(findingAt(RULES.address, path, text, at, at + name.length))
  else if (/^(?:\*|latest|next|x|>=?[\d.]*|)$/.test(version.trim()))
    found.push(findingAt(RULES.unpinned, path, text, at, at + name.length))
  return found
}

function pip(path: string, text: string): ScanFinding[] {
  const found: ScanFinding[] = [...registry(path, text)]
  let offset = 0
  for (const line of text.split('\n')) {
    const spec = /^\s*([A-Za-z][\w.-]{1,80})\s*(?:\[[^\]]*\])?\s*([=<>~!@][^#\n]*)?/.exec(line)
    const name = spec?.[1]
    if (name !== undefined && !line.trim().startsWith('-'))
      found.push(...pythonPackage(path, text, offset, name, spec?.[2] ?? ''))
    if (/^\s*(?:-e\s+)?(?:git\+|https?:)/.test(line))
      found.push(
        findingAt(
          /git\+http:|^\s*(?:-e\s+)?http:|\/\/\d+\.\d+\.\d+\.\d+/.test(line) ? RULES.plain : RULES.address,
          path,
          text,
          offset,
          offset + line.length,
        ),
      )
    offset += line.length + 1
  }
  return found
}

function pythonPackage(path: string, text: string, at: number, name: string, version: string): ScanFinding[] {
  const like = imitated(name, POPULAR_PYPI)
  const found: ScanFinding[] = []
  if (like !== undefined)
    found.push({
      ...findingAt(RULES.typosquat, path, text, at, at + name.length),
      evidence: `${name} for ${like.of}: ${like.how}`,
    })
  if (/@\s*(?:git\+|https?:)/.test(version))
    found.push(findingAt(/http:\/\//.test(version) ? RULES.plain : RULES.address, path, text, at, at + name.length))
  return found
}

function python(path: string, text: string): ScanFinding[] {
  const found: ScanFinding[] = [...registry(path, text)]
  for (const list of text.matchAll(
    /(?:dependencies|install_requires|requires|setup_requires)\s*=\s*\[([^\]]{0,4000})\]/g,
  ))
    for (const item of (list[1] ?? '').matchAll(/["']([A-Za-z][\w.-]{1,80})([^"']{0,200})["']/g))
      found.push(...pythonPackage(path, text, list.index, item[1] ?? '', item[2] ?? ''))
  const hook = /cmdclass\s*=|class\s+\w+\(\s*(?:install|develop|egg_info|build_py|build_ext)\b/.exec(text)
  if (hook !== null) {
    const dangerous = /os\.system|subprocess|urlopen|requests\.|socket|exec\(|eval\(|b64decode|os\.environ/.test(text)
    found.push(findingAt(dangerous ? RULES.danger : RULES.script, path, text, hook.index, hook.index + hook[0].length))
  }
  return found
}

const HOME =
  /^https:\/\/(?:registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com|pypi\.org|files\.pythonhosted\.org|download\.pytorch\.org|\$\{|test\.pypi\.org)/

function registry(path: string, text: string): ScanFinding[] {
  const found: ScanFinding[] = []
  for (const match of text.matchAll(
    /(?:^|\n)[^#;\n]{0,120}?(--(?:extra-)?index-url|--find-links|index-url|extra-index-url|registry|find-links|npmRegistryServer|url)\s*[=: ]\s*["']?(https?:\/\/[^\s"']{3,200})/g,
  )) {
    const url = match[2] ?? ''
    if (HOME.test(url) || (match[1] === 'url' && !/pypi|simple|index|registry/.test(url))) continue
    found.push(findingAt(RULES.index, path, text, match.index, match.index + match[0].length))
  }
  return found
}

function lockfile(path: string, text: string): ScanFinding[] {
  for (const match of text.matchAll(/"?(?:resolved|tarball)"?:?\s+"?(https?:\/\/[^\s"',}]{3,300})/g)) {
    const url = match[1] ?? ''
    if (!HOME.test(url) && !/^https:\/\/(?:codeload\.)?github\.com\//.test(url))
      return [findingAt(RULES.index, path, text, match.index, match.index + match[0].length)]
  }
  return []
}

const INSTALLS =
  /\b(npm|pnpm|yarn|bun|pip3?|uv|pipx|python3? -m pip) (?:i|install|add|pip install|tool install)\b([^\n|;&`]{0,300})/g

/** Packages that commands of a text install under a name that passes for a known one. Offsets in the text. */
export function imitatedInstalls(path: string, text: string): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  for (const { 1: tool = '', 2: rest = '', index } of text.matchAll(INSTALLS))
    for (const word of rest.split(/\s+/)) {
      const name = word.replace(/(.)@[^/]*$|[=<>~![].*$/, '$1').replace(/["',.]+$/, '')
      if (!/^@?[a-z][\w.-]{3,60}(?:\/[\w.-]{2,60})?$/i.test(name)) continue
      const like = imitated(name, /pip|uv/.test(tool) ? POPULAR_PYPI : POPULAR_NPM)
      if (like !== undefined && like.how !== 'other separators')
        found.push({
          ...findingAt(RULES.typosquat, path, text, index, index + tool.length),
          evidence: `${name} for ${like.of}: ${like.how}`,
        })
    }
  return found
}
