import { createHash } from 'node:crypto'
import { CREDENTIAL_TYPES, SallyportError, type CredentialType, type JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { LOCAL_OPERATOR } from './guard-request.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

/** What may be known of a credential; never its value. */
interface SecretView {
  readonly name: string
  readonly type: CredentialType
}
interface LeaseView {
  readonly credential: string
  readonly holder: string
}

export interface VaultRoutesDeps {
  readonly vault: () => Promise<{
    /** Names whose rows are refused. */
    readonly lost: readonly string[]
    list(): Promise<readonly SecretView[]>
    info(name: string): Promise<SecretView>
    set(
      name: string,
      value: Uint8Array,
      given: { readonly type: CredentialType; readonly ttl?: number },
      by: string,
    ): Promise<SecretView>
    revoke(name: string, by: string, reason: string): Promise<SecretView>
  }>
  readonly leases: {
    leases(): readonly LeaseView[]
    revoke(which: (lease: LeaseView) => boolean): number
  }
  /** Which credentials of the configuration use a value. */
  readonly usedBy: (secret: string) => readonly string[]
  /** Forgets what was got with a value. */
  readonly changed: (secret: string) => void
  readonly presence: PresencePort
  readonly note: (event: string, body: JsonObject) => Promise<void>
}

const NAME = z.string().max(64)
const SET = z.strictObject({
  name: NAME,
  type: z.enum(CREDENTIAL_TYPES),
  ttl: z.int().min(1).optional(),
  /** Binds the proof to the value without showing it to anybody. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  value: z.base64().max(90_000),
  proof: PROOF,
})
const REASON = z.strictObject({ reason: z.string().max(500).default('') }).prefault({})
const REVOKE = z.union([
  z.strictObject({ credential: NAME, reason: z.string().max(500).default('') }),
  z.strictObject({ holder: z.string().max(80), reason: z.string().max(500).default('') }),
  z.strictObject({ all: z.literal(true), reason: z.string().max(500).default('') }),
])

/** `/api/v1/vault` and `/api/v1/leases`: values go in and none comes out; narrowing is free, everything else needs presence. */
export function vaultRoutes({ vault, leases, usedBy, changed, presence, note }: VaultRoutesDeps): Route[] {
  /** What was lent of a value ends with it. @returns how many leases */
  const endOf = (name: string): number => {
    changed(name)
    return leases.revoke(({ credential }) => usedBy(name).includes(credential))
  }
  const base = { plane: 'operator', scope: 'admin' } as const
  const nameOf = ({ params }: ApiRequest): string => params['name'] ?? ''
  return [
    {
      method: 'GET',
      path: '/api/v1/vault',
      plane: 'operator',
      scope: 'read',
      summary: 'Names of values in the vault with type, version and end, and of those that are refused; never a value.',
      handle: async () => {
        const kept = await vault()
        const secrets = (await kept.list()).map((each) => ({ ...each, usedBy: usedBy(each.name) }))
        const refused = kept.lost.filter((name) => !secrets.some((each) => each.name === name))
        return { status: 200, body: { secrets, refused } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/vault/:name',
      plane: 'operator',
      scope: 'read',
      summary: 'What may be known of one value.',
      handle: async (request) => {
        const info = await (await vault()).info(nameOf(request))
        return { status: 200, body: { ...info, usedBy: usedBy(info.name) } }
      },
    },
    {
      ...base,
      method: 'POST',
      path: '/api/v1/vault',
      presence: 'route',
      summary: 'Keep {value} (base64) under {name}, or replace it. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        const { proof, value, ...asked } = readAs(SET, body)
        const bytes = Buffer.from(value, 'base64')
        try {
          const digest = createHash('sha256').update(asked.salt).update(bytes).digest('hex')
          if (digest !== asked.digest) throw new SallyportError('SP_VAULT_INVALID', 'The digest is of another value.')
          const by = await requirePresence(presence, 'vault.set', asked as unknown as JsonObject, proof, 'free')
          const { name, type, ttl } = asked
          const kept = await vault()
          const given = { type, ...(ttl === undefined ? {} : { ttl }) }
          const info = await kept.set(name, bytes, given, by)
          endOf(name)
          return { status: 201, body: { ...info } }
        } finally {
          bytes.fill(0)
        }
      },
    },
    {
      ...base,
      method: 'POST',
      path: '/api/v1/vault/:name/revoke',
      presence: 'free',
      summary: 'End a value for good and cut what is on its way with it. Free, because it only takes rights away.',
      handle: async (request) => {
        const name = nameOf(request)
        const { reason } = readAs(REASON, request.body ?? {})
        const info = await (await vault()).revoke(name, LOCAL_OPERATOR.id, reason)
        return { status: 200, body: { ...info, ended: endOf(name) } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/leases',
      plane: 'operator',
      scope: 'read',
      summary: 'Who may have which credential put into requests now, and how often that was done.',
      handle: () => Promise.resolve({ status: 200, body: { leases: leases.leases().map((each) => ({ ...each })) } }),
    },
    {
      ...base,
      method: 'POST',
      path: '/api/v1/leases/revoke',
      presence: 'free',
      summary:
        'End the leases of {credential}, of {holder}, or {all}, and cut what is on its way. Free: it only narrows.',
      handle: async ({ body }) => {
        const asked = readAs(REVOKE, body)
        const ended = leases.revoke((lease) =>
          'all' in asked
            ? true
            : 'holder' in asked
              ? lease.holder === asked.holder
              : lease.credential === asked.credential,
        )
        await note('leases.revoked', { ...asked, ended })
        return { status: 200, body: { ended } }
      },
    },
  ]
}
