/**
 * Decrypting a value of the vault against the same two steps with `node:crypto` alone; replacing a value under 200 requests a second for
 * it, none of which may fail; and kill -9 while writing. `npm run bench -- vault [--rounds=N]`
 */
import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock as clock } from '../packages/gateway/src/clock.ts'
import { open, seal, type MasterKey } from '../packages/gateway/src/custody/vault/envelope.ts'
import { newKey } from '../packages/gateway/src/custody/vault/master-keys.ts'
import { Vault } from '../packages/gateway/src/custody/vault/vault.ts'
import { openVersions } from '../packages/gateway/src/custody/vault/versions.ts'
import { systemRandom as random } from '../packages/gateway/src/random.ts'
import { openStore } from '../packages/gateway/src/store/open.ts'
import { killRounds } from '../test/vault/kill-rounds.ts'

const RUNS = 7
const BATCH = 20_000
const LEAST = 0.5
const VALUE = randomBytes(48)
const SECONDS = 5
const PER_SECOND = 200
const REPLACED = 10
const KILLS = 200

const master: MasterKey = newKey(random)
const row = { name: 'github', version: 1 }
const envelope = seal(VALUE, row, master, random)
const find = (): MasterKey => master

function ours(): number {
  const started = performance.now()
  for (let n = 0; n < BATCH; n++) open(envelope, row, find).fill(0)
  return (BATCH * 1_000) / (performance.now() - started)
}

const aad = Buffer.from('sallyport/vault-value/1 github 1')
function box(
  plain: Uint8Array,
  key: Uint8Array,
): { readonly nonce: Buffer; readonly text: Buffer; readonly tag: Buffer } {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  return { nonce, text: Buffer.concat([cipher.update(plain), cipher.final()]), tag: cipher.getAuthTag() }
}
function unbox({ nonce, text, tag }: ReturnType<typeof box>, key: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(aad).setAuthTag(tag)
  return Buffer.concat([decipher.update(text), decipher.final()])
}
const dataKey = randomBytes(32)
const [wrapped, value] = [box(dataKey, master.key), box(VALUE, dataKey)]
function raw(): number {
  const started = performance.now()
  for (let n = 0; n < BATCH; n++) unbox(value, unbox(wrapped, master.key)).fill(0)
  return (BATCH * 1_000) / (performance.now() - started)
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** @returns requests that were made and that failed while the value was replaced again and again */
async function rotated(): Promise<{ readonly asked: number; readonly failed: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-bench-vault-'))
  const checkpointKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
  const keys = { mac: randomBytes(32), checkpointKey, origin: 'sallyport.bench/vault' }
  const store = await openStore({ driver: 'sqlite', path: join(directory, 'state.db') }, keys, clock)
  const vault = await Vault.open({
    ...{
      store,
      clock,
      random,
      tagKey: keys.mac,
      since: 0,
      record: async () => undefined,
      isRecorded: async () => true,
    },
    keys: { active: master, find, ids: [master.id] },
    versions: openVersions(join(directory, 'versions'), keys.mac),
  })
  await vault.set('github', VALUE, { type: 'api_key' }, 'bench')
  let [asked, failed] = [0, 0]
  const open: Promise<unknown>[] = []
  const ask = setInterval(() => {
    asked++
    open.push(vault.use('github', (bytes) => bytes.length).catch(() => failed++))
  }, 1_000 / PER_SECOND)
  for (let n = 0; n < REPLACED; n++) {
    await new Promise((resolve) => setTimeout(resolve, (SECONDS * 1_000) / REPLACED))
    await vault.set('github', randomBytes(48), { type: 'api_key' }, 'bench')
  }
  clearInterval(ask)
  await Promise.all(open)
  await store.close()
  rmSync(directory, { recursive: true, force: true })
  return { asked, failed }
}

/** Exit 1 when the ratio is missed, a request failed, or a kill left something that is not true. */
export async function run(args: readonly string[]): Promise<number> {
  ours()
  raw()
  const pairs = Array.from({ length: RUNS }, () => [ours(), raw()] as const)
  const ratio = median(pairs.map(([mine, theirs]) => mine / theirs))
  console.log(
    `${ratio >= LEAST ? 'ok  ' : 'MISS'} decrypted a second: ours ${median(pairs.map(([mine]) => mine)).toFixed(0)}, node:crypto ${median(pairs.map(([, theirs]) => theirs)).toFixed(0)}: ${ratio.toFixed(2)} (≥ ${LEAST}), ${RUNS} runs of ${BATCH}`,
  )
  const { asked, failed } = await rotated()
  console.log(
    `${failed === 0 ? 'ok  ' : 'MISS'} replaced ${REPLACED} times under load: ${failed} of ${asked} requests failed`,
  )
  const given = args.find((arg) => arg.startsWith('--rounds='))?.slice('--rounds='.length)
  const { rounds, acknowledged, recovered, faults } = await killRounds(Number(given ?? KILLS))
  console.log(
    `${faults.length === 0 ? 'ok  ' : 'MISS'} killed ${rounds} times while writing: opened each time, ${acknowledged} changes acknowledged, ${faults.length} faults, ${recovered} outcomes recorded at the next opening`,
  )
  for (const fault of faults) console.log(fault)
  console.log(`${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Node ${process.version}`)
  return ratio >= LEAST && failed + faults.length === 0 ? 0 : 1
}
