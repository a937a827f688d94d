import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import { operatorPrincipal } from './control/presence/operator.ts'
import { createPasskeys, type Passkeys, type RelyingParty } from './control/presence/passkeys.ts'
import { createPresence, type Presence, type PresenceDeps, type PresenceKeys } from './control/presence/presence.ts'
import type { Store } from './store/ports.ts'

export interface ProofsDeps {
  readonly loaded: LoadedConfig
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly keys: PresenceKeys
}

export interface Proofs {
  readonly presence: Presence
  readonly passkeys: Passkeys
  /** Says under which name the console listens; before that no passkey proves anything. */
  listensAt(site: RelyingParty): void
  /** Says who knows what people may do; before that whoever proves presence may approve. */
  governedBy(scopesOf: NonNullable<PresenceDeps['scopesOf']>): void
}

/** Without roles everybody who proves presence decides alone. */
const OWNER = operatorPrincipal('').scopes

/** Proofs of presence, by PIN and by passkey. */
export function createProofs({ loaded, store, evidence, clock, random, keys }: ProofsDeps): Proofs {
  const { attestation, aaguids, roots } = loaded.config.presence
  const site = { origin: '', rpId: '' }
  let scopesOf: NonNullable<PresenceDeps['scopesOf']> = async () => OWNER
  const passkeys = createPasskeys({
    ...{ store, evidence, clock, random, site, isOwnAddress },
    mac: keys.mac,
    identityRecords: () => identityRecords(store),
    attestation: {
      attestation,
      aaguids: aaguids.map((id) => id.toLowerCase()),
      roots: roots.map((path) => readFileSync(configPath(loaded, path), 'utf8')),
    },
  })
  return {
    presence: createPresence({
      ...{ store, evidence, clock, random, keys, passkeys },
      scopesOf: async (operator) => scopesOf(operator),
    }),
    governedBy: (knows) => void (scopesOf = knows),
    passkeys,
    listensAt: (now) => void Object.assign(site, { origin: now.origin, rpId: now.rpId }),
  }
}

const PAGE = 5_000

/** All of them, of all nodes: what enrolled a credential may be years old. */
async function identityRecords(store: Pick<Store, 'streams' | 'readLog'>): Promise<readonly string[]> {
  const bodies: string[] = []
  for (const stream of await store.streams()) {
    for (let afterSeq = 0; ;) {
      const page = await store.readLog({ stream, kind: 'identity', afterSeq, limit: PAGE })
      for (const { body } of page) if (body.includes('"passkey.')) bodies.push(body)
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) break
      afterSeq = last.seq
    }
  }
  return bodies
}

/** Sockets, loopback, and the addresses of this machine's own interfaces. */
export function isOwnAddress(address: string): boolean {
  // a link-local address comes with the interface that it came in by
  const plain = address
    .replace(/^::ffff:/i, '')
    .replace(/%.*$/, '')
    .toLowerCase()
  if (plain === '' || plain === 'unix' || plain === '::1' || plain.startsWith('127.')) return true
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address.toLowerCase() === plain))
}
