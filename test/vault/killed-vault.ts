import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock as clock } from '../../packages/gateway/src/clock.ts'
import { newKey, parseKeys, writeKeys } from '../../packages/gateway/src/custody/vault/master-keys.ts'
import { Vault } from '../../packages/gateway/src/custody/vault/vault.ts'
import { openVersions } from '../../packages/gateway/src/custody/vault/versions.ts'
import { systemRandom as random } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'

/** A vault on a real store with its log, in a directory that outlives the process. */
export async function openKilled(directory: string) {
  const [keyFile, master] = [join(directory, 'checkpoint.key'), join(directory, 'vault.keys')]
  if (!existsSync(keyFile))
    writeFileSync(keyFile, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
  if (!existsSync(master)) writeKeys(master, [newKey(random)])
  const mac = createHash('sha256').update('a test').digest()
  const checkpointKey = createPrivateKey(readFileSync(keyFile)).export({ type: 'pkcs8', format: 'der' })
  const path = join(directory, 'state.db')
  const store = await openStore({ driver: 'sqlite', path }, { mac, checkpointKey, origin: 'killed.test/vault' }, clock)
  const vault = await Vault.open({
    ...{ store, clock, random, tagKey: mac, since: 0 },
    keys: parseKeys(readFileSync(master, 'utf8')),
    versions: openVersions(join(directory, 'vault.versions'), mac),
    async record(event) {
      const auditId = event.phase === 'outcome' ? event.change : random.uuid()
      const empty = { session: '', agent: '', tool: '', decision: '' }
      await store.append([{ ...empty, auditId, kind: 'credential', ts: clock.now(), body: JSON.stringify(event) }])
    },
    isRecorded: async (change) => (await store.readLog({ auditId: change, limit: 1 })).length > 0,
  })
  return { vault, store }
}
