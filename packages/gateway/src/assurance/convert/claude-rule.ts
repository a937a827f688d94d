import { textLiteral } from '@sallyport/core'
import { serverAlias } from '../../hosts/server-alias.ts'
import {
  action,
  HOST,
  isTool,
  SAMPLES,
  unclear,
  weakens,
  type Effect,
  type RulePlaces,
  type RuleResult,
} from './claude-cedar.ts'
import { TOOLS } from './claude-tools.ts'

const LONGEST = 2000

/**
 * One permission rule of Claude Code as Cedar (docs/guides/migrate.md). A denial may become wider than it was, an allowance never: what
 * cannot be said as narrowly is left out.
 */
export function convertRule(text: string, effect: Effect, places: RulePlaces): RuleResult {
  if (text.length > LONGEST) return unclear('The rule is longer than anybody writes.')
  const [, tool = '', specifier] = /^([\w.*-]+)\s*(?:\(([^]*)\))?$/.exec(text.trim()) ?? []
  if (text.trim() === '*')
    return effect === 'deny'
      ? unclear('Everything is denied here unless a policy allows it.')
      : weakens('It allows every tool.')
  if (tool === '') return unclear('The rule cannot be read.')
  if (tool.startsWith('mcp__')) return mcp(tool, effect)
  const whole = specifier === undefined || /^(?:\*+|:\*)$/.test(specifier.trim())
  const known = Object.hasOwn(TOOLS, tool) ? TOOLS[tool] : undefined
  if (whole) return wholeTool(tool, effect)
  if (known === undefined) return unclear('There is no way to say what it means by the part in brackets.')
  return known(specifier.trim(), effect, places)
}

const EDITING = ['Edit', 'Write', 'NotebookEdit']
const READS_ONLY = new Set([
  'Read',
  'Glob',
  'Grep',
  'LSP',
  'WebSearch',
  'TodoWrite',
  'TaskList',
  'TaskGet',
  'ListAgents',
  'ToolSearch',
  'AskUserQuestion',
])

function wholeTool(tool: string, effect: Effect): RuleResult {
  if (effect === 'allow' && !READS_ONLY.has(tool)) return weakens('It allows the tool with any arguments.')
  const tools = tool === 'Edit' || tool === 'MultiEdit' ? EDITING : [tool]
  return {
    ok: true,
    rules: tools.map((name) => ({
      action: action(name),
      example: { name: `${HOST}.${name}`, arguments: SAMPLES[name] ?? {} },
      fits: isTool(`${HOST}.${name}`),
    })),
  }
}

function mcp(tool: string, effect: Effect): RuleResult {
  const [, server = '', name = ''] = /^mcp__(.+?)(?:__(.+))?$/.exec(tool) ?? []
  if (/\*/.test(server))
    return effect === 'deny'
      ? unclear('Name the servers; a pattern over servers cannot be said.')
      : weakens('It allows servers that nobody has named.')
  const alias = serverAlias(server)
  if (name === '' || name === '*') {
    if (effect === 'allow') return weakens('It allows every tool of a server, also those that it adds later.')
    return {
      ok: true,
      rules: [
        {
          action: `action, resource == Server::${textLiteral(alias)}`,
          example: { name: `${alias}.any`, arguments: {} },
          fits: (called) => called.startsWith(`${alias}.`),
        },
      ],
    }
  }
  if (name.includes('*'))
    return effect === 'allow'
      ? weakens('It allows tools that the server may add later.')
      : unclear('Name the tools; a pattern over tools cannot be said.')
  return {
    ok: true,
    rules: [
      {
        action: `action == Action::${textLiteral(`${alias}.${name}`)}`,
        example: { name: `${alias}.${name}`, arguments: {} },
        fits: isTool(`${alias}.${name}`),
      },
    ],
  }
}
