import { EGRESS_PRESETS, type EgressPreset } from '@sallyport/core'
import { z } from 'zod'
import { acknowledgement, duration } from './parts.ts'

const method = z.string().regex(/^[A-Z]{1,20}$/, 'a method in upper case')
const level = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
const pattern = z.string().min(1).max(256)

const shape = z
  .strictObject({
    methods: z.array(method).min(1).optional(),
    paths: z
      .array(z.string().startsWith('/'))
      .min(1)
      .optional()
      .describe('`/repos/acme/**` whatever is below, `*` one segment.'),
    query: z
      .record(z.string(), z.array(pattern).min(1))
      .optional()
      .describe('Members of the query and their values, `*` for any characters; others are not of this request.'),
    types: z
      .array(z.string().regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/))
      .min(1)
      .optional()
      .describe('Media types of bodies.'),
    graphql: z
      .strictObject({
        operations: z.array(z.enum(['query', 'mutation', 'subscription'])).min(1),
        fields: z.array(pattern).min(1).optional().describe('Fields at the top, `*` for any characters.'),
      })
      .optional(),
    mcp: z
      .strictObject({
        methods: z.array(pattern).min(1),
        tools: z.array(pattern).min(1).optional().describe('Names of tools for `tools/call`.'),
      })
      .optional(),
  })
  .refine((value) => Object.keys(value).length > 0, 'say what such a request looks like')

/** One rule of egress. */
export const egressRule = z
  .strictObject({
    preset: z
      .enum(Object.keys(EGRESS_PRESETS) as [EgressPreset, ...EgressPreset[]])
      .optional()
      .describe('Hosts and requests of a well-known service; what else is given here replaces its own.'),
    agents: z
      .array(z.string().regex(/^(server:)?[a-z0-9][a-z0-9._-]{0,63}$/))
      .min(1)
      .optional()
      .describe('Agents, and servers as `server:NAME`; absent: everyone with a way out.'),
    hosts: z.array(z.string()).min(1).optional().describe('`host`, `host:port` or `*.domain`; port 443 by itself.'),
    allow: z
      .array(shape)
      .min(1)
      .optional()
      .describe('Requests that may pass, one of these. Without `allow` and `deny` nothing is looked into.'),
    deny: z.array(shape).min(1).optional().describe('Requests that may not, whatever allows them.'),
    credentials: z
      .enum(['strip', 'refuse', 'client'])
      .optional()
      .describe(
        'What the client says of who it is: taken out (default), refused, or sent on for its own account there.',
      ),
    secrets: z
      .enum(['refuse', 'mask', 'record'])
      .optional()
      .describe('Requests with secrets in them: refused (default), sent with the secrets masked, or only recorded.'),
    bodyBytes: z
      .number()
      .int()
      .min(1)
      .max(268_435_456)
      .optional()
      .describe('Longest body of a request, which is read whole; default 4 MiB.'),
    confidentiality: level
      .optional()
      .describe(
        'Most that the session of an agent may have read (0 public … 3 secret) whose requests pass by this rule; default 3.',
      ),
    integrity: level
      .optional()
      .describe(
        'What is read there is worth to the session of an agent (0 hostile, 1 untrusted … 3 trusted); default 3, which leaves its label as it is.',
      ),
  })
  .refine(
    ({ preset, allow, deny, confidentiality, integrity }) =>
      (confidentiality ?? integrity) === undefined || (preset ?? allow ?? deny) !== undefined,
    'labels are for rules that look into requests: give `allow` or `deny`',
  )
  .refine(({ preset, hosts }) => preset !== undefined || hosts !== undefined, 'give `hosts` or a `preset`')

export const ruleName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)

const limit = z
  .strictObject({
    window: duration.default(60_000).describe('In any while of this length.'),
    requests: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Requests that are looked into, and tunnels that are not.'),
    bytes: z.number().int().positive().optional().describe('Both ways, to and from the host.'),
    longest: duration.optional().describe('Longest that one request or tunnel may take.'),
  })
  .refine(({ window }) => window >= 100 && window <= 2_678_400_000, 'a window is from 100ms to 31d')
  .refine(({ longest }) => longest === undefined || (longest > 0 && longest < 2 ** 31), 'the longest is up to 24d')
  .refine(({ requests, bytes, longest }) => (requests ?? bytes ?? longest) !== undefined, 'say what is limited')

/** Limits of who, where and in all. */
export const egressLimits = {
  agents: z
    .record(z.string().regex(/^(\*|(server:)?[a-z0-9][a-z0-9._-]{0,63})$/), limit)
    .default({})
    .describe('Agents, and servers as `server:NAME` → limit of each; `*`: of everyone alone, besides their own.'),
  hosts: z
    .record(z.string(), limit)
    .default({})
    .describe('`host`, `host:port` or `*.domain` → limit of all who go there, together.'),
  all: limit.optional().describe('Limit of everything that leaves.'),
}

/** `egress`: what may leave. */
export const egressSchema = z
  .strictObject({
    rules: z
      .record(ruleName, egressRule)
      .default({})
      .describe(
        'Hosts that agents and servers may reach besides those of their profiles, and what they may ask there.',
      ),
    files: z
      .array(z.string())
      .default([])
      .describe(
        'Files with `rules` and `blocked` like here, or with `allowed_domains` and `blocked_ranges`; read again when they change.',
      ),
    listen: z
      .string()
      .regex(/^(?:127\.0\.0\.1|\[::1\]):\d{1,5}$/, 'an address of the loopback with a port, like 127.0.0.1:3129')
      .optional()
      .describe(
        'Where agents outside of sandboxes find a way out, as `http://NAME:KEY@127.0.0.1:3129`; it protects who uses it and holds nobody.',
      ),
    blocked: z.array(z.string()).default([]).describe('Hosts that nobody reaches, whatever allows them.'),
    unknown: z
      .enum(['ask', 'refuse'])
      .default('ask')
      .describe('A host that no list names: a person is asked, or it is refused at once.'),
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
        ...egressLimits,
      })
      .prefault({})
      .describe(
        'Requests and tunnels that may be asked for, per agent or server, and limits on those that leave (HB-89). What is over one is refused and recorded.',
      ),
    authorities: z
      .array(z.string())
      .default([])
      .describe('PEM files with certificates of own authorities, besides those of Node.'),
  })
  .prefault({})
