import { specifiedTool, textLiteral } from '@sallyport/core'
import { stringify } from 'yaml'
import { readSettings, valueAt } from '../../hosts/settings-text.ts'
import type { ConvertedRule, Effect, RulePlaces } from './claude-cedar.ts'
import { convertRule } from './claude-rule.ts'
import { asComments, leaves, outcomeOf, type Conversion, type Outcome, type Row } from './conversion.ts'

/** What becomes of the other settings. */
const ROWS: readonly Row[] = [
  [
    /^permissions\.defaultMode$/,
    (value) => (value === 'default' || value === 'plan' ? 'covered' : 'weakens'),
    'Every call is decided by policy, in every mode.',
  ],
  [
    /^permissions\.disableBypassPermissionsMode$/,
    'covered',
    'A bypassed host still asks the hook, and the hook asks the gateway.',
  ],
  [
    /^permissions\.additionalDirectories/,
    'weakens',
    'Allow the folders in a policy, or show them to the sandbox with `sallyport run --show`.',
  ],
  [/^permissions\.(?:allow|ask|deny)/, 'no-equivalent', 'It is no list of rules, or an empty one.'],
  [
    /^(?:enableAllProjectMcpServers|enabledMcpjsonServers)/,
    'weakens',
    'Servers are pinned and wrapped one by one: `sallyport init --project`.',
  ],
  [/^disabledMcpjsonServers/, 'no-equivalent', 'Do not wrap these servers.'],
  [
    /^(?:disableAllHooks|skipDangerousModePermissionPrompt|bypassPermissionsModeAccepted)$/,
    (value) => (value === true ? 'weakens' : 'covered'),
    'Without hooks nothing is asked.',
  ],
  [/^allowManagedHooksOnly$/, 'covered', '`sallyport init` can write the managed settings.'],
  [/^hooks\./, 'no-equivalent', 'Your own hooks stay where they are, beside the one that `sallyport init` adds.'],
  [
    /^sandbox\.(?:enabled|failIfUnavailable)$/,
    (value) => (value === true ? 'covered' : 'weakens'),
    'Start the agent with `sallyport run -- claude`.',
  ],
  [
    /^sandbox\.allowUnsandboxedCommands$/,
    (value) => (value === false ? 'covered' : 'weakens'),
    'Inside of `sallyport run` there is no way out.',
  ],
  [
    /^sandbox\.network\.allowedDomains/,
    'no-equivalent',
    'Write them as egress rules: `sallyport egress draft` makes them from what was asked for.',
  ],
  [
    /^sandbox\./,
    (value) => (value === true || Array.isArray(value) ? 'weakens' : 'no-equivalent'),
    'The profile of `sallyport run` says what is shown and reached.',
  ],
  [
    /^env\..*(?:KEY|TOKEN|SECRET|PASSWORD)/i,
    'weakens',
    'Keys are brokered: `sallyport vault set NAME`, and a credential for the host that needs it.',
  ],
  [
    /^env\.(?:\w*BASE_URL|NODE_OPTIONS|NODE_TLS_REJECT_UNAUTHORIZED|\w*PROXY)$/i,
    'weakens',
    'It redirects traffic or turns checks off.',
  ],
  [
    /^(?:apiKeyHelper|awsAuthRefresh|awsCredentialExport|gcpAuthRefresh|otelHeadersHelper)$/,
    'no-equivalent',
    'Keys are brokered by the gateway: docs/guides/credentials.md.',
  ],
  [/^mcpServers\./, 'no-equivalent', '`sallyport init --import claude-code` wraps servers in place.'],
]

/**
 * Permissions of Claude Code as a policy with tests (SYS-1). The draft allows nothing that the settings did not, and leaves out what would
 * allow whole tools; deny and ask rules may become wider.
 * @throws SallyportError SP_CONFIG_INVALID when the text is no settings file
 */
export function convertClaudeCode(text: string, options: RulePlaces & { readonly agent?: string } = {}): Conversion {
  const { value } = readSettings('json', text)
  const agent = options.agent ?? 'claude-code'
  const outcomes: Outcome[] = []
  const policies: string[] = []
  const drafted: Drafted[] = []
  const tools: Record<string, object> = {}
  for (const effect of ['deny', 'ask', 'allow'] as const) {
    const given = valueAt(value, ['permissions', effect])
    for (const [index, item] of (Array.isArray(given) ? given : []).entries()) {
      const rule = typeof item === 'string' ? item : JSON.stringify(item)
      const setting = `permissions.${effect}: ${rule}`
      const result = convertRule(rule, effect, options)
      if (!result.ok) {
        outcomes.push({ setting, kind: result.kind, note: result.why })
        continue
      }
      outcomes.push({ setting, kind: 'carried', note: NOTES[effect] })
      for (const [part, converted] of result.rules.entries()) {
        const id = `claude-code.${effect}-${index + 1}${result.rules.length === 1 ? '' : `-${part + 1}`}`
        policies.push(cedarOf(id, effect, rule, converted, agent))
        drafted.push({ id, effect, rule: converted })
        tools[converted.example.name] = toolOf(converted.example.name)
      }
    }
  }
  for (const [path, leaf] of leaves(value)) {
    const rules = valueAt(value, path.slice(0, 2))
    if (/^permissions\.(?:allow|ask|deny)/.test(path.join('.')) && Array.isArray(rules) && rules.length > 0) continue
    if (path.length > 0) outcomes.push(outcomeOf(ROWS, path, leaf))
  }
  if (policies.length === 0) return { files: [], outcomes }
  const head = `// version: 1.0\n//\n// Drafted from permissions of Claude Code: read it, then list it under \`policies\` beside a preset.\n${asComments(outcomes, '//')}`
  return {
    outcomes,
    files: [
      { name: 'claude-code.cedar', text: `${head}\n${policies.join('\n')}` },
      {
        name: 'claude-code.test.yaml',
        text: stringify(
          { name: 'permissions of Claude Code', tools, tests: testsOf(drafted, agent) },
          { aliasDuplicateObjects: false },
        ),
      },
    ],
  }
}

const NOTES: Readonly<Record<Effect, string>> = {
  deny: 'A denial; nothing allows it again.',
  ask: 'A question, to people who may approve.',
  allow: 'An allowance; what presets and `tools.elevated` ask about is still asked.',
}

function cedarOf(
  id: string,
  effect: Effect,
  rule: string,
  { action, condition }: ConvertedRule,
  agent: string,
): string {
  const scope = `principal == Agent::${textLiteral(agent)}, ${action}${action.includes('resource') ? '' : ', resource'}`
  const when = condition === undefined ? '' : `\nwhen { ${condition} }`
  const said = rule
    .replace(/[^\x20-\x7e]/g, '?')
    .replaceAll('"', "'")
    .slice(0, 200)
  if (effect === 'allow') return `@id("${id}")\npermit (${scope})${when};\n`
  if (effect === 'deny')
    return `@id("${id}")\n@severity("high")\n@advice("Denied by a rule of yours: ${advice(said)}")\nforbid (${scope})${when};\n`
  return `@id("${id}")\n@decision("approve")\n@severity("medium")\n@advice("A rule of yours asks: ${advice(said)}")\nforbid (${scope})${when}\nunless { context.approved };\n\n@id("${id}-then")\npermit (${scope})${when};\n`
}

const advice = (text: string): string => text.replace(/[\\{}]/g, '?')

interface Drafted {
  readonly id: string
  readonly effect: Effect
  readonly rule: ConvertedRule
}

/** A call for every rule, and one that an allowance must not let through; what each has to give is worked out over all rules. */
function testsOf(all: readonly Drafted[], agent: string): readonly object[] {
  const context = { principal: agent, trustLevel: 2 }
  const expected = (call: ConvertedRule['example']): object => {
    const by = (effect: Effect): Drafted | undefined =>
      all.find((one) => one.effect === effect && one.rule.fits(call.name, call.arguments))
    if (by('deny') !== undefined) return { allowed: false, requiresApproval: false, policy: by('deny')?.id }
    if (by('ask') !== undefined) return { allowed: false, requiresApproval: true, policy: by('ask')?.id }
    return { allowed: by('allow') !== undefined }
  }
  return all.flatMap(({ id, effect, rule: { example, other } }) => {
    const besides = { name: example.name, arguments: other ?? {} }
    return [
      { name: id, context, toolCall: example, expected: expected(example) },
      ...(effect === 'allow' && other !== undefined
        ? [{ name: `${id} and no more`, context, toolCall: besides, expected: expected(besides) }]
        : []),
    ]
  })
}

const GROUPS: readonly (readonly [fits: RegExp, tool: object])[] = [
  [/\.Bash$/, { effect: 'external', groups: ['group:runtime'] }],
  [/\.(?:Write|Edit|NotebookEdit)$/, { effect: 'write', groups: ['group:fs'] }],
  [/\.(?:Read|Grep|Glob)$/, { effect: 'read', groups: ['group:fs'] }],
  [/\.Web/, { effect: 'external', groups: ['group:web'] }],
]
const toolOf = (name: string): object => {
  const known = GROUPS.find(([fits]) => fits.test(name))?.[1]
  const specified = specifiedTool(name.replace(/^.*\./, ''))
  return known ?? { effect: specified?.effect ?? 'external', groups: specified?.groups ?? [] }
}
