import { CREDENTIAL_PRESETS, findSecrets, type CredentialPresetName } from '@sallyport/core'
import { z } from 'zod'
import { variable } from './parts.ts'

/** A name is read by people and goes into the log, so that a value must not stand there (HB-51). */
const isNoValue = (text: string): boolean =>
  findSecrets(`secret: ${text.slice(text.indexOf(':') + 1)}`, 'result').length === 0

const pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])+)+$/)
const injection = z
  .union([
    z.strictObject({ bearer: z.literal(true) }),
    z.strictObject({ header: z.string().regex(/^[a-z0-9-]{1,64}$/), prefix: z.string().max(32).default('') }),
    z.strictObject({ basic: z.string().max(64).describe('The user name.') }),
    z.strictObject({ query: z.string().min(1).max(64) }),
    z.strictObject({ cookie: z.string().regex(/^[\w-]{1,64}$/) }),
    z.strictObject({
      path: z.literal(true).describe('In the place of the placeholder; `{lease}` stands for it in `paths`.'),
    }),
    z.strictObject({ json: pointer.describe('A JSON pointer to the member that holds the placeholder.') }),
    z.strictObject({ form: z.string().min(1).max(64).describe('A field of `application/x-www-form-urlencoded`.') }),
    z.strictObject({
      sigv4: z.strictObject({
        region: z.string().regex(/^[a-z0-9-]{1,32}$/),
        service: z.string().regex(/^[a-z0-9-]{1,32}$/),
      }),
    }),
  ])
  .describe(
    'Where the value goes in a request; whatever the client says there of itself is taken out. With `sigv4` the value is JSON with accessKeyId, secretAccessKey and perhaps sessionToken, and requests are signed anew with it.',
  )

const PRESETS = Object.keys(CREDENTIAL_PRESETS) as [CredentialPresetName, ...CredentialPresetName[]]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const methods = z.array(z.enum(METHODS)).min(1)
const paths = z.array(z.string().startsWith('/')).min(1)
const permission = z.string().regex(/^[a-z][a-z0-9_-]{0,31}:[a-z][a-z0-9_.-]{0,63}$/)

const constraints = z
  .strictObject({
    maxBodyBytes: z
      .int()
      .min(0)
      .max(1 << 26)
      .optional()
      .describe('Default: 4 MiB for a body that has to be read before it goes on, no limit for any other.'),
    noAttachmentUpload: z.boolean().default(false).describe('Bodies are JSON or forms without files.'),
    contentTypes: z
      .array(z.string().regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/))
      .min(1)
      .optional(),
    query: z.array(z.string().min(1).max(128)).optional().describe('Members that the query may have.'),
    recipients: z
      .strictObject({
        at: z.array(pointer).min(1).describe('Where they stand: JSON pointers, `*` for each element of a list.'),
        allow: z
          .array(z.string().regex(/^[^\s@]+@[^\s@]+$/))
          .min(1)
          .describe('`ana@example.com` or `*@example.com`.'),
      })
      .optional(),
  })
  .describe('What a request may say beyond where it goes; one that says more is denied.')

const credential = z
  .strictObject({
    preset: z
      .enum(PRESETS)
      .optional()
      .describe('A well-known API: gives `base`, `inject`, `methods`, `paths` and `env` where they are not set.'),
    secret: z
      .string()
      .regex(
        /^(?:[a-z0-9][a-z0-9._-]{0,63}|(?:env|hashicorp|aws|supabase|oauth|injector):[^\s]{1,512})$/,
        'the name of a value in the vault, or where else it lies',
      )
      .refine(
        isNoValue,
        'a value stands where its name belongs: replace it there, and keep the new one with `vault set`',
      )
      .optional()
      .describe(
        'Name of the value in the vault, or `env:NAME`, `hashicorp:path#field`, `aws:id#member`, `supabase:NAME`, `oauth:CLIENT`, `injector:NAME`; default: the name of the credential.',
      ),
    category: z
      .enum(['read', 'write', 'external'])
      .describe(
        'What it is for, with a value of its own for each (HB-64); `read` has GET, HEAD and OPTIONS alone, or what its preset has.',
      ),
    agents: z
      .array(z.string().regex(/^(server:)?[a-z0-9][a-z0-9._-]{0,63}$/))
      .min(1)
      .optional()
      .describe('Agents, and servers as `server:NAME`, whose requests get it.'),
    scope: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,63}_(?:skill|server|agent)_only$/)
      .optional()
      .describe(
        'The same for one holder: `mailer_skill_only` is `server:mailer`, `coder_agent_only` is `coder`. With `agents` both have to hold.',
      ),
    base: z
      .url({ protocol: /^https$/ })
      .describe('Where its requests go. Inside of a sandbox they are sent to `${base:NAME}`, which leads there.'),
    methods: methods.optional().describe('Default: those of `operations`, or else GET and HEAD.'),
    paths: paths
      .optional()
      .describe('`/repos/acme/**` whatever is below, `*` one segment. Default: those of `operations`, or else all.'),
    operations: z
      .record(permission, z.strictObject({ methods, paths }))
      .optional()
      .describe('Names for what may be done: `send:email` is POST to `/v1/messages`.'),
    permissions: z
      .array(permission)
      .min(1)
      .optional()
      .describe('Names of `operations` that it may be used for; a request that is none of them is denied.'),
    expiry: z
      .string()
      .regex(/^(?:[1-9]\d{0,3}[dhm]|\d{4}-\d{2}-\d{2})$/)
      .optional()
      .describe(
        'When it is lent no more, whatever its value says: a time after the value was set (`30d`, `12h`), or a day.',
      ),
    constraints: constraints.optional(),
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
  .refine(({ agents, scope }) => agents !== undefined || scope !== undefined, 'it needs `agents` or `scope`')
  .refine(
    ({ permissions = [], operations = {} }) => permissions.every((name) => Object.hasOwn(operations, name)),
    'each of `permissions` needs an entry under `operations`',
  )
  .refine(
    ({ operations, permissions }) => operations === undefined || permissions !== undefined,
    '`operations` need `permissions`',
  )
  .refine(
    ({ category, preset, methods: given = [], operations = {} }) =>
      category !== 'read' ||
      [given, ...Object.values(operations).map((operation) => operation.methods)]
        .flat()
        .every((method) => SAFE.has(method) || (preset !== undefined && isOfPreset(preset, method))),
    'what is for reading has GET, HEAD and OPTIONS alone, or what its preset has; `category: write` or `external` has the others',
  )
  .refine(
    (one) => !('path' in one.inject) || pathsOf(one).every((path) => path.split('{lease}').length === 2),
    'with `inject: { path: true }` each of its paths has `{lease}` once, where the value goes',
  )
  .refine(
    ({ inject, secret = '' }) => !('sigv4' in inject && secret.startsWith('injector:')),
    'a service under `vault.injector` does not sign for AWS: keep the key in the vault',
  )
  .refine(
    ({ expiry = '', secret = '' }) => !(/[dhm]$/.test(expiry) && secret.includes(':')),
    'when a value of another store was set is not known: give `expiry` as a day',
  )

/** HTTP's safe methods (RFC 9110 section 9.2.1). */
const SAFE = new Set<string>(['GET', 'HEAD', 'OPTIONS'])
/** Some APIs are read with POST: `git clone` is. */
const isOfPreset = (preset: CredentialPresetName, method: string): boolean =>
  (CREDENTIAL_PRESETS[preset].methods as readonly string[]).includes(method)

/** What a credential is for, where `operations` may say it. */
const pathsOf = ({ paths, operations }: Given): readonly string[] =>
  paths ?? Object.values(operations ?? { all: { paths: ['/**'] } }).flatMap((operation) => operation.paths)

interface Given {
  readonly paths?: readonly string[] | undefined
  readonly operations?: Readonly<Record<string, { readonly paths: readonly string[] }>> | undefined
}

/** `credentials`: what is put into requests. */
export const credentialsSchema = z
  .record(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/), credential)
  .refine(
    (all) =>
      new Set(Object.entries(all).map(([name, { secret = name, category }]) => `${secret} ${category}`)).size ===
      new Set(Object.entries(all).map(([name, { secret = name }]) => secret)).size,
    'each category needs a value of its own (`secret`): one that is for reading should not be able to send',
  )
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
    injector: z
      .strictObject({ url: z.url({ protocol: /^https?$/ }), token: login })
      .optional()
      .describe('A service that keeps values itself and says what to change in a request: `examples/injector`.'),
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
    rotation: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe(
            'Tokens of `oauth` are replaced by themselves; for all other values somebody is told when it is time.',
          ),
        rotateAtPercentage: z.int().min(1).max(99).default(75).describe('Of its life, when a value is due.'),
        gracePeriodSeconds: z
          .int()
          .min(0)
          .max(3_600)
          .default(300)
          .describe(
            'What is on its way with a value that was replaced may go on so long, and for a tenth of its life at most.',
          ),
        maxRetries: z.int().min(1).max(100).default(3).describe('Failures in a row before somebody is told.'),
      })
      .prefault({})
      .describe('How values are replaced (SEC-4.3).'),
    alerts: z
      .strictObject({
        maxFailedAttempts: z.number().int().min(1).default(5),
        alertOnNewIdentity: z.boolean().default(true),
        alertOnNewLocation: z.boolean().default(true).describe('When it is used from another workspace than before.'),
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
