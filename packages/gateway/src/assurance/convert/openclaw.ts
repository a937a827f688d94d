import { stringify } from 'yaml'
import { readSettings, valueAt } from '../../hosts/settings-text.ts'
import { asComments, leaves, outcomeOf, type Conversion, type Row } from './conversion.ts'
import { policyOf, type DraftPolicy } from './openclaw-policy.ts'
import { serversOf } from './openclaw-servers.ts'

const off = (value: unknown): 'covered' | 'weakens' =>
  value === false || value === 'off' || value === 'none' ? 'weakens' : 'covered'
const on = (value: unknown): 'covered' | 'weakens' => (value === true ? 'weakens' : 'covered')
const wide = /^(?:0\.0\.0\.0(?:\/0)?|::(?:\/0)?|\*)$/

/** A list with an entry that stands for every address. */
const namesAll = (value: unknown): boolean =>
  Array.isArray(value) && value.some((one) => typeof one === 'string' && wide.test(one))

/** What becomes of settings that are neither tools nor servers. */
const ROWS: readonly Row[] = [
  [
    /^gateway\.bind$/,
    (value) => (value === 'loopback' ? 'covered' : 'weakens'),
    'Sallyport listens on loopback; anything else takes gateway.allowPublicBind and TLS.',
  ],
  [/^gateway\.port$/, 'no-equivalent', 'Agents use a Unix socket; set gateway.port for HTTP.'],
  [/^gateway\.auth\.mode$/, off, 'Every agent and every person has a credential of their own.'],
  [
    /^gateway\.auth\.(?:token|password)$/,
    'no-equivalent',
    'Credentials are made anew: `sallyport agents add`, `sallyport people add`.',
  ],
  [/^gateway\.auth\./, 'no-equivalent', 'People sign in at the console: docs/guides/console-access.md.'],
  [/^gateway\.trustedProxies$/, (value) => (namesAll(value) ? 'weakens' : 'carried'), 'As gateway.trustedProxies.'],
  [/^gateway\.allowRealIpFallback$/, on, 'Only X-Forwarded-* of trusted proxies counts.'],
  [/^gateway\.controlUi\.(?:dangerously|allowInsecure)/, on, 'There is no such bypass.'],
  [
    /^gateway\.controlUi\.allowedOrigins$/,
    (value) => (Array.isArray(value) && value.includes('*') ? 'weakens' : 'covered'),
    'The console answers to its one name, console.name.',
  ],
  [
    /^gateway\.tailscale\./,
    (value) => (value === 'funnel' ? 'weakens' : 'no-equivalent'),
    'Reach the console through a proxy: gateway.trustedProxies and console.url.',
  ],
  [/^gateway\.(?:tools|nodes)\.(?:allow|allowCommands)$/, 'weakens', 'There is one decision for every ingress.'],
  [/^gateway\.(?:tools|nodes)\.(?:deny|denyCommands)$/, 'no-equivalent', 'Deny the tools in a policy.'],
  [/^discovery\./, 'covered', 'Nothing is announced.'],
  [/^hooks\..*(?:allowUnsafe|allowRequestSessionKey)/, on, 'What comes from outside is untrusted, always.'],
  [/^hooks\./, 'no-equivalent', 'There are no webhooks that speak to agents.'],
  [/^channels\..*dangerously/, on, 'Names that people choose are no identity.'],
  [
    /^channels\..*(?:allowFrom|groupAllowFrom)$/,
    (value) => (Array.isArray(value) && value.includes('*') ? 'weakens' : 'no-equivalent'),
    'Who may write stays with the channel; approvers are people of Sallyport.',
  ],
  [/^commands\.useAccessGroups$/, off, 'Roles decide who may do what.'],
  [/^commands\./, (value) => (value === true ? 'weakens' : 'no-equivalent'), 'Commands are decided like any tool.'],
  [
    /sandbox\.mode$/,
    (value) => (value === 'off' ? 'weakens' : 'covered'),
    'What the gateway starts with `commands` runs confined, always; servers do with `sandbox`.',
  ],
  [
    /sandbox\.workspaceAccess$/,
    (value) => (value === 'rw' ? 'weakens' : 'no-equivalent'),
    'Profiles say what is shown, and as a copy: docs/reference/sandbox.md.',
  ],
  [
    /sandbox\.docker\.network$/,
    (value) => (value === 'none' ? 'covered' : 'weakens'),
    'A sandbox reaches what an egress rule allows.',
  ],
  [
    /sandbox\.docker\.(?:binds|dangerously\w*|seccompProfile|apparmorProfile|capAdd)/,
    'weakens',
    'Profiles say what is shown: docs/reference/sandbox.md.',
  ],
  [/sandbox\./, 'no-equivalent', 'Profiles: docs/reference/sandbox.md.'],
  [
    /^(?:tools|agents\.list\.\d+\.tools)\.elevated/,
    (value) => (value === false ? 'covered' : 'weakens'),
    'Nothing leads out of the sandbox.',
  ],
  [/exec\.safeBins/, 'weakens', 'Grants are given at an approval: `sallyport approvals approve ID --scope tool`.'],
  [/workspaceOnly$/, off, 'Presets ask about paths outside of the workspace.'],
  [/exec\.host$/, (value) => (value === 'sandbox' ? 'covered' : 'weakens'), 'Commands run confined.'],
  [/^(?:tools|agents\.list\.\d+\.tools)\.(?:byProvider|alsoAllow)/, 'weakens', 'Policies hold for every model.'],
  [/^logging\.redactSensitive$/, off, 'Secrets are cut out of the log, always.'],
  [/^browser\..*dangerously|^browser\.noSandbox$/, on, 'Use the web tools: docs/guides/web-tools.md.'],
  [/^browser\./, 'no-equivalent', 'Use the web tools: docs/guides/web-tools.md.'],
  [/^plugins\./, 'no-equivalent', 'Plugins and skills are admitted one by one.'],
  [/^skills\./, 'no-equivalent', 'Skills are admitted one by one.'],
  [/^env\./, 'weakens', 'Servers are given the variables that their entry names.'],
  [/^session\./, 'no-equivalent', 'session.idleTimeout and session.absoluteTimeout.'],
  [/(?:^|\.)\$include$/, 'no-equivalent', 'Included files were not read: convert each of them.'],
]

/**
 * A configuration of OpenClaw as `sallyport.yaml` with a policy and its tests (SYS-1, E-29). What would weaken Sallyport is left out and
 * named; every setting has an outcome.
 * @throws SallyportError SP_CONFIG_INVALID when the text is no configuration
 */
export function convertOpenClaw(text: string): Conversion {
  const { value } = readSettings('json5', text)
  const policy = policyOf(value)
  const { servers, outcomes: ofServers, taken } = serversOf(value)
  const rest = leaves(value)
    .filter(([path]) => path.length > 0)
    .filter(
      ([path]) => !policy.taken.has(path.join('.')) && !(path[0] === 'mcp' && taken.has(path.slice(0, 3).join('.'))),
    )
    .map(([path, leaf]) => outcomeOf(ROWS, path, leaf))
  const outcomes = [...policy.outcomes, ...ofServers, ...rest]
  const proxies = valueAt(value, ['gateway', 'trustedProxies'])
  const trusted = Array.isArray(proxies) && !namesAll(proxies) ? proxies.filter((one) => typeof one === 'string') : []
  const config = {
    version: 1,
    ...(trusted.length === 0 ? {} : { gateway: { trustedProxies: trusted } }),
    policies: ['preset:balanced', './openclaw.yaml'],
    ...(Object.keys(servers).length === 0 ? {} : { servers }),
  }
  return {
    outcomes,
    files: [
      {
        name: 'sallyport.yaml',
        text: `# Drafted from a configuration of OpenClaw: read it before it is used.\n${asComments(outcomes, '#')}\n${yaml(config)}`,
      },
      {
        name: 'openclaw.yaml',
        text: yaml({
          schemaVersion: 1,
          version: '1.0',
          enforcement: 'mandatory',
          description: 'Drafted from a configuration of OpenClaw.',
          ...(Object.keys(policy.profiles).length === 0 ? {} : { profiles: policy.profiles }),
          rules: policy.rules,
        }),
      },
      {
        name: 'openclaw.test.yaml',
        text: yaml({ name: 'drafted from OpenClaw', tools: TOOLS, tests: testsOf(policy) }),
      },
    ],
  }
}

const yaml = (value: unknown): string => stringify(value, { aliasDuplicateObjects: false })

const TOOLS = { 'openclaw.exec': { effect: 'external', groups: ['group:runtime'] } }

/** Programs are asked about or denied, from everywhere. */
function testsOf({ rules }: DraftPolicy): readonly object[] {
  const call = { name: 'openclaw.exec', arguments: { command: 'uname -a' } }
  const denied = rules.some(
    ({ match, deny = [] }) => match === undefined && deny.some((tool) => /^group:(?:runtime|all)$|^exec$/.test(tool)),
  )
  const channels = rules.flatMap(({ match, deny }) =>
    match?.['channel'] !== undefined && match['chatType'] === 'group' && deny !== undefined ? [match['channel']] : [],
  )
  return [
    { name: 'programs never run unasked', context: { trustLevel: 2 }, toolCall: call, expected: { allowed: false } },
    ...(denied
      ? [
          {
            name: 'programs are denied',
            context: { trustLevel: 2 },
            toolCall: call,
            expected: { allowed: false, requiresApproval: false },
          },
        ]
      : []),
    ...channels.map((channel) => ({
      name: `groups of ${channel} run no programs`,
      context: { trustLevel: 2, channel, chatType: 'group' },
      toolCall: call,
      expected: { allowed: false, requiresApproval: false },
    })),
  ]
}
