import { createHash } from 'node:crypto'
import { canonicalJson, SallyportError, type JsonObject } from '@sallyport/core'
import { z } from 'zod'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { Route } from './route.ts'

/** A backup that was decrypted: its form is judged by who keeps it. */
interface OpenedBackup {
  /** Name of the gateway that made it. */
  readonly gateway: string
  readonly names: readonly string[]
}

export interface VaultKeepingDeps {
  readonly keeping: {
    init(): Promise<JsonObject>
    /** @returns how many values were put under the key in use */
    rewrap(newKey: boolean, by: string): Promise<number>
    rekey(by: string): Promise<number>
    backup(recipients: readonly string[], by: string): Promise<JsonObject>
    /** @throws SallyportError SP_VAULT_INVALID */
    look(backup: unknown): OpenedBackup
    restore(backup: unknown, replace: boolean, by: string): Promise<JsonObject>
  }
  readonly presence: PresencePort
}

const PROVED = z.strictObject({ proof: PROOF }).optional()
const REWRAP = z.strictObject({ newKey: z.boolean().default(false), proof: PROOF }).prefault({})
const BACKUP = z.strictObject({ recipients: z.array(z.string().max(4_096)).min(1).max(20), proof: PROOF })
const RESTORE = z.strictObject({
  replace: z.boolean(),
  /** Binds the proof to the values without showing them to anybody. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  backup: z.looseObject({}),
  proof: PROOF,
})

/** What keeps the vault as a whole: its keys, backups, and what comes back of them. All of it needs presence once there is an operator. */
export function vaultKeepingRoutes({ keeping, presence }: VaultKeepingDeps): Route[] {
  const base = { method: 'POST', plane: 'operator', scope: 'admin', presence: 'route' } as const
  const prove = (act: string, payload: JsonObject, proof: z.infer<typeof PROOF>): Promise<string> =>
    requirePresence(presence, `vault.${act}`, payload, proof, 'free')
  return [
    {
      ...base,
      path: '/api/v1/vault/init',
      summary:
        'Make the master key that `vault.key` names, where there is none. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        await prove('init', {}, readAs(PROVED, body)?.proof)
        return { status: 201, body: await keeping.init() }
      },
    },
    {
      ...base,
      path: '/api/v1/vault/rewrap',
      summary:
        'Put all values under the master key in use, or under a {newKey}. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        const { newKey, proof } = readAs(REWRAP, body ?? {})
        const by = await prove('rewrap', newKey ? { newKey } : {}, proof)
        return { status: 200, body: { changed: await keeping.rewrap(newKey, by) } }
      },
    },
    {
      ...base,
      path: '/api/v1/vault/rekey',
      summary: 'Encrypt all values anew. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        const by = await prove('rekey', {}, readAs(PROVED, body)?.proof)
        return { status: 200, body: { changed: await keeping.rekey(by) } }
      },
    },
    {
      ...base,
      path: '/api/v1/vault/backup',
      summary: 'All values as a file that only {recipients} (age) can open. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        const { recipients, proof } = readAs(BACKUP, body)
        const by = await prove('backup', { recipients }, proof)
        return { status: 200, body: await keeping.backup(recipients, by) }
      },
    },
    {
      ...base,
      path: '/api/v1/vault/restore',
      summary:
        'Take the values of a {backup} over; what is in the way is replaced with {replace} and else refuses the whole. Free until the gateway has an operator.',
      handle: async ({ body }) => {
        const { backup, proof, ...asked } = readAs(RESTORE, body)
        const { gateway, names } = keeping.look(backup)
        const digest = createHash('sha256')
          .update(asked.salt)
          .update(canonicalJson(backup as JsonObject))
          .digest('hex')
        if (digest !== asked.digest) throw new SallyportError('SP_VAULT_INVALID', 'The digest is of another backup.')
        const by = await prove('restore', { ...asked, gateway, names: [...names] }, proof)
        return { status: 200, body: await keeping.restore(backup, asked.replace, by) }
      },
    },
  ]
}
