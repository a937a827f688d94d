import type { CredentialType, Json, JsonObject, LogRecord } from '@sallyport/core'
import type { Clock, EvidencePort } from './boundary/ports.ts'
import type { BoundCredential } from './config/credentials.ts'
import type { Config } from './config/schema.ts'
import { ExpiryWatch, type ExpiryNews, type Mortal } from './custody/broker/expiry-watch.ts'
import { credentialIds } from './custody/broker/ids.ts'
import { LastUsed } from './custody/broker/last-used.ts'
import { UsageWatch, type Seen, type UsageAlert } from './custody/broker/usage-watch.ts'
import type { Store } from './store/ports.ts'

export interface CredentialWatchDeps {
  readonly config: Pick<Config['vault'], 'alerts' | 'rotation'>
  readonly credentials: ReadonlyMap<string, BoundCredential>
  /** Values of the own vault that are in force; none while nobody needed it. */
  readonly values: () => Promise<readonly Mortal[]>
  /** Credentials that use a value. */
  readonly usedBy: (secret: string) => readonly string[]
  readonly store: Store
  readonly evidence: Pick<EvidencePort, 'append'>
  readonly clock: Clock
  /** Key of the ids of credentials in records. */
  readonly tagKey: Uint8Array
  readonly record: (kind: LogRecord['kind'], level: LogRecord['level'], body: object) => LogRecord
  readonly alert: (name: string, severity: string, message: string) => void
}

/** Looks at what is done with credentials and at how long they live, and tells an operator (SEC-4.1, SEC-4.5). */
export interface CredentialWatch {
  /** After a use, or an attempt at one, has been recorded. */
  readonly saw: (event: JsonObject) => Promise<void>
  /** Says what is due and what has ended; each thing once. */
  readonly sweep: () => Promise<void>
  /** ms since 1970; 0: never. */
  readonly lastUsed: (credential: string) => Promise<number>
}

const ALERTS: Readonly<Record<UsageAlert, string>> = {
  'credential-new-identity': 'A credential is used by somebody who did not use it before',
  'credential-new-location': 'A credential is used from a workspace it was not used from before',
  'credential-failures': 'A credential is asked for again and again, and refused',
  'credential-unusual-hour': 'A credential is used outside of normal hours',
}

const SAID: Readonly<Record<ExpiryNews['kind'], (name: string, day: string) => [string, string, string]>> = {
  expired: (name, day) => ['credential-expired', 'medium', `${name} has ended (${day}).`],
  due: (name, day) => ['credential-due', 'medium', `${name} ends at ${day}: \`sallyport vault rotate\`.`],
  unused: (name) => ['credential-stale', 'medium', `Nobody used ${name} for 30 days: \`sallyport vault rm\`.`],
}

/** Records that are remembered over a restart. */
const MOST_REMEMBERED = 5_000

export function createCredentialWatch(deps: CredentialWatchDeps): CredentialWatch {
  const { config, credentials, values, usedBy, store, evidence, clock, tagKey, record, alert } = deps
  // read when it is needed: most gateways start without a credential
  let usage: Promise<UsageWatch> | undefined
  let expiry: Promise<ExpiryWatch> | undefined
  const last = new LastUsed(store, clock)
  const before = async (): Promise<readonly JsonObject[]> => {
    const records = await store.readLog({ kind: 'credential', newest: true, limit: MOST_REMEMBERED })
    return records.map(({ body }) => JSON.parse(body) as JsonObject)
  }
  const usageBefore = async ({ leaseId }: JsonObject): Promise<UsageWatch> => {
    const uses = (await before()).filter(({ operation, success, leaseId: of }) => {
      return operation === 'use' && success === true && of !== leaseId
    })
    return new UsageWatch(config.alerts, uses.map(seenOf))
  }
  const expiryBefore = async (): Promise<ExpiryWatch> => {
    const ended = (await before()).filter(({ operation }) => operation === 'expire')
    const said = ended.map(({ credential, version }) => ({ name: textOf(credential), version: Number(version) }))
    return new ExpiryWatch(config.rotation.rotateAtPercentage / 100, said)
  }
  const sweep = async (): Promise<void> => {
    const given = await values()
    if (given.length === 0) return
    const used = async (secret: string): Promise<number> =>
      Math.max(0, ...(await Promise.all(usedBy(secret).map((name) => last.of(name)))))
    const all = await Promise.all(given.map(async (value) => ({ ...value, lastUsedAt: await used(value.name) })))
    const now = clock.now()
    for (const news of (await (expiry ??= expiryBefore())).look([...all, ...bounded(all, credentials)], now)) {
      if (news.kind === 'expired') await evidence.append([record('credential', 'warn', noteOf(news, now, tagKey))])
      const day = new Date(news.of.expiresAt).toISOString()
      alert(...SAID[news.kind](news.of.name, day))
    }
  }
  return {
    async saw(event) {
      const seen = seenOf(event)
      if (event['operation'] === 'use' && seen.success) await last.used(seen.credential)
      usage ??= usageBefore(event)
      for (const name of (await usage).see(seen, clock.now()))
        alert(name, 'high', `${ALERTS[name]}: ${seen.credential}, by ${seen.holder}.`)
      if (event['error'] === 'SP_VAULT_EXPIRED') await sweep()
    },
    sweep,
    lastUsed: (credential) => last.of(credential),
  }
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

const seenOf = ({ credential, requestingIdentity, source, success }: JsonObject): Seen => ({
  credential: textOf(credential),
  holder: textOf(requestingIdentity),
  source: textOf(source),
  success: success === true,
})

/** Credentials of the configuration that end before their values do. */
function bounded(values: readonly Mortal[], credentials: ReadonlyMap<string, BoundCredential>): readonly Mortal[] {
  return [...credentials.values()].flatMap(({ name, secret, expiry }) => {
    const value = values.find((each) => each.name === secret)
    if (expiry === undefined || value === undefined) return []
    const expiresAt = 'at' in expiry ? expiry.at : value.createdAt + expiry.after
    return expiresAt < value.expiresAt ? [{ ...value, name: `credentials.${name}`, expiresAt }] : []
  })
}

/** AC-4.1.3: which one, of what type, how old. */
function noteOf({ of }: ExpiryNews, now: number, tagKey: Uint8Array): JsonObject {
  const { name, type, version, createdAt, expiresAt } = of
  return {
    ...{ operation: 'expire', success: true, ...credentialIds(tagKey, name), credentialType: type },
    requestingIdentity: 'gateway',
    ...{ version: String(version), ageSeconds: Math.floor((now - createdAt) / 1_000) },
    ...{ createdAt: new Date(createdAt).toISOString(), expiresAt: new Date(expiresAt).toISOString() },
  } satisfies JsonObject & { readonly credentialType: CredentialType }
}
