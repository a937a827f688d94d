import { SUPPRESSION_RULE, SUPPRESSION_SCOPE } from '@sallyport/core'
import { z } from 'zod'
import { consoleSchema, tlsSchema } from './console-schema.ts'
import { budgetsSchema } from './budgets-schema.ts'
import { alertsSchema } from './alerts-schema.ts'
import { credentialsSchema, vaultSchema } from './credential-schema.ts'
import { egressSchema } from './egress-schema.ts'
import { healthSchema, metricsSchema } from './metrics-schema.ts'
import { acknowledgement, duration } from './parts.ts'
import { presenceSchema } from './presence-schema.ts'
import { rateLimitSchema } from './rate-limit-schema.ts'
import { registriesSchema } from './registries-schema.ts'
import { requestsSchema } from './requests-schema.ts'
import { securitySchema } from './security-schema.ts'
import { skillsSchema } from './skills-schema.ts'
import { slackSchema } from './slack-schema.ts'
import { surfacesSchema } from './surfaces-schema.ts'
import { toolNote } from './tool-note.ts'

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
    requests: requestsSchema
      .optional()
      .describe('Tools by which the gateway itself asks other hosts (docs/guides/web-tools.md).'),
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
    ({ command, url, commands, requests }) =>
      [command, url, commands, requests].filter((one) => one !== undefined).length === 1,
    'give one of `command`, `commands`, `requests` and `url`',
  )
  .refine(
    ({ sandbox, url, requests }) => sandbox === undefined || (url ?? requests) === undefined,
    '`sandbox` is for what runs here',
  )

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

/** `sallyport.yaml`. Every object is closed; the description of a member is its documentation. */
export const configSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format.'),
  mode: z.enum(['enforce', 'shadow']).default('enforce').describe('shadow only records; it needs acknowledgeInsecure.'),
  gateway: z
    .strictObject({
      bind: z
        .string()
        .default('127.0.0.1')
        .describe(
          'Address for agents over HTTP; any other than loopback needs `tls` and `allowPublicBind` (E-23, E-24).',
        ),
      port: z
        .number()
        .int()
        .min(0)
        .max(65_535)
        .optional()
        .describe('TCP port for HTTP; absent = Unix sockets only, 0 = any free one.'),
      tls: tlsSchema
        .default('off')
        .describe(
          'TLS for agents over TCP. `auto`: a certificate for `console.name` by the gateway’s own authority, `<state>/tls/authority.pem`. Files (PEM): read again when they change. `off`: loopback only.',
        ),
      allowedHosts: z.array(z.string()).default(['localhost', '127.0.0.1', '[::1]', 'sallyport.localhost']),
      allowedOrigins: z.array(z.string()).default([]),
      allowPublicBind: z
        .boolean()
        .default(false)
        .describe(
          'Others may reach `bind` and `console.bind`; without it the gateway listens on loopback only (E-23).',
        ),
      trustedProxies: z
        .array(z.string())
        .default([])
        .describe('Addresses and CIDR ranges of proxies whose `X-Forwarded-*` headers count (E-26).'),
      limits: z
        .strictObject({
          messageBytes: z.number().int().min(1024).default(4_194_304),
          argumentBytes: z.number().int().min(1024).default(1_048_576),
          depth: z.number().int().min(4).max(200).default(64),
        })
        .prefault({}),
      rateLimit: rateLimitSchema,
    })
    .prefault({}),
  console: consoleSchema,
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
      code: z
        .record(
          z.string().regex(/^group:[a-z][a-z0-9-]*$/),
          z.strictObject({
            action: z.enum(['ask', 'block', 'warn', 'off']).default('ask'),
            severityThreshold: z.enum(['critical', 'high', 'medium', 'low']).default('high'),
            baseline: z
              .string()
              .min(1)
              .optional()
              .describe(
                'File of accepted findings, as `scan code --write-baseline` makes it; entries count that say why. Its paths are below its own directory. Read at start.',
              ),
          }),
        )
        .default({})
        .describe(
          'What happens to calls that would write or run code in which something is found, by tool group; without a line: `ask` from `high`.',
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
      slack: slackSchema.optional(),
    })
    .prefault({}),
  presence: presenceSchema,
  alerts: alertsSchema,
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
  policy: z
    .strictObject({
      retention: duration.default(90 * 86_400_000),
      fourEyes: z
        .boolean()
        .default(false)
        .describe(
          'A draft that would allow more, an older policy or a change that waits too, comes into force when two people have agreed to it, not one.',
        ),
    })
    .prefault({}),
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
  budgets: budgetsSchema,
  egress: egressSchema,
  registries: registriesSchema,
  credentials: credentialsSchema,
  vault: vaultSchema,
  metrics: metricsSchema,
  health: healthSchema,
  skills: skillsSchema,
  surfaces: surfacesSchema,
  security: securitySchema,
  acknowledgeInsecure: z
    .record(z.string(), acknowledgement)
    .default({})
    .describe('Setting path → who accepted it, why, until when.'),
})

export type Config = z.infer<typeof configSchema>
