import { createHash } from 'node:crypto'
import { CREDENTIAL_TYPES, judgeLifetime, SallyportError, type CredentialType, type JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

/** What may be known of a credential; never its value. */
interface SecretView {
  readonly name: string
  readonly type: CredentialType
  readonly createdAt: number
  readonly expiresAt: number
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
    revoke(which: (lease: LeaseView) => boolean): number
    retire(which: (lease: LeaseView) => boolean, lived: Pick<SecretView, 'createdAt' | 'expiresAt'>): number
  }
  /** Which credentials of the configuration use a value. */
  readonly usedBy: (secret: string) => readonly string[]
  /** Credentials with values of other stores, and whether an end of theirs is known. */
  readonly elsewhere: () => readonly { readonly name: string; readonly secret: string; readonly isBounded: boolean }[]
  /** When a credential of the configuration was used last, ms since 1970; 0: never. */
  readonly lastUsed: (credential: string) => Promise<number>
  /** Forgets what was got with a value. */
  readonly changed: (secret: string) => void
  readonly presence: PresencePort
}

/** Seconds. */
const DAY = 86_400
const NAME = z.string().max(64)
const SET = z.strictObject({
  name: NAME,
  type: z.enum(CREDENTIAL_TYPES),
  ttl: z.int().min(1).optional(),
  /** Somebody else has the old value: what is on its way with it is cut. */
  compromised: z.literal(true).optional(),
  /** Binds the proof to the value without showing it to anybody. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  value: z.base64().max(90_000),
  proof: PROOF,
})
const REASON = z.strictObject({ reason: z.string().max(500).default('') }).prefault({})
/** `/api/v1/vault`: values go in and never out; narrowing is free, everything else needs presence. */
export function vaultRoutes({
  vault,
  leases,
  usedBy,
  elsewhere,
  lastUsed,
  changed,
  presence,
}: VaultRoutesDeps): Route[] {
  /** What was lent of a value ends with it. @returns how many leases */
  const endOf = (name: string): number => {
    changed(name)
    return leases.revoke(({ credential }) => usedBy(name).includes(credential))
  }
  /** What is on its way with a value that was replaced may come to its end (AC-4.3.2). */
  const retire = (name: string, before: SecretView): void => {
    changed(name)
    leases.retire(({ credential }) => usedBy(name).includes(credential), before)
  }
  const lastUsedOf = async (name: string): Promise<number> =>
    Math.max(0, ...(await Promise.all(usedBy(name).map(lastUsed))))
  const base = { plane: 'operator', scope: 'admin' } as const
  const nameOf = ({ params }: ApiRequest): string => params['name'] ?? ''
  return [
    {
      method: 'GET',
      path: '/api/v1/vault',
      plane: 'operator',
      scope: 'read',
      summary:
        'Names of values in the vault, of those that are refused, and of credentials with values elsewhere; never a value.',
      handle: async () => {
        const kept = await vault()
        const secrets = await kept.list()
        const used = await Promise.all(secrets.map(({ name }) => lastUsedOf(name)))
        return {
          status: 200,
          body: {
            secrets: secrets.map((each, n) => ({ ...each, usedBy: usedBy(each.name), lastUsedAt: used[n] ?? 0 })),
            refused: kept.lost.filter((name) => !secrets.some((each) => each.name === name)),
            elsewhere: await Promise.all(
              elsewhere().map(async (each) => ({ ...each, lastUsedAt: await lastUsed(each.name) })),
            ),
          },
        }
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
          const before = (await kept.list()).find((each) => each.name === name)
          const info = await kept.set(name, bytes, given, by)
          if (asked.compromised === true || before === undefined) endOf(name)
          else retire(name, before)
          const judged = judgeLifetime(type, (info.expiresAt - info.createdAt) / 1_000)
          const warning = judged.kind === 'warn' ? { warning: `It lives longer than ${judged.most / DAY} days.` } : {}
          return { status: 201, body: { ...info, ...warning } }
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
        const info = await (await vault()).revoke(name, request.principal.id, reason)
        return { status: 200, body: { ...info, ended: endOf(name) } }
      },
    },
  ]
}
