import { parse as parseToml } from 'smol-toml'
import { parseAllDocuments } from 'yaml'
import { parse as parseJsonc } from 'jsonc-parser'
import { findingAt, type ScanFinding } from '../finding.ts'
import { judgeArgv, judgeScript } from '../scripts/commands.ts'
import { readCode } from '../scripts/read.ts'
import { matchCode } from '../scripts/match.ts'
import { hostsIn, isLocal } from '../text/hosts.ts'
import { scanText } from '../text/scan-text.ts'
import type { ScanDeps } from './deps.ts'
import { leaves } from './manifest.ts'

const DATA = /\.(?:json|jsonc|json5|ya?ml|toml)$/i
export const isData = (path: string): boolean => DATA.test(path)

/** The value in a file of data; undefined when it is none. */
export function readData(path: string, text: string): unknown {
  try {
    if (/\.toml$/i.test(path)) return parseToml(text)
    if (/\.ya?ml$/i.test(path))
      return parseAllDocuments(text, { uniqueKeys: false }).map(
        (document) => document.toJS({ maxAliasCount: 50 }) as unknown,
      )
    return parseJsonc(text, [], { allowTrailingComma: true }) as unknown
  } catch {
    return undefined
  }
}

export const CODE_IN_DATA = {
  severity: 'high',
  title: 'code in data',
  why: 'Code in data is run by whatever loads the data, and no reader of code looks there.',
  fix: 'Move it into a file of code.',
} as const

/** A hook is given what the agent does: what goes out from there is that. */
const HOOK = {
  id: 'skill.exfiltration.hook-talks-outside',
  severity: 'high',
  title: 'hook of an agent that talks to another host',
  why: 'A hook sees every call of the agent with its arguments and results.',
  fix: 'Keep hooks local.',
} as const

/** Words by which a hook answers that a call may run. */
const ALLOWS =
  /permissionDecision\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?allow|["']?decision\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?(?:approve|allow)|["']permission\\?["']\s{0,3}:\s{0,3}\\?["']allow|["']?behavior\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?allow/i
const APPROVES = {
  id: 'skill.control.self-approval',
  severity: 'high',
  title: 'hook that lets every call pass',
  why: 'Confirmation is what stands between a misled agent and an effect.',
  fix: 'Let a hook refuse or ask; leave consent to the user.',
} as const

const MODE = {
  id: 'skill.control.full-power',
  severity: 'high',
  title: 'settings in which nothing is asked',
  why: 'The mode turns every question off, for everything that runs after it too.',
  fix: 'Leave the mode to the user.',
} as const

const CI_SECRETS = {
  id: 'skill.exfiltration.ci-secrets',
  severity: 'critical',
  title: 'takes all secrets of a build',
  why: 'A build has the keys of what it publishes; none of them belongs into its output or a request.',
  fix: 'Give each step the one secret it needs, by name.',
} as const

const COMMAND_KEY =
  /^(?:command|cmd|run|script|exec|shell|hook|on_?\w+|pre\w*|post\w*|setup|install|start|args|entrypoint|program|task|action|preinstall|postinstall|prepare)$/i

/** Strings of configuration: what they say, the commands they hold, the code in them. */
export function dataFindings(path: string, text: string, value: unknown, deps: ScanDeps): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const hooks =
    /\b(?:PreToolUse|PostToolUse|PermissionRequest|beforeShellExecution|beforeMCPExecution|UserPromptSubmit|SessionStart|SessionEnd|SubagentStop|PreCompact|Notification)\b/.test(
      text,
    )
  for (const [key, leaf] of leaves(value)) {
    if (leaf.length < 6) continue
    const at = placeOfLeaf(text, leaf)
    if (/\s/.test(leaf))
      found.push(
        ...scanText(leaf, { file: path, prefix: 'skill', place: 'skill', within: { text, start: at } }, deps).filter(
          ({ id }) => !id.includes('.hidden.') || id.endsWith('.tags'),
        ),
      )
    if (hooks && COMMAND_KEY.test(key) && hostsIn(leaf).some(({ host }) => !isLocal(host)))
      found.push(findingAt(HOOK, path, text, at, at + leaf.length))
    if (
      /^(?:default_?mode|permission_?mode|approval_?policy)$/i.test(key) &&
      /^(?:bypassPermissions|danger-full-access)$/.test(leaf)
    )
      found.push(findingAt(MODE, path, text, at, at + leaf.length))
    if (hooks && COMMAND_KEY.test(key) && ALLOWS.test(leaf) && !/\b(?:if|case|grep|jq|test)\b|\[\[/.test(leaf))
      found.push(findingAt(APPROVES, path, text, at, at + leaf.length))
    if (COMMAND_KEY.test(key) && /\s/.test(leaf))
      for (const { rule } of judgeScript(leaf, deps.parse))
        found.push(findingAt({ ...rule, id: `skill.${rule.id}` }, path, text, at, at + leaf.length))
    if (/[;({]/.test(leaf)) {
      const code = readCode(leaf, { language: 'other', comments: 'slash' })
      if (code.signs.has('exec') || code.signs.has('exec-module') || code.signs.has('eval'))
        found.push(
          findingAt({ ...CODE_IN_DATA, id: 'skill.obfuscation.code-in-data' }, path, text, at, at + leaf.length),
        )
      for (const { rule } of matchCode([code]))
        found.push(findingAt({ ...rule, id: `skill.${rule.id}` }, path, text, at, at + leaf.length))
    }
  }
  const secrets = /toJSON\(\s*secrets\s*\)|\$\{\{\s*secrets\.\w+\s*\}\}[^\n]{0,200}\b(?:curl|wget|nc)\b/i.exec(text)
  if (secrets !== null) found.push(findingAt(CI_SECRETS, path, text, secrets.index, secrets.index + secrets[0].length))
  found.push(...launches(path, text, value, deps))
  return found
}

/** `command` with `args`, wherever it stands. */
function launches(path: string, text: string, value: unknown, deps: ScanDeps, depth = 0): readonly ScanFinding[] {
  if (typeof value !== 'object' || value === null || depth > 16) return []
  if (Array.isArray(value)) return value.flatMap((inner) => launches(path, text, inner, deps, depth + 1))
  const record = value as Readonly<Record<string, unknown>>
  const { command, args } = record
  const here =
    typeof command === 'string' && Array.isArray(args)
      ? judgeArgv([command, ...args.filter((arg): arg is string => typeof arg === 'string')], deps.parse).map(
          ({ rule }) =>
            findingAt(
              { ...rule, id: `skill.${rule.id}` },
              path,
              text,
              Math.max(0, text.indexOf(command)),
              Math.max(0, text.indexOf(command)) + command.length,
            ),
        )
      : []
  return [...here, ...Object.values(record).flatMap((inner) => launches(path, text, inner, deps, depth + 1))]
}

const placeOfLeaf = (text: string, leaf: string): number => {
  const direct = text.indexOf(leaf)
  return direct >= 0 ? direct : Math.max(0, text.indexOf(JSON.stringify(leaf).slice(1, 40)))
}
