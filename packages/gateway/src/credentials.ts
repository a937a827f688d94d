import { createHash, createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { toSallyportError, type JsonObject, type LogRecord } from '@sallyport/core'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import { boundCredentials } from './config/credentials.ts'
import { environment } from './config/environment.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import type { Layout } from './config/paths.ts'
import { SecretSources } from './custody/backends/sources.ts'
import { backendsOf, keyServiceOf, type WaysOut } from './custody/backends/configured.ts'
import { Broker } from './custody/broker/broker.ts'
import type { GatewayKeys } from './custody/keys.ts'
import { UsageWatch, type Seen, type UsageAlert } from './custody/broker/usage-watch.ts'
import { openMasterKeys, type KeySource } from './custody/vault/master-keys.ts'
import type { SecretEvent } from './custody/vault/secret.ts'
import { Vault } from './custody/vault/vault.ts'
import { openVersions } from './custody/vault/versions.ts'
import { withLoopbackOutside } from './execution/egress/trust.ts'
import type { VaultKeepingDeps } from './ingress/api/vault-keeping-routes.ts'
import type { Store } from './store/ports.ts'
import { createVaultKeeping } from './vault-keeping.ts'

export interface CredentialsDeps {
  readonly loaded: LoadedConfig
  readonly files: Layout
  readonly store: Store
  readonly evidence: EvidencePort
  readonly clock: Clock
  readonly random: Random
  readonly keys: Pick<GatewayKeys, 'mac' | 'redact' | 'identity' | 'gatewayId'>
  readonly record: (kind: LogRecord['kind'], level: LogRecord['level'], body: object) => LogRecord
  readonly alert: (name: string, severity: string, message: string) => void
  readonly waysOut: WaysOut
}

/** Vault and broker of one gateway. The vault is opened when somebody needs it, and at start when something is in it. */
export interface Credentials {
  /** @throws SallyportError SP_VAULT_* */
  readonly vault: () => Promise<Vault>
  readonly keeping: VaultKeepingDeps['keeping']
  readonly broker: Broker
  /** HMAC-SHA256 of a text with a value, in hexadecimal digits; recorded like every use. @throws SallyportError SP_VAULT_*, SP_AUDIT_* */
  readonly sign: (secret: string, holder: string, text: string) => Promise<string>
  /** Variables for an agent or a server that runs confined. */
  readonly envOf: (agent: string) => Readonly<Record<string, string>>
  /** Credentials of the configuration that use a value of the vault. */
  readonly usedBy: (secret: string) => readonly string[]
  /** A value of the vault was replaced or ended: what was got with it is forgotten. */
  readonly changed: (secret: string) => void
}

export function createCredentials(deps: CredentialsDeps): Credentials {
  const { loaded, store, evidence, clock, random, keys, record, alert, waysOut } = deps
  const { config } = loaded
  const credentials = boundCredentials(config.credentials)
  let watching: Promise<UsageWatch> | undefined
  let opening: Promise<Vault> | undefined
  const vault = (): Promise<Vault> => {
    opening ??= openVault(deps)
    // the next one who needs it tries again
    opening.catch(() => (opening = undefined))
    return opening
  }
  /** A refresh token that was used up; another store than ours keeps its own. */
  const save = async (name: string, value: Buffer): Promise<void> => {
    if (name.includes(':')) {
      if (!(await sources.keep(name, value)))
        alert('credential-rotation', 'high', `A new value for ${name} cannot be kept there.`)
      return
    }
    const kept = await vault()
    const { type } = await kept.info(name)
    await kept.set(name, value, { type }, 'oauth')
  }
  const sources: SecretSources = new SecretSources({
    ...{ vault, clock },
    backends: backendsOf(config.vault, waysOut, { read: (reference, act) => sources.use(reference, act), save }, clock),
    replaced({ reference, success, failures, error }) {
      const body = { operation: 'rotate', reason: 'scheduled', credential: reference, success }
      evidence.enqueue([
        record('credential', success ? 'info' : 'warn', error === undefined ? body : { ...body, error }),
      ])
      if (failures === MOST_FAILURES)
        alert(
          'credential-rotation',
          'high',
          `${reference} could not be replaced ${failures} times; it is used until it ends.`,
        )
    },
  })
  /** Tokens that are got with a value. */
  const tokensOf = (secret: string): readonly string[] =>
    Object.entries(config.vault.oauth)
      .filter(([, { clientSecret, refreshToken }]) => clientSecret === secret || refreshToken === secret)
      .map(([name]) => `oauth:${name}`)
  const broker = new Broker({
    ...{ credentials, sources, clock, random, tagKey: keys.redact },
    record: async (event) => {
      await evidence.append([record('credential', event.success ? 'info' : 'warn', event)])
      const seen = seenOf(event)
      // read when it is needed: most gateways start without a credential
      watching ??= usedBefore(store, event).then((known) => new UsageWatch(config.vault.alerts, known))
      for (const name of (await watching).see(seen, clock.now()))
        alert(name, 'high', `${ALERTS[name]}: ${seen.credential}, by ${seen.holder}.`)
    },
  })
  void checkAtStart(deps, vault).catch((thrown: unknown) => {
    const { code, message } = toSallyportError(thrown)
    // trouble of the store is said by the store
    if (code.startsWith('SP_VAULT_'))
      alert(`vault-${code.slice('SP_VAULT_'.length).toLowerCase().replaceAll('_', '-')}`, 'critical', message)
  })
  const usedBy = (secret: string): readonly string[] => {
    const references = [secret, ...tokensOf(secret)]
    const lent = [...credentials.values()].filter((one) => references.includes(one.secret)).map(({ name }) => name)
    return [...lent, ...webhooksSignedWith(secret, config.servers)]
  }
  const changed = (secret: string): void => tokensOf(secret).forEach((reference) => sources.forget(reference))
  const keeping = createVaultKeeping({
    ...{ vault, keys, clock, random, evidence, env: environment(), source: keySourceOf(deps) },
    isUsed: async () => existsSync(versionsAt(deps.files)) || (await store.list('secret', { limit: 1 })).length > 0,
    record: (body) => record('credential', 'warn', body),
    ended(name) {
      changed(name)
      broker.revoke(({ credential }) => usedBy(name).includes(credential))
    },
  })
  return {
    vault,
    keeping,
    broker,
    sign: async (secret, holder, text) =>
      sources.use(secret, async (value, { version }) => {
        const told = { operation: 'use', success: true, credential: secret, requestingIdentity: holder, version }
        await evidence.append([record('credential', 'info', told)])
        return createHmac('sha256', value).update(text).digest('hex')
      }),
    usedBy,
    changed,
    envOf: (agent) =>
      Object.assign(
        {},
        withLoopbackOutside(broker.hostsOf(agent).map(({ host }) => host)),
        ...[...credentials.values()].filter(({ agents }) => agents.includes(agent)).map(({ env }) => env),
      ) as Record<string, string>,
  }
}

/** Targets of webhooks whose messages are signed with a value. */
const webhooksSignedWith = (secret: string, servers: LoadedConfig['config']['servers']): readonly string[] =>
  Object.entries(servers).flatMap(([alias, { requests }]) =>
    Object.entries(requests?.webhook?.targets ?? {})
      .filter(([, target]) => target.secret === secret)
      .map(([name]) => `${alias}.webhook ${name}`),
  )

/** Then somebody is told (ND-4.3.a). */
const MOST_FAILURES = 3

const ALERTS: Readonly<Record<UsageAlert, string>> = {
  'credential-new-identity': 'A credential is used by somebody who did not use it before',
  'credential-failures': 'A credential is asked for again and again, and refused',
  'credential-unusual-hour': 'A credential is used outside of normal hours',
}

const seenOf = ({ credential, requestingIdentity, success }: JsonObject): Seen => ({
  credential: typeof credential === 'string' ? credential : '',
  holder: typeof requestingIdentity === 'string' ? requestingIdentity : '',
  success: success === true,
})

/** A vault with something in it, or that had, is opened at once: what is wrong with it is said before anybody needs it. */
async function checkAtStart({ store, files, alert }: CredentialsDeps, vault: () => Promise<Vault>): Promise<void> {
  if ((await store.list('secret', { limit: 1 })).length === 0 && !existsSync(versionsAt(files))) return
  const { lost } = await vault()
  if (lost.length > 0)
    alert(
      'vault-rolled-back',
      'critical',
      `Older than they were, gone, or not written by this gateway, and refused: ${lost.join(', ')}.`,
    )
}

const versionsAt = ({ keys }: Layout): string => join(keys, 'vault.versions')

/** Uses that are remembered over a restart. */
const MOST_REMEMBERED = 5_000

/** Who used what before this, from the log. */
async function usedBefore(store: Store, { leaseId }: JsonObject): Promise<readonly string[]> {
  const records = await store.readLog({ kind: 'credential', newest: true, limit: MOST_REMEMBERED })
  const bodies = records.map(({ body }) => JSON.parse(body) as JsonObject)
  return bodies
    .filter(({ operation, success, leaseId: of }) => operation === 'use' && success === true && of !== leaseId)
    .map((body) => UsageWatch.keyOf(seenOf(body)))
}

function keySourceOf({ loaded, files, waysOut, clock }: CredentialsDeps): KeySource {
  const { key } = loaded.config.vault
  if (key.source === 'file')
    return {
      source: 'file',
      path: key.path === undefined ? join(files.keys, 'vault.keys') : configPath(loaded, key.path),
    }
  if (key.source === 'kms')
    return {
      source: 'kms',
      path: join(files.keys, 'vault.wrapped'),
      service: keyServiceOf(key.service, waysOut, clock),
    }
  return key.source === 'passphrase' ? { ...key, salt: join(files.keys, 'vault.salt') } : key
}

async function openVault(deps: CredentialsDeps): Promise<Vault> {
  const { files, store, evidence, clock, random, keys, record } = deps
  const isNew = (await store.list('secret', { limit: 1 })).length === 0 && !existsSync(versionsAt(files))
  const [checkpoint] = await store.checkpoints(store.stream, 1)
  return Vault.open({
    ...{ store, clock, random, tagKey: keys.redact, since: checkpoint?.ts ?? 0 },
    keys: await openMasterKeys(keySourceOf(deps), environment(), isNew, random),
    versions: openVersions(versionsAt(files), keys.mac),
    record: async (event) => {
      const level = event.error === undefined ? 'info' : 'warn'
      await evidence.append([record('credential', level, noteOf(event))])
    },
    isRecorded: async (change) => (await store.readLog({ auditId: change, limit: 1 })).length > 0,
  })
}

/** What the log says of a change in the vault (AC-4.3.3, AC-4.5.2). An outcome is found by the id of its change. */
function noteOf({ operation, info, by, reason, change, phase, error, recovered }: SecretEvent): JsonObject {
  const { name, type, version, createdAt, expiresAt, fingerprint, master } = info
  const stage: JsonObject =
    phase === 'intent'
      ? { operation: 'intent', intended: operation, success: true, change }
      : { auditId: change, operation, success: error === undefined, ...(error === undefined ? {} : { error }) }
  return {
    ...stage,
    ...{ credential: name, credentialType: type, version: String(version), master },
    credentialHash: createHash('sha256').update(name).digest('hex').slice(0, 8),
    ...{ valueTag: fingerprint, requestingIdentity: by },
    ...{ createdAt: new Date(createdAt).toISOString(), expiresAt: new Date(expiresAt).toISOString() },
    ...(reason === undefined ? {} : { reason }),
    ...(recovered === undefined ? {} : { recovered }),
  }
}
