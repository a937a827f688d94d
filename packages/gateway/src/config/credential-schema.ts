import { CREDENTIAL_PRESETS, type CredentialPresetName } from '@sallyport/core'
import { z } from 'zod'
import { variable } from './parts.ts'

const injection = z
  .union([
    z.strictObject({ bearer: z.literal(true) }),
    z.strictObject({ header: z.string().regex(/^[a-z0-9-]{1,64}$/), prefix: z.string().max(32).default('') }),
    z.strictObject({ basic: z.string().max(64).describe('The user name.') }),
    z.strictObject({ query: z.string().min(1).max(64) }),
    z.strictObject({ cookie: z.string().regex(/^[\w-]{1,64}$/) }),
  ])
  .describe('Where the value goes in a request; whatever the client says there of itself is taken out.')

const PRESETS = Object.keys(CREDENTIAL_PRESETS) as [CredentialPresetName, ...CredentialPresetName[]]

const credential = z
  .strictObject({
    preset: z
      .enum(PRESETS)
      .optional()
      .describe('A well-known API: gives `base`, `inject`, `methods`, `paths` and `env` where they are not set.'),
    secret: z
      .string()
      .regex(/^(?:[a-z0-9][a-z0-9._-]{0,63}|(?:env|hashicorp|aws|supabase|oauth):[^\s]{1,512})$/)
      .optional()
      .describe(
        'Name of the value in the vault, or `env:NAME`, `hashicorp:path#field`, `aws:id#member`, `supabase:NAME`, `oauth:CLIENT`; default: the name of the credential.',
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
        'Variables of its agents and, where they do not set them themselves, its servers: a placeholder, or the URL that requests are sent to.',
      ),
  })
  .refine(({ preset, inject }) => preset !== 'aws' || 'sigv4' in inject, {
    path: ['inject'],
    message: 'With the preset `aws` requests are signed: `inject` is { sigv4: { region, service } }.',
  })

/** `credentials`: what is put into requests. */
export const credentialsSchema = z
  .record(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/), credential)
  .default({})
  .describe(
    'Credentials that are put into requests of confined agents and servers by the gateway; their values are in the vault.',
  )

const login = z.union([z.strictObject({ env: variable }), z.strictObject({ file: z.string().startsWith('/') })])
const region = z.string().regex(/^[a-z0-9-]{1,32}$/)
const hashicorp = z.strictObject({
  address: z.url({ protocol: /^https?$/ }),
  mount: z.string().default('secret'),
  namespace: z.string().optional(),
  token: login,
})

const keyService = z.union([
  z.strictObject({
    aws: z.strictObject({ keyId: z.string().min(1).max(2_048), region, endpoint: z.url().optional() }),
  }),
  z.strictObject({
    hashicorp: hashicorp.extend({ mount: z.string().default('transit'), key: z.string().min(1).max(256) }),
  }),
])

/** `vault`: where values come from. */
export const vaultSchema = z
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
        z.strictObject({ source: z.literal('kms'), service: keyService }),
      ])
      .prefault({ source: 'file' })
      .describe(
        'Where the master keys of the vault come from; `file` is made when there is none. With `kms` a service opens them at start, AWS KMS or the transit engine of HashiCorp Vault or OpenBao; not verified against a live server.',
      ),
    backends: z
      .strictObject({
        hashicorp: hashicorp
          .optional()
          .describe('HashiCorp Vault or OpenBao, KV version 2; not verified against a live server.'),
        aws: z
          .strictObject({ region, endpoint: z.url().optional() })
          .optional()
          .describe(
            'AWS Secrets Manager, with the key in the environment of the gateway; not verified against a live server.',
          ),
        supabase: z
          .strictObject({
            url: login.describe('Where `postgresql://user:password@host:port/database` is.'),
          })
          .optional()
          .describe('Supabase Vault, in its PostgreSQL; not verified against a live server.'),
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
  .describe('Values that agents never hold.')
