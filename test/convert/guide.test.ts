import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLAUDE_CODE_TABLE } from '../../packages/gateway/src/assurance/posture/hosts/table/claude-code.ts'
import { SECURITY_OPTIONS } from '../../packages/gateway/src/config/security-options.ts'
import { OPENCLAW_RULES } from '../../packages/gateway/src/assurance/posture/hosts/table/openclaw/rules.ts'
import { APPROVAL_RULES } from '../../packages/gateway/src/assurance/posture/hosts/table/openclaw/tools.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/migrate.md'), 'utf8')
  // fences and a back tick in code have no pairs
  .replace(/```[^]*?```|`` ` ``/g, '')
const named = new Set([...guide.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
const part = (name: string): boolean => named.has(name) || [...named].some((code) => name.startsWith(`${code}.`))

describe('the migration guide', () => {
  it('SYS-1: names every option of OpenClaw that the audit knows', () => {
    const options = OPENCLAW_RULES.map(({ at }) =>
      at
        .join('.')
        .replace(/^agents\.(?:defaults|list\.\*)\.(?!tools)/, 'agents.*.')
        .replace('.accounts.*', '')
        .replace('agents.list.*.tools', 'tools'),
    )
    expect([...new Set(options)].filter((name) => name !== '' && !part(name))).toEqual([])
    const approvals = APPROVAL_RULES.map(({ at }) => String(at[at[0] === 'agents' ? 2 : 1] ?? 'security'))
    expect([...new Set(approvals)].filter((name) => !part(name))).toEqual([])
  })

  it('AC-7.2.6: names every setting that is refused without somebody who answers for it', () => {
    const refused = SECURITY_OPTIONS.filter(({ answer }) => answer === 'acknowledge')
    expect(refused.map(({ path }) => path).filter((path) => !named.has(path))).toEqual([])
  })

  it('SYS-1: names every setting of Claude Code that the audit knows', () => {
    const ground = { home: '/h', project: '/p', platform: 'linux', environment: {}, root: '' } as const
    const settings = CLAUDE_CODE_TABLE.places(ground).flatMap(({ rules = [], overrides = [] }) =>
      [...rules, ...overrides].map(({ at }) => at.join('.')),
    )
    expect(
      [...new Set(settings)].filter((name) => !/^permissions\.(?:allow|ask|deny)$|^env$/.test(name) && !part(name)),
    ).toEqual([])
  })
})
