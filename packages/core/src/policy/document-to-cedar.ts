import { GROUP_ALIASES, GROUP_ALL, GROUP_UNCLASSIFIED, PROFILES, TOOL_GROUPS } from './groups.ts'
import { quotePattern, quoteString } from './pattern.ts'
import type { PolicyDocument, PolicyRule, RuleMatch } from './document.ts'

/** One Cedar policy made from a YAML document; `rule` is the index of its rule, -1 for the default profile. */
export interface GeneratedPolicy {
  readonly id: string
  readonly rule: number
  readonly text: string
}
/** What is wrong with a document beyond its schema, and where: keys and indexes from the root. */
export interface DocumentProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}
export type DocumentResult =
  | { readonly ok: true; readonly policies: readonly GeneratedPolicy[] }
  | { readonly ok: false; readonly problems: readonly DocumentProblem[] }

export interface DocumentOptions {
  /** Stands in for `default`: the profile of a test's session (ND-5.5.a). */
  readonly profile?: string
  /** Name of the document, in front of the ids that come from no rule. */
  readonly name?: string
}

/**
 * Compiles a YAML policy to Cedar text, always the same for the same document: denials become `forbid`, approvals asking
 * forbids, allowances and profiles `permit`; so deny > approval > allow whatever the order of the rules (E-53).
 */
export function documentToCedar(document: PolicyDocument, options: DocumentOptions = {}): DocumentResult {
  const problems: DocumentProblem[] = []
  const names = new Names(document, problems)
  const policies: GeneratedPolicy[] = []
  const advisory = document.enforcement === 'advisory'
  const acknowledged = new Set<string>(document.acknowledge ?? [])
  if (advisory && !acknowledged.has('advisory')) {
    problems.push({
      path: ['enforcement'],
      message: 'advisory decides nothing: write `acknowledge: [advisory]` to mean it',
    })
  }
  const fallback = options.profile ?? document.default ?? 'minimal'
  if (document.default === 'full' && !acknowledged.has('full')) {
    problems.push({
      path: ['default'],
      message: 'profile full restricts nothing: write `acknowledge: [full]` to mean it',
    })
  }
  const allowed = advisory ? [GROUP_ALL] : names.profile(fallback, ['default'])
  const title = advisory ? 'enforcement advisory' : `default profile ${fallback}`
  const prefix = options.name === undefined ? '' : `${options.name}.`
  policies.push(
    permit(`${prefix}default.${advisory ? 'advisory' : fallback}`, -1, title, names.any(allowed, ['default']), []),
  )

  const seen = new Set<string>()
  for (const [index, rule] of (document.rules ?? []).entries()) {
    const path = ['rules', index]
    if (seen.has(rule.name)) problems.push({ path: [...path, 'name'], message: `a second rule is named ${rule.name}` })
    seen.add(rule.name)
    const made = ruleToCedar(rule, index, names, advisory)
    if (made.length === 0) {
      problems.push({
        path,
        message: `rule ${rule.name} does nothing: give it profile, allow, deny or requireApproval`,
      })
    }
    policies.push(...made)
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policies }
}

/** A Bool expression over action, resource and tool name; `groups` when it is a plain test for action groups. */
interface ToolTest {
  readonly text: string
  readonly groups?: readonly string[]
}

class Names {
  readonly #document: PolicyDocument
  readonly #problems: DocumentProblem[]

  constructor(document: PolicyDocument, problems: DocumentProblem[]) {
    this.#document = document
    this.#problems = problems
  }

  profile(name: string, path: readonly (string | number)[]): readonly string[] {
    const own = this.#document.profiles ?? {}
    if (Object.hasOwn(own, name)) return own[name] ?? []
    if (Object.hasOwn(PROFILES, name)) return PROFILES[name] ?? []
    const known = [...Object.keys(own), ...Object.keys(PROFILES)].sort().join(', ')
    this.#problems.push({ path, message: `unknown profile ${name}; known are ${known}` })
    return []
  }

  /** True for any of these tools: groups, `server.tool`, plain names, and `*` as a wildcard. */
  any(tools: readonly string[], path: readonly (string | number)[]): ToolTest {
    const groups: string[] = []
    const plain: string[] = []
    const tests: string[] = []
    for (const tool of this.#expand(tools, path, 0)) {
      if (tool === '*' || tool === GROUP_ALL || Object.hasOwn(GROUP_ALIASES, tool)) groups.push(GROUP_ALL)
      else if (tool.startsWith('group:')) groups.push(tool)
      else if (!tool.includes('*') && !tool.includes('.')) plain.push(tool)
      else if (!tool.includes('*')) tests.push(`action == Action::"${quoteString(tool)}"`)
      else tests.push(wildcard(tool))
    }
    const unique = [...new Set(groups)].sort()
    if (unique.includes(GROUP_ALL)) return { text: 'true', groups: [GROUP_ALL] }
    if (tests.length === 0 && plain.length === 0) return { text: groupTest(unique), groups: unique }
    if (unique.length > 0) tests.unshift(groupTest(unique))
    if (plain.length > 0) tests.push(`${stringSet(plain)}.contains(context.tool.name)`)
    return { text: tests.join(' || ') }
  }

  *#expand(tools: readonly string[], path: readonly (string | number)[], depth: number): Iterable<string> {
    const own = this.#document.groups ?? {}
    for (const tool of tools) {
      if (Object.hasOwn(own, tool) && depth < 8) yield* this.#expand(own[tool] ?? [], ['groups', tool], depth + 1)
      else if (tool.startsWith('group:') && !KNOWN_GROUPS.has(tool)) {
        const known = [...KNOWN_GROUPS, ...Object.keys(own)].sort().join(', ')
        this.#problems.push({ path, message: `unknown group ${tool}; known are ${known}` })
      } else yield tool
    }
  }
}

const KNOWN_GROUPS: ReadonlySet<string> = new Set([
  ...Object.keys(TOOL_GROUPS),
  ...Object.keys(GROUP_ALIASES),
  GROUP_ALL,
  GROUP_UNCLASSIFIED,
])

const stringSet = (items: readonly string[]): string =>
  `[${[...new Set(items)]
    .sort()
    .map((item) => `"${quoteString(item)}"`)
    .join(', ')}]`
const groupTest = (groups: readonly string[]): string =>
  groups.length === 0 ? 'false' : `action in [${groups.map((group) => `Action::"${quoteString(group)}"`).join(', ')}]`

function wildcard(tool: string): string {
  const dot = tool.indexOf('.')
  const server = dot < 0 ? '*' : tool.slice(0, dot)
  const name = dot < 0 ? tool : tool.slice(dot + 1)
  const tests: string[] = []
  if (server !== '*') tests.push(`resource == Server::"${quoteString(server)}"`)
  if (name !== '*') tests.push(`context.tool.name like "${quotePattern(name)}"`)
  return tests.length === 0 ? 'true' : `(${tests.join(' && ')})`
}

function matchTests(match: RuleMatch, names: Names, path: readonly (string | number)[]): readonly string[] {
  const tests: string[] = []
  for (const [key, attribute] of SESSION_KEYS) {
    const wanted = match[key]
    if (wanted === undefined) continue
    const options = (typeof wanted === 'string' ? [wanted] : wanted).map((glob) =>
      glob.includes('*') ? `${attribute} like "${quotePattern(glob)}"` : `${attribute} == "${quoteString(glob)}"`,
    )
    tests.push(options.length === 1 ? (options[0] ?? 'false') : `(${options.join(' || ')})`)
  }
  if (match.tool !== undefined) {
    const tools = typeof match.tool === 'string' ? [match.tool] : match.tool
    tests.push(`(${names.any(tools, [...path, 'tool']).text})`)
  }
  return tests
}
const SESSION_KEYS = [
  ['sessionKey', 'context.session.key'],
  ['contentTrust', 'context.session.contentTrust'],
  ['channel', 'context.session.channel'],
  ['chatType', 'context.session.chatType'],
] as const

function ruleToCedar(rule: PolicyRule, index: number, names: Names, advisory: boolean): readonly GeneratedPolicy[] {
  const path = ['rules', index]
  const when = matchTests(rule.match ?? {}, names, [...path, 'match'])
  const made: GeneratedPolicy[] = []
  const title = `rule ${rule.name}`
  const marks = [
    ...(rule.severity === undefined ? [] : [`@severity("${rule.severity}")`]),
    ...(rule.audit === true ? ['@alert("true")'] : []),
    ...(advisory ? ['@enforcement("advisory")'] : []),
  ]
  const advise = (text: string): string => `@advice("${quoteString(rule.advice ?? text)}")`
  const forbid = (
    part: string,
    annotations: readonly string[],
    tools: ToolTest,
    extra: readonly string[],
    tail = '',
  ): void => {
    const scope = scopeOf(tools)
    const tests = [...when, ...(scope.test === undefined ? [] : [scope.test]), ...extra]
    const text = `// ${title}\n@id("${rule.name}.${part}")\n${annotations.join('\n')}${annotations.length > 0 ? '\n' : ''}forbid (principal, ${scope.action}, resource)${whenText(tests)}${tail};\n`
    made.push({ id: `${rule.name}.${part}`, rule: index, text })
  }
  const everything: ToolTest = { text: 'true', groups: [GROUP_ALL] }
  if (rule.deny !== undefined) {
    forbid('deny', [...marks, advise(`Rule ${rule.name} denies {tool}.`)], names.any(rule.deny, [...path, 'deny']), [])
  }
  if (rule.profile !== undefined) {
    const profile = names.any(names.profile(rule.profile, [...path, 'profile']), [...path, 'profile'])
    const note = advise(`Profile ${rule.profile} (rule ${rule.name}) does not have {tool}.`)
    if (profile.text !== 'true') forbid('profile', [...marks, note], everything, [`!(${profile.text})`])
    if (!advisory) made.push(permit(`${rule.name}.profile-allow`, index, title, profile, when))
  }
  if (rule.requireApproval !== undefined && rule.requireApproval !== false) {
    const tools =
      rule.requireApproval === true ? everything : names.any(rule.requireApproval, [...path, 'requireApproval'])
    const { approvers, quorum, ttl, remember, presence } = rule.approval ?? {}
    const demand = [
      '@decision("approve")',
      ...(approvers === undefined ? [] : [`@approvers("${quoteString(approvers.join(','))}")`]),
      ...(quorum === undefined ? [] : [`@quorum("${quorum}")`]),
      ...(ttl === undefined ? [] : [`@ttl("${ttl}")`]),
      ...(remember === false ? ['@remember("never")'] : []),
      ...(presence === undefined ? [] : [`@presence("${presence}")`]),
    ]
    const note = advise(`Rule ${rule.name} wants a human to approve {tool}.`)
    forbid('approve', [...demand, ...marks, note], tools, [], '\nunless { context.approved }')
  }
  if (rule.allow !== undefined && !advisory) {
    made.push(permit(`${rule.name}.allow`, index, title, names.any(rule.allow, [...path, 'allow']), when))
  }
  return made
}

function scopeOf(tools: ToolTest): { readonly action: string; readonly test?: string } {
  if (tools.groups === undefined) return { action: 'action', test: `(${tools.text})` }
  if (tools.groups.includes(GROUP_ALL)) return { action: 'action' }
  if (tools.groups.length === 0) return { action: 'action', test: 'false' }
  return { action: groupTest(tools.groups) }
}
const whenText = (tests: readonly string[]): string => (tests.length === 0 ? '' : `\nwhen { ${tests.join(' && ')} }`)

function permit(id: string, rule: number, title: string, tools: ToolTest, when: readonly string[]): GeneratedPolicy {
  const scope = scopeOf(tools)
  const tests = [...when, ...(scope.test === undefined ? [] : [scope.test])]
  const text = `// ${title}\n@id("${id}")\npermit (principal, ${scope.action}, resource)${whenText(tests)};\n`
  return { id, rule, text }
}
