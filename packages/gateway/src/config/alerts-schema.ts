import { z } from 'zod'
import { duration } from './parts.ts'

const url = z.url({ protocol: /^https?$/ })
const host = z.string().min(1).max(253)
const port = z.int().min(1).max(65_535)
const hour = z.int().min(0).max(23)
const address = z
  .string()
  .regex(/^[^\s@<>",;]+@[^\s@<>",;]+$/, 'an address like oncall@example.com')
  .max(254)
const isLocal = (name: string): boolean => name === 'localhost' || name === '127.0.0.1' || name === '::1'

const webhook = z
  .strictObject({
    type: z.literal('webhook'),
    url,
    secret: z.string().min(32).describe('Shared secret, as ${env:NAME}: signs each message.'),
  })
  .describe('JSON over HTTP, signed (docs/guides/alerts.md).')
const slack = z
  .strictObject({ type: z.literal('slack'), url: url.describe('Holds a secret: give it as ${env:NAME}.') })
  .describe('An incoming webhook of Slack, Mattermost or Rocket.Chat.')
const email = z
  .strictObject({
    type: z.literal('email'),
    host,
    port: port.default(587),
    tls: z
      .enum(['starttls', 'implicit', 'off'])
      .default('starttls')
      .describe('`starttls` and `implicit` refuse a server without a valid certificate; `off` only to this machine.'),
    user: z.string().max(254).optional(),
    password: z.string().max(1_024).optional().describe('As ${env:NAME}.'),
    from: address,
    to: z.array(address).min(1).max(20),
  })
  .refine(({ tls, host: at }) => tls !== 'off' || isLocal(at), '`tls: off` only to this machine')
  .refine(({ user, password }) => (user === undefined) === (password === undefined), 'give `user` and `password` both')
const syslog = z
  .strictObject({
    type: z.literal('syslog'),
    protocol: z.enum(['udp', 'tcp', 'tls', 'unix']).default('udp').describe('`unix` is a stream socket.'),
    host: host.optional(),
    port: port.optional().describe('Default 514, with TLS 6514.'),
    path: z.string().startsWith('/').optional(),
    facility: z
      .enum(['user', 'daemon', 'auth', 'authpriv', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5'])
      .default('local0'),
  })
  .refine(
    ({ protocol, host: at, path }) => (protocol === 'unix' ? path !== undefined && !at : at !== undefined && !path),
    '`unix` has a `path`, everything else a `host`',
  )
  .describe('RFC 5424.')
const ocsf = z
  .strictObject({
    type: z.literal('ocsf'),
    url: url.optional(),
    token: z.string().min(8).optional().describe('Sent as a bearer, as ${env:NAME}.'),
    file: z.string().startsWith('/').optional().describe('A file that findings are appended to, one a line.'),
  })
  .refine((sink) => (sink.url === undefined) !== (sink.file === undefined), 'give one of `url` and `file`')
  .describe('OCSF Detection Finding (class 2004).')

const sink = z.discriminatedUnion('type', [webhook, slack, email, syslog, ocsf])
export type SinkConfig = z.infer<typeof sink>

export const alertsSchema = z
  .strictObject({
    onDeny: z
      .boolean()
      .default(true)
      .describe('Each denied call raises an alert before the denial is answered (`tools.policy.alertOnDeny`).'),
    sinks: z
      .record(
        z
          .string()
          .regex(/^[a-z0-9](?:-?[a-z0-9])*$/, 'a-z, 0-9 and single dashes')
          .max(32),
        sink,
      )
      .default({})
      .describe('Where alerts are told besides the log and the console, by name.'),
    routes: z
      .array(
        z.strictObject({
          severity: z.enum(['high', 'medium', 'low']).describe('`critical` goes to every sink, always.'),
          sinks: z.array(z.string()),
        }),
      )
      .default([])
      .describe(
        'Which sinks hear of which severity. Default: high goes to all but e-mail; medium to the log and the console, low to the log.',
      ),
    repeat: duration.default(3_600_000).describe('An alert that goes on is told again after so long, with its count.'),
    retention: duration.default(30 * 86_400_000).describe('How long resolved alerts are kept; the log keeps its own.'),
    delivery: z
      .strictObject({
        attempts: z
          .int()
          .min(1)
          .max(100)
          .default(12)
          .describe('After so many tries in vain a message is a dead letter.'),
        timeout: duration.default(10_000).describe('Longest a sink may take to answer.'),
        retry: duration.default(1_000).describe('Wait after a first failure; it doubles up to 15 minutes.'),
      })
      .prefault({}),
    digest: z
      .strictObject({
        every: duration.default(7 * 86_400_000).describe('0: never.'),
        severity: z
          .enum(['low', 'medium', 'high'])
          .default('low')
          .describe('`routes` says which sinks hear of it; low is in the log and the list of alerts alone.'),
      })
      .prefault({})
      .describe('A digest of the log: what was allowed, asked, denied and changed, and when somebody looked last.'),
    rules: z
      .strictObject({
        normalHours: z
          .strictObject({ start: hour, end: hour })
          .optional()
          .describe('Sign-ins outside of these hours of this machine raise an alert; absent: none does.'),
        reviewWithin: duration
          .default(7 * 86_400_000)
          .describe('An alert is raised when nobody looked into the log for so long; 0: never.'),
        canaries: z
          .strictObject({
            tools: z.array(z.string()).default([]),
            credentials: z.array(z.string()).default([]),
            hosts: z.array(z.string()).default([]),
          })
          .prefault({})
          .describe('Baits: tools, credentials and hosts that nobody has a reason to touch. Whoever does is critical.'),
      })
      .prefault({}),
  })
  .refine(
    ({ sinks, routes }) => routes.every((route) => route.sinks.every((name) => Object.hasOwn(sinks, name))),
    '`routes` names a sink that is not in `sinks`',
  )
  .prefault({})
  .describe('Alerts: what is told, to whom, and what counts as odd (docs/guides/alerts.md).')

export type AlertsConfig = z.infer<typeof alertsSchema>
