import { SUPPRESSION_RULE, SUPPRESSION_SCOPE } from '@sallyport/core'
import { z } from 'zod'
import { toolNote } from './tool-note.ts'

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const

/** `500ms`, `30s`, `5m`, `24h`, `90d` or a number of seconds → milliseconds. */
const duration = z
  .union([
    z.number().nonnegative(),
    z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'write a duration like 500ms, 30s, 5m, 24h or 90d'),
  ])
  .transform((value) => {
    if (typeof value === 'number') return value * 1000
    const unit = (/[a-z]+$/.exec(value)?.[0] ?? 's') as keyof typeof SECONDS
    return Number.parseFloat(value) * SECONDS[unit] * 1000
  })

const trust = z.enum(['untrusted', 'semi-trusted', 'trusted'])
const alias = z
  .string()
  .regex(/^[a-z0-9](?:-?[a-z0-9])*$/, 'a-z, 0-9 and single dashes')
  .max(32)

const server = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Program and arguments; an array, never a shell line.'),
    cwd: z.string().startsWith('/').optional(),
    env: z
      .record(z.string(), z.string())
      .default({})
      .describe('Added to PATH, HOME, LANG, TERM; nothing else is inherited.'),
    sandbox: z
      .union([z.string().min(1), z.record(z.string(), z.json())])
      .optional()
      .describe(
        'For `command`: the profile it runs confined with (docs/reference/sandbox.md); `cwd` is its workspace. A name, a file, or members that replace those of `server`. Default: `server`, with `cwd` read-only; what the command line names by absolute paths is shown read-only too.',
      ),
    commands: z
      .record(
        z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
        z.strictObject({
          template: z
            .string()
            .min(1)
            .optional()
            .describe(
              'Words of a command with `{arg}` in one: data goes there and nowhere else. Absent: any command line.',
            ),
          about: z.string().default(''),
        }),
      )
      .optional()
      .describe(
        'Tools that run commands, always in a sandbox (profile `tool`, or `edit` for those that write); `cwd` is the workspace.',
      ),
    url: z.url({ protocol: /^https?$/ }).optional(),
    transport: z
      .enum(['http', 'sse'])
      .default('http')
      .describe('For `url`: streamable HTTP, or the older SSE transport.'),
    headers: z.record(z.string(), z.string()).default({}),
    timeout: duration.default(60_000).describe('Longest silence before a request is given up.'),
    trust: trust.default('untrusted').describe('How far results may be trusted to carry instructions.'),
    enabled: z.boolean().default(true),
    metaKeys: z.array(z.string()).default([]).describe('`_meta` keys that may pass besides the protocol’s own.'),
    serverRequests: z
      .array(z.enum(['sampling', 'elicitation', 'roots']))
      .default([])
      .describe('What the server may ask the client.'),
    tools: z
      .record(z.string(), toolNote)
      .default({})
      .describe('What tools do, for those the shipped catalogue does not know.'),
    disabled: z.array(z.string()).default([]).describe('Tools that are switched off.'),
  })
  .refine(
    ({ command, url, commands }) => [command, url, commands].filter((one) => one !== undefined).length === 1,
    'give one of `command`, `commands` and `url`',
  )
  .refine((value) => value.sandbox === undefined || value.url === undefined, '`sandbox` is for what runs here')

const acknowledgement = z.strictObject({
  reason: z.string().min(3),
  by: z.string().min(1),
  expires: z.iso.date().describe('Day after which the setting is refused again.'),
})

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/)

const suppression = z.strictObject({
  rule: z.string().regex(SUPPRESSION_RULE, 'the id of a rule, or a prefix and `.*`'),
  scope: z
    .string()
    .regex(
      SUPPRESSION_SCOPE,
      'server:NAME, tool:SERVER.TOOL, agent:NAME or source:PATH, with `*` at the end for any rest',
    ),
  owner: z.string().min(1),
  reason: z.string().min(3),
  expires: z.iso.date().describe('Last day it holds.'),
})

const injection = z
  .union([
    z.strictObject({ bearer: z.literal(true) }),
    z.strictObject({ header: z.string().regex(/^[a-z0-9-]{1,64}$/), prefix: z.string().max(32).default('') }),
    z.strictObject({ basic: z.string().max(64).describe('The user name.') }),
    z.strictObject({ query: z.string().min(1).max(64) }),
    z.strictObject({ cookie: z.string().regex(/^[\w-]{1,64}$/) }),
  ])
  .describe('Where the value goes in a request; whatever the client says there of itself is taken out.')

const credential = z.strictObject({
  secret: z
    .string()
    .regex(/^(?:[a-z0-9][a-z0-9._-]{0,63}|(?:env|hashicorp|aws|oauth):[^\s]{1,512})$/)
    .optional()
    .describe(
      'Name of the value in the vault, or `env:NAME`, `hashicorp:path#field`, `aws:id#member`, `oauth:CLIENT`; default: the name of the credential.',
    ),
  category: z.enum(['read', 'write', 'external']).describe('What it is for; one credential for each (HB-64).'),
  agents: z
    .array(z.string().regex(/^(server:)?[a-z0-9][a-z0-9._-]{0,63}$/))
    .min(1)
    .describe('Agents, and servers as `server:NAME`, whose requests get it.'),
  base: z
    .url({ protocol: /^https$/ })
    .describe('Where its requests go. Inside of a sandbox they are sent to `${base:NAME}`, which leads there.'),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']))
    .min(1)
    .default(['GET', 'HEAD']),
  paths: z
    .array(z.string().startsWith('/'))
    .min(1)
    .default(['/**'])
    .describe('`/repos/acme/**` whatever is below, `*` one segment.'),
  inject: injection.default({ bearer: true }),
  env: z
    .record(variable, z.enum(['lease', 'base']))
    .default({})
    .describe(
      'Variables that `sallyport run` sets for its agents: a placeholder, or the URL that requests are sent to.',
    ),
})

/** `sallyport.yaml`. Every object is closed; the description of a member is its documentation. */
export const configSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format.'),
  mode: z.enum(['enforce', 'shadow']).default('enforce').describe('shadow only records; it needs acknowledgeInsecure.'),
  gateway: z
    .strictObject({
      bind: z.string().default('127.0.0.1').describe('Address for HTTP; loopback only until the surfaces are built.'),
      port: z
        .number()
        .int()
        .min(0)
        .max(65_535)
        .optional()
        .describe('TCP port for HTTP; absent = Unix sockets only, 0 = any free one.'),
      allowedHosts: z.array(z.string()).default(['localhost', '127.0.0.1', '[::1]', 'sallyport.localhost']),
      allowedOrigins: z.array(z.string()).default([]),
      limits: z
        .strictObject({
          messageBytes: z.number().int().min(1024).default(4_194_304),
          argumentBytes: z.number().int().min(1024).default(1_048_576),
          depth: z.number().int().min(4).max(200).default(64),
        })
        .prefault({}),
      rateLimit: z
        .strictObject({
          callsPerMinute: z.number().positive().default(6000),
          burst: z.number().int().positive().default(1000),
        })
        .prefault({})
        .describe('Tool calls per agent.'),
    })
    .prefault({}),
  session: z
    .strictObject({ idleTimeout: duration.default(1_800_000), absoluteTimeout: duration.default(86_400_000) })
    .prefault({})
    .describe('Lifetime of sessions (SEC-4.2).'),
  store: z
    .discriminatedUnion('driver', [
      z.strictObject({ driver: z.literal('sqlite'), path: z.string().optional() }),
      z.strictObject({ driver: z.literal('postgres'), url: z.string(), node: z.string().optional() }),
    ])
    .prefault({ driver: 'sqlite' }),
  policies: z
    .array(z.string())
    .default(['preset:minimal'])
    .describe('`preset:NAME`, files and directories; by default everything is denied but `session_status` (E-52).'),
  servers: z.record(alias, server).default({}),
  tools: z
    .strictObject({
      elevated: z.array(z.string()).default(['exec', 'process', 'Bash']).describe('Tools that always need approval.'),
      pinning: z
        .enum(['first-use', 'review'])
        .optional()
        .describe('Default: review under preset:locked-down, else first-use.'),
    })
    .prefault({}),
  content: z
    .strictObject({
      gate: z
        .record(
          z.string().regex(/^group:[a-z][a-z0-9-]*$/),
          z.strictObject({
            action: z.enum(['block', 'sanitize', 'warn', 'allow']),
            severityThreshold: z.enum(['critical', 'high', 'medium', 'low']),
            auditLevel: z.enum(['full', 'summary', 'minimal']).default('full'),
          }),
        )
        .default({})
        .describe(
          'What happens to calls with suspicious arguments, by tool group; replaces the built-in line of a group.',
        ),
      results: z
        .record(
          z.string(),
          z.strictObject({
            mode: z.enum(['strict', 'standard', 'minimal']),
            logLevel: z.enum(['full', 'summary']).default('summary'),
          }),
        )
        .default({})
        .describe(
          'How results are handed on, by `server.tool` or tool group: strict wraps all texts, standard those from outside.',
        ),
      bypass: z
        .array(
          z.strictObject({
            agent: z.string().optional(),
            tool: z.string().optional().describe('`server.tool`'),
            owner: z.string().min(1),
            reason: z.string().min(8),
            expires: z.iso.date().describe('Day on which it ends.'),
          }),
        )
        .default([])
        .describe('Trusted contexts: findings there are recorded and change nothing (AC-3.2.4).'),
    })
    .prefault({})
    .describe('The content gate.'),
  flow: z
    .strictObject({
      known: z
        .array(z.string().min(1))
        .default([])
        .describe('Addresses, accounts and names that calls may go to: your address book. Never filled by use.'),
    })
    .prefault({})
    .describe('Information-flow control.'),
  approvals: z
    .strictObject({
      ttl: duration.default(300_000).describe('After this an undecided request is denied.'),
      wait: duration.default(50_000).describe('How long an MCP caller waits before it gets a pending answer.'),
      maxPending: z.number().int().positive().default(5).describe('Open requests per agent.'),
      webhook: z
        .strictObject({
          url: z.url({ protocol: /^https?$/ }),
          secret: z.string().min(32).describe('Shared secret, as ${env:NAME}: signs what goes out and comes back.'),
          approvers: z
            .array(z.string().min(1))
            .min(1)
            .describe('People whose signed answers may approve up to medium severity.'),
        })
        .optional(),
    })
    .prefault({}),
  audit: z
    .strictObject({
      onWriteFailure: z.enum(['block', 'allow-low-risk', 'continue']).default('block'),
      retention: duration.default(365 * 86_400_000),
      checkpoint: z
        .strictObject({
          every: duration.default(1000),
          records: z.number().int().positive().default(1000),
          export: z
            .string()
            .optional()
            .describe('File outside the state directory that every checkpoint is appended to.'),
        })
        .prefault({}),
    })
    .prefault({}),
  redaction: z
    .strictObject({
      tagged: z
        .boolean()
        .default(false)
        .describe(
          'Write `[REDACTED:type]~tag` instead of `[REDACTED]` where a secret was. The tag is the same for the same secret, so that who sees it can tell two of them apart (T-131); the record has both either way.',
        ),
    })
    .prefault({}),
  rules: z
    .strictObject({
      keys: z
        .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'a raw Ed25519 public key, 32 bytes in base64'))
        .default([])
        .describe('Keys that signed rule packs are trusted with, besides that of the product.'),
    })
    .prefault({})
    .describe('Rule packs of the detectors (`sallyport rules update`).'),
  suppressions: z
    .array(suppression)
    .default([])
    .describe('Findings that somebody has looked at and accepted for a while; they are recorded all the same.'),
  policy: z.strictObject({ retention: duration.default(90 * 86_400_000) }).prefault({}),
  sandbox: z
    .strictObject({
      mode: z
        .enum(['auto', 'process', 'container', 'docker', 'off'])
        .default('auto')
        .describe(
          '`process`: bubblewrap. `container`: crun, else runsc, else a Docker engine. `auto`: the first of all four that can make one. Where none can, nothing runs. `off`: servers run unconfined whatever their `sandbox` says, and `commands` not at all.',
        ),
      wrapped: z
        .union([z.string().min(1), z.record(z.string(), z.json())])
        .optional()
        .describe(
          'The profile that servers of agents’ own configurations run confined with (`mcp wrap`); their directory is the workspace. A name, a file, or members that replace those of `server`. Absent: they run with the rights of this account.',
        ),
    })
    .prefault({})
    .describe(
      'Confinement of what the gateway starts for this configuration. Where it cannot be had nothing is started. `off` starts servers with the rights of this account; it needs acknowledgeInsecure.',
    ),
  egress: z
    .strictObject({
      exceptions: z
        .record(z.string(), acknowledgement.extend({ addresses: z.array(z.string()).min(1).max(16) }))
        .default({})
        .describe(
          '`host`, `host:port` or `*.domain` → blocks of addresses inside that it may lead to, who answers for it, until when. Everything else that the gateway connects to by name has to be public; metadata services are never reached.',
        ),
      limits: z
        .strictObject({
          requestsPerMinute: z.number().positive().default(600),
          burst: z.number().int().positive().default(300),
        })
        .prefault({})
        .describe('Requests and tunnels that may leave, per agent or server (HB-89).'),
      authorities: z
        .array(z.string())
        .default([])
        .describe('PEM files with certificates of own authorities, besides those of Node.'),
    })
    .prefault({}),
  credentials: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/), credential)
    .default({})
    .describe(
      'Credentials that are put into requests of confined agents and servers by the gateway; their values are in the vault.',
    ),
  vault: z
    .strictObject({
      key: z
        .discriminatedUnion('source', [
          z.strictObject({ source: z.literal('file'), path: z.string().optional() }),
          z.strictObject({ source: z.literal('env'), name: variable }),
          z.strictObject({ source: z.literal('descriptor'), number: z.number().int().min(3).max(1_023) }),
          z.strictObject({ source: z.literal('systemd'), name: z.string().regex(/^[\w.-]{1,64}$/) }),
          z.strictObject({
            source: z.literal('passphrase'),
            from: z.union([
              z.strictObject({ env: variable }),
              z.strictObject({ descriptor: z.number().int().min(3).max(1_023) }),
            ]),
          }),
        ])
        .prefault({ source: 'file' })
        .describe('Where the master keys of the vault come from; `file` is made when there is none.'),
      backends: z
        .strictObject({
          hashicorp: z
            .strictObject({
              address: z.url({ protocol: /^https?$/ }),
              mount: z.string().default('secret'),
              namespace: z.string().optional(),
              token: z.union([z.strictObject({ env: variable }), z.strictObject({ file: z.string().startsWith('/') })]),
            })
            .optional()
            .describe('HashiCorp Vault or OpenBao, KV version 2; not verified against a live server.'),
          aws: z
            .strictObject({ region: z.string().regex(/^[a-z0-9-]{1,32}$/), endpoint: z.url().optional() })
            .optional()
            .describe(
              'AWS Secrets Manager, with the key in the environment of the gateway; not verified against a live server.',
            ),
        })
        .prefault({})
        .describe('Where values may come from besides the own vault.'),
      oauth: z
        .record(
          z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
          z.strictObject({
            tokenUrl: z.url({ protocol: /^https$/ }),
            clientId: z.string().min(1).max(512),
            clientSecret: z.string().min(1).describe('Reference of its value, as `secret` of a credential.'),
            refreshToken: z
              .string()
              .min(1)
              .optional()
              .describe('Reference of a refresh token; absent: client credentials.'),
            scope: z.string().max(1_024).optional(),
          }),
        )
        .default({})
        .describe('Clients that get bearer tokens from an authorisation server; replaced at 75 % of their life.'),
      alerts: z
        .strictObject({
          maxFailedAttempts: z.number().int().min(1).default(5),
          alertOnNewIdentity: z.boolean().default(true),
          normalHours: z
            .strictObject({ start: z.number().int().min(0).max(23), end: z.number().int().min(0).max(23) })
            .optional()
            .describe('Hours of this machine in which credentials are used; absent: any.'),
        })
        .prefault({})
        .describe('What is said about the use of credentials (SEC-4.5).'),
    })
    .prefault({})
    .describe('Values that agents never hold.'),
  acknowledgeInsecure: z
    .record(z.string(), acknowledgement)
    .default({})
    .describe('Setting path → who accepted it, why, until when.'),
})

export type Config = z.infer<typeof configSchema>

/** Settings that weaken security: value → why (E-71). The path must stand under `acknowledgeInsecure`. */
export const INSECURE: readonly {
  readonly path: string
  readonly when: (config: Config) => boolean
  readonly why: string
}[] = [
  { path: 'mode', when: (c) => c.mode === 'shadow', why: 'Denied calls would run.' },
  {
    path: 'audit.onWriteFailure',
    when: (c) => c.audit.onWriteFailure === 'continue',
    why: 'Calls would run without a record.',
  },
  { path: 'session.idleTimeout', when: (c) => c.session.idleTimeout === 0, why: 'Sessions would never go idle.' },
  { path: 'session.absoluteTimeout', when: (c) => c.session.absoluteTimeout === 0, why: 'Sessions would never end.' },
  {
    path: 'sandbox.mode',
    when: (c) => c.sandbox.mode === 'off',
    why: 'Tools would run with all rights of the gateway’s account.',
  },
  {
    path: 'policies',
    when: (c) => c.policies.includes('preset:open'),
    why: 'preset:open allows what is not forbidden.',
  },
]
