import { existsSync } from 'node:fs'
import { canonicalJson, SallyportError, type Json, type JsonObject } from '@sallyport/core'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import { encryptFor } from './custody/vault/age.ts'
import { BACKUP, makeBackup, makerOf, secretsOf, type Backup } from './custody/vault/backup.ts'
import type { GatewayKeys } from './custody/keys.ts'
import { addKey, openMasterKeys, type KeySource } from './custody/vault/master-keys.ts'
import type { Vault } from './custody/vault/vault.ts'
import type { VaultKeepingDeps } from './ingress/api/vault-keeping-routes.ts'

export interface VaultKeeping {
  readonly vault: () => Promise<Vault>
  readonly source: KeySource
  /** Whether something was ever kept. */
  readonly isUsed: () => Promise<boolean>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly keys: Pick<GatewayKeys, 'identity' | 'gatewayId'>
  readonly clock: Clock
  readonly random: Random
  readonly evidence: EvidencePort
  readonly record: (body: JsonObject) => Parameters<EvidencePort['append']>[0][number]
  /** A value was replaced: what was got or lent with it ends. */
  readonly ended: (name: string) => void
}

/** Keys, backups and what comes back of them, for one gateway. */
export function createVaultKeeping(deps: VaultKeeping): VaultKeepingDeps['keeping'] {
  const { vault, source, isUsed, env, keys, clock, random, evidence, record, ended } = deps
  return {
    async init() {
      const made = placeOf(source)
      if (made === undefined)
        throw new SallyportError(
          'SP_VAULT_CONFLICT',
          `The master key comes from ${source.source} and is not the gateway's to make: \`sallyport vault init --out FILE\` makes one.`,
        )
      if (existsSync(made) || (await isUsed())) throw new SallyportError('SP_VAULT_CONFLICT', `${made} is in use.`)
      const { active } = await openMasterKeys(source, env, true, random)
      await vault()
      return { source: source.source, made, master: active.id }
    },
    async rewrap(withNewKey, by) {
      const kept = await vault()
      if (!withNewKey) return kept.rewrap(by)
      await addKey(source, random)
      return kept.changeKeys(await openMasterKeys(source, env, false, random), by)
    },
    rekey: async (by) => (await vault()).rekey(by),
    async backup(recipients, by) {
      const kept = await vault()
      const secrets = await kept.export()
      try {
        const backup = makeBackup(secrets, keys.identity, clock.now())
        const file = await encryptFor(recipients, canonicalJson(backup as unknown as Json))
        const names = secrets.map(({ name }) => name)
        const about = { recipients: [...recipients], names }
        await evidence.append([record({ operation: 'backup', success: true, requestingIdentity: by, ...about })])
        return { file, names, refused: [...kept.lost], gateway: keys.gatewayId }
      } finally {
        for (const { value } of secrets) value.fill(0)
      }
    },
    look: (given) => {
      const backup = backupOf(given)
      return { gateway: makerOf(backup), names: backup.secrets.map(({ name }) => name) }
    },
    async restore(given, replace, by) {
      const backup = backupOf(given)
      const secrets = secretsOf(backup)
      try {
        const reason = `backup of ${new Date(backup.createdAt).toISOString()} by gateway ${makerOf(backup)}`
        const done = await (await vault()).restore(secrets, { replace, by, reason })
        for (const name of done.restored) ended(name)
        return done as unknown as JsonObject
      } finally {
        for (const { value } of secrets) value.fill(0)
      }
    },
  }
}

/** Where what the gateway makes itself lies. */
const placeOf = (source: KeySource): string | undefined =>
  'path' in source ? source.path : 'salt' in source ? source.salt : undefined

function backupOf(given: unknown): Backup {
  const read = BACKUP.safeParse(given)
  // nothing of it is quoted: there are values in it
  if (!read.success) throw new SallyportError('SP_VAULT_INVALID', 'That is no backup of a vault.')
  return read.data
}
