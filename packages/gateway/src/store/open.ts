import { verifierKey } from '@sallyport/core/audit/checkpoint'
import type { Clock } from '../boundary/ports.ts'
import type { Backend, LogSettings } from './backend.ts'
import { createStore, type ProvingStore } from './create-store.ts'
import { streamSigner } from './log-stream.ts'
import type { StoreKeys } from './ports.ts'
import { createSeal } from './seal.ts'

const DAY_MS = 86_400_000

export type StoreConfig = (
  | { readonly driver: 'sqlite'; readonly path: string }
  /** `node` names this gateway's log stream; each gateway of a cluster needs its own. */
  | { readonly driver: 'postgres'; readonly url: string; readonly node?: string }
) & {
  /** Default: every 1 000 ms or 1 000 records; `export`: file or directory that heads are appended to. */
  readonly checkpoint?: { readonly everyMs?: number; readonly records?: number; readonly export?: string }
  /** Default 365 days (E-61). */
  readonly logRetentionMs?: number
  /** Records that may wait for the writer before SP_AUDIT_QUEUE_FULL; default 20 000. */
  readonly queueLimit?: number
  /** How often expired rows are removed; default one minute. */
  readonly reapEveryMs?: number
}

/**
 * Opens the store, makes or migrates its tables, and compares its log with the heads that were published before.
 * @throws SallyportError SP_STORE_BUSY (another gateway has it), SP_STORE_NEWER, SP_STORE_UNAVAILABLE,
 *   SP_AUDIT_CHAIN_BROKEN (the newest records do not carry the newest checkpoint), SP_AUDIT_FORK (T-163).
 */
export async function openStore(config: StoreConfig, keys: StoreKeys, clock: Clock): Promise<ProvingStore> {
  const seal = createSeal(keys.mac)
  const checkpointEveryMs = config.checkpoint?.everyMs ?? 1000
  const log: LogSettings = {
    everyMs: checkpointEveryMs,
    records: config.checkpoint?.records ?? 1000,
    ...(config.checkpoint?.export === undefined ? {} : { exportTo: config.checkpoint.export }),
  }
  const backend = await openBackend(config, log, keys, clock)
  const settings = {
    logRetentionMs: config.logRetentionMs ?? 365 * DAY_MS,
    checkpointEveryMs,
    reapEveryMs: config.reapEveryMs ?? 60_000,
  }
  return createStore(backend, seal, clock, settings, (stream) => {
    const { origin, publicKey } = streamSigner(keys.checkpointKey, keys.origin, stream)
    return verifierKey(origin, publicKey)
  })
}

async function openBackend(config: StoreConfig, log: LogSettings, keys: StoreKeys, clock: Clock): Promise<Backend> {
  const queueLimit = config.queueLimit ?? 20_000
  if (config.driver === 'sqlite') {
    const { openSqlite } = await import('./sqlite/backend.ts')
    return openSqlite({ path: config.path, stream: 'local', log, queueLimit }, keys, clock)
  }
  const { openPostgres } = await import('./postgres/backend.ts')
  return openPostgres({ url: config.url, stream: config.node ?? 'local', log, queueLimit }, keys, clock)
}
