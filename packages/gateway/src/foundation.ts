import { existsSync, mkdirSync } from 'node:fs'
import type { Clock, Random } from './boundary/ports.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import { layout } from './config/paths.ts'
import { PrepareThread } from './control/policy/prepare-thread.ts'
import { openKeys, type GatewayKeys } from './custody/keys.ts'
import type { ProvingStore } from './store/create-store.ts'
import { openStore } from './store/open.ts'

/** What a gateway stands on. */
export interface Foundation {
  readonly keys: GatewayKeys
  readonly store: Promise<ProvingStore>
  /** Where policies are parsed and checked. */
  readonly thread: PrepareThread
  close(): Promise<void>
}

/**
 * Opens keys and store, and starts the thread that checks policies where no cache is likely to have the answer. Both take a
 * while on threads of their own: what else a gateway is made of is loaded meanwhile.
 * @throws SallyportError SP_STORE_TAMPERED, SP_STORE_UNAVAILABLE; `store` rejects as `openStore` does.
 */
export function openFoundation(
  loaded: LoadedConfig,
  { stateDir, clock, random }: { readonly stateDir: string; readonly clock: Clock; readonly random: Random },
): Foundation {
  const { config } = loaded
  const files = layout(stateDir)
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const sqlite = config.store.driver === 'sqlite' ? configPath(loaded, config.store.path ?? files.store) : undefined
  const keys = openKeys(files.keys, sqlite !== undefined && existsSync(sqlite), random)
  const thread = new PrepareThread()
  if (!existsSync(files.cache)) thread.start()
  const { every, records, export: exportTo } = config.audit.checkpoint
  const checkpoint = {
    everyMs: every,
    records,
    ...(exportTo === undefined ? {} : { export: configPath(loaded, exportTo) }),
  }
  const storeConfig = sqlite === undefined ? (config.store as never) : { driver: 'sqlite' as const, path: sqlite }
  const store = openStore(
    { ...storeConfig, checkpoint, logRetentionMs: config.audit.retention },
    { mac: keys.mac, checkpointKey: keys.checkpoint, origin: `sallyport/${keys.gatewayId}` },
    clock,
  )
  // whoever awaits it hears of it
  store.catch(() => undefined)
  return {
    keys,
    store,
    thread,
    async close() {
      thread.close()
      await store.then(
        (open) => open.close(),
        () => undefined,
      )
    },
  }
}
