import { PROFILES, TOOL_GROUPS } from '@sallyport/core'
import { valueAt, valuesAt, type SettingsPath } from '../../hosts/settings-text.ts'
import type { Outcome } from './conversion.ts'

/** One rule of the draft, in the YAML form of policies. */
interface DraftRule {
  readonly name: string
  readonly match?: Readonly<Record<string, string>>
  readonly profile?: string
  readonly deny?: readonly string[]
  readonly requireApproval?: readonly string[]
  readonly advice?: string
}

export interface DraftPolicy {
  readonly profiles: Readonly<Record<string, readonly string[]>>
  readonly rules: readonly DraftRule[]
  readonly outcomes: readonly Outcome[]
  /** Dotted paths that this has said something about. */
  readonly taken: ReadonlySet<string>
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
const isKnownTool = (name: string): boolean =>
  /^[\w.:*-]{1,200}$/.test(name) && (!name.startsWith('group:') || Object.hasOwn(TOOL_GROUPS, name))
const isEverything = (name: string): boolean => /^\*+$|^group:(?:openclaw|all)$/.test(name)
const nameOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_.-]/g, '-')
    .slice(0, 40)

/** Tools, exec approvals and open channels of OpenClaw as rules; what would allow everything is left out (SYS-1). */
export function policyOf(config: unknown): DraftPolicy {
  const profiles: Record<string, readonly string[]> = {}
  const rules: DraftRule[] = []
  const outcomes: Outcome[] = []
  const taken = new Set<string>()
  const say = (path: SettingsPath, kind: Outcome['kind'], note: string): void => {
    taken.add(path.join('.'))
    outcomes.push({ setting: path.join('.'), kind, note })
  }

  const toolsAt = (at: SettingsPath, name: string, match: DraftRule['match']): void => {
    const own = match === undefined ? {} : { match }
    const profile = valueAt(config, [...at, 'profile'])
    if (profile !== undefined) {
      if (typeof profile === 'string' && profile !== 'full' && Object.hasOwn(PROFILES, profile)) {
        rules.push({ name: `${name}-profile`, ...own, profile })
        say([...at, 'profile'], 'carried', 'Everything outside of the profile is denied.')
      } else
        say([...at, 'profile'], profile === 'full' ? 'weakens' : 'no-equivalent', 'Name the tools that are needed.')
    }
    const allow = valueAt(config, [...at, 'allow'])
    if (allow !== undefined) {
      const kept = texts(allow).filter((tool) => isKnownTool(tool) && !isEverything(tool))
      const left = texts(allow).filter((tool) => !kept.includes(tool))
      if (texts(allow).some(isEverything))
        say([...at, 'allow'], 'weakens', 'It allows every tool; name those that are needed.')
      else if (kept.length === 0) say([...at, 'allow'], 'no-equivalent', `Not known here: ${left.join(', ')}.`)
      else {
        profiles[`${name}-allowed`] = kept
        rules.push({ name: `${name}-allow`, ...own, profile: `${name}-allowed` })
        say(
          [...at, 'allow'],
          'carried',
          left.length === 0
            ? 'Everything else is denied.'
            : `Everything else is denied, also what is not known here: ${left.join(', ')}.`,
        )
      }
    }
    const deny = valueAt(config, [...at, 'deny'])
    if (deny !== undefined) {
      const kept = texts(deny).filter((tool) => isKnownTool(tool) || isEverything(tool))
      const left = texts(deny).filter((tool) => !kept.includes(tool))
      if (kept.length > 0)
        rules.push({
          name: `${name}-deny`,
          ...own,
          deny: kept.map((tool) => (isEverything(tool) ? 'group:all' : tool)),
        })
      say(
        [...at, 'deny'],
        left.length === 0 ? 'carried' : 'no-equivalent',
        left.length === 0
          ? 'A denial; nothing allows it again.'
          : `Not known here, name their tools: ${left.join(', ')}. The others are denied.`,
      )
    }
    execAt([...at, 'exec'], name, match)
  }

  const execAt = (at: SettingsPath, name: string, match: DraftRule['match']): void => {
    const [security, ask] = [valueAt(config, [...at, 'security']), valueAt(config, [...at, 'ask'])]
    const own = match === undefined ? {} : { match }
    if (security === 'deny') rules.push({ name: `${name}-exec`, ...own, deny: ['group:runtime'] })
    if (security !== undefined)
      say(
        [...at, 'security'],
        security === 'full' ? 'weakens' : 'carried',
        security === 'deny' ? 'Running programs is denied.' : 'Running programs is asked about.',
      )
    if (ask !== undefined)
      say([...at, 'ask'], ask === 'off' ? 'weakens' : 'carried', 'Running programs is asked about.')
  }

  toolsAt(['tools'], 'openclaw', undefined)
  rules.push({
    name: 'openclaw-programs',
    requireApproval: ['group:runtime', 'group:nodes'],
    advice: 'Programs are asked about, whatever OpenClaw said.',
  })
  for (const { path, value } of valuesAt(config, ['agents', 'list', '*'])) {
    const id = valueAt(value, ['id'])
    if (typeof id === 'string' && /^[\w.-]{1,64}$/.test(id)) {
      say([...path, 'id'], 'carried', 'Its rules hold for sessions of this agent.')
      toolsAt([...path, 'tools'], `agent-${nameOf(id)}`, { sessionKey: `agent:${id}:*` })
    }
  }
  for (const { path, value } of valuesAt(config, ['channels', '*'])) {
    const channel = String(path[1])
    if (!/^[\w-]{1,64}$/.test(channel)) continue
    const policies = ['groupPolicy', 'dmPolicy'].flatMap((key) => [
      ...valuesAt(value, [key]).map((found) => ({ key, ...found })),
      ...valuesAt(value, ['accounts', '*', key]).map((found) => ({ key, ...found })),
    ])
    for (const { path: at, value: policy } of policies)
      say(
        [...path, ...at],
        policy === 'open' ? 'weakens' : 'covered',
        policy === 'open'
          ? 'Who may write is decided in the channel; from this one programs are denied here.'
          : 'Who may write is decided in the channel; what they may have done is decided here.',
      )
    const isOpen = (key: string): boolean => policies.some((one) => one.key === key && one.value === 'open')
    rules.push({
      name: `groups-of-${nameOf(channel)}`,
      match: { channel, chatType: 'group' },
      deny: ['group:runtime', 'group:nodes', 'group:automation'],
      advice: 'Groups do not run programs.',
    })
    if (isOpen('dmPolicy') || valuesAt(value, ['allowFrom', '*']).some(({ value: who }) => who === '*'))
      rules.push({
        name: `strangers-of-${nameOf(channel)}`,
        match: { channel },
        deny: ['group:runtime', 'group:nodes', 'group:automation', 'group:fs'],
        advice: 'Everybody may write here.',
      })
  }
  return { profiles, rules: distinct(rules), outcomes, taken }
}

function distinct(rules: readonly DraftRule[]): readonly DraftRule[] {
  const seen = new Map<string, number>()
  return rules.map((rule) => {
    const count = (seen.get(rule.name) ?? 0) + 1
    seen.set(rule.name, count)
    return count === 1 ? rule : { ...rule, name: `${rule.name}-${count}` }
  })
}
