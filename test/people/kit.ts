import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject, LogRecord } from '@sallyport/core'
import type { EvidencePort } from '../../packages/gateway/src/boundary/ports.ts'
import { Logins } from '../../packages/gateway/src/control/people/logins.ts'
import { People } from '../../packages/gateway/src/control/people/people.ts'
import { createPasskeys, type Passkeys } from '../../packages/gateway/src/control/presence/passkeys.ts'
import { createPresence, type Presence } from '../../packages/gateway/src/control/presence/presence.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { openStore } from '../../packages/gateway/src/store/open.ts'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { testClock, type TestClock } from '../approvals/setup.ts'

export const MINUTE = 60_000
export const HOUR = 3_600_000
export const HERE = { address: '192.0.2.7', browser: 'Firefox' }

/** One gateway's part of people, on a store. */
interface Node {
  readonly store: Store
  readonly people: People
  readonly logins: Logins
  readonly passkeys: Passkeys
  readonly presence: Presence
  close(): Promise<void>
}

export interface PeopleRig {
  readonly dir: string
  readonly path: string
  readonly clock: TestClock
  readonly evidence: EvidencePort
  readonly records: LogRecord[]
  readonly keys: { readonly mac: Uint8Array; readonly pepper: Uint8Array }
  node: Node
  /** Another node on the same store. */
  another(): Promise<Node>
  restart(): Promise<void>
  /** Claims with a PIN, as `init --claim` does. */
  claim(name: string): Promise<string>
  of(event: string): readonly LogRecord[]
  alerts(): readonly string[]
  close(): Promise<void>
}

const checkpointKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })
const identity = generateKeyPairSync('ed25519').privateKey

export async function peopleRig(): Promise<PeopleRig> {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-people-'))
  const path = join(dir, 'state.db')
  const clock = testClock()
  const keys = { mac: randomBytes(32), pepper: randomBytes(32) }
  const records: LogRecord[] = []
  const evidence: EvidencePort = {
    append: async (added) => void records.push(...added),
    enqueue: (added) => void records.push(...added),
  }
  const alert = (name: string, severity: string, details: JsonObject): void =>
    void records.push({ kind: 'alert', auditId: name, timestamp: '', level: 'warn', name, severity, ...details })
  const open = (): Promise<Store> =>
    openStore({ driver: 'sqlite', path }, { mac: keys.mac, checkpointKey, origin: 'test' }, clock)
  const nodeOn = async (store: Store, closes: boolean): Promise<Node> => {
    const common = { store, evidence, clock, random: systemRandom }
    const people = new People(common)
    await people.load()
    const logins = new Logins({ ...common, people, alert, idleTimeout: 30 * MINUTE, absoluteTimeout: 24 * HOUR })
    await logins.load()
    const passkeys = createPasskeys({
      ...{ ...common, mac: keys.mac, site: { origin: 'http://localhost', rpId: 'localhost' } },
      identityRecords: () => Promise.resolve([]),
      isOwnAddress: () => true,
    })
    const presence = createPresence({ ...common, passkeys, keys: { ...keys, identity } })
    return {
      ...{ store, people, logins, passkeys, presence },
      async close() {
        people.close()
        await logins.close()
        if (closes) await store.close()
      },
    }
  }
  const rig: PeopleRig = {
    ...{ dir, path, clock, evidence, records, keys },
    node: await nodeOn(await open(), true),
    another: () => nodeOn(rig.node.store, false),
    async restart() {
      await rig.node.close()
      rig.node = await nodeOn(await open(), true)
    },
    async claim(name) {
      const asked = await rig.node.presence.claimChallenge('ab'.repeat(32))
      if (!asked.ok) throw new Error(asked.reason)
      const { nonce, notAfter, operators } = asked.value
      const verifier = randomBytes(32).toString('hex')
      const claim = { name, salt: operators[0]?.salt ?? '', verifier, nonce, notAfter }
      const done = await rig.node.presence.claim(claim, 'test')
      if (!done.ok) throw new Error(done.reason)
      await rig.node.people.load()
      return done.value.operator
    },
    of: (event) => records.filter((record) => record['event'] === event),
    alerts: () => records.filter(({ kind }) => kind === 'alert').map(({ name }) => name as string),
    async close() {
      await rig.node.close()
      rmSync(dir, { recursive: true })
    },
  }
  return rig
}
