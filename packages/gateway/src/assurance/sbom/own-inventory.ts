import type { Config } from '../../config/schema.ts'
import { inventoryOf, type Component, type Inventory } from './component.ts'
import { targetOf } from './read-clients.ts'

/** Presets of credentials for services of models: which model is asked there is up to the agent. */
const MODEL_PRESETS: ReadonlySet<string> = new Set(['anthropic', 'gemini', 'openai'])

/** The model that reads for injected instructions, and the digest of its weights. */
export interface OwnModel {
  readonly name: string
  readonly sha256: string
}

/**
 * What the gateway itself uses: servers and names of credentials by its configuration, its model. `pinned` counts reviewed
 * definitions by server; undefined where no gateway answers, which is a note.
 */
export function ownInventory(
  config: Config,
  from: string,
  models: readonly OwnModel[],
  pinned: ReadonlyMap<string, number> | undefined,
): Inventory {
  const names = new Set([...Object.keys(config.servers), ...(pinned?.keys() ?? [])])
  const components: readonly Component[] = [
    ...[...names].map((name): Component => {
      const count = pinned?.get(name)
      return {
        ...{ kind: 'server', name, ...targetOf(config.servers[name]), from: [from] },
        ...(count !== undefined && { pinned: count }),
      }
    }),
    ...Object.keys(config.credentials).map((name): Component => ({ kind: 'credential', name, from: [from] })),
    ...Object.values(config.credentials).flatMap(({ preset }): readonly Component[] =>
      preset !== undefined && MODEL_PRESETS.has(preset)
        ? [{ kind: 'model', name: `${preset} (service)`, hashes: [], from: [from] }]
        : [],
    ),
    ...models.map(({ name, sha256 }): Component => ({
      ...{ kind: 'model', name, from: ['sallyport'] },
      hashes: [{ algorithm: 'SHA-256', hex: sha256 }],
    })),
  ]
  const silent = pinned === undefined && names.size > 0
  return inventoryOf([
    {
      components,
      notes: silent ? [{ path: from, message: 'No gateway answers, so the reviewed definitions are not listed.' }] : [],
    },
  ])
}
