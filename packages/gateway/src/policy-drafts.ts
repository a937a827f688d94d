import type { Clock } from './boundary/ports.ts'
import type { Config } from './config/schema.ts'
import type { Catalogue } from './control/catalogue/catalogue.ts'
import { Drafts } from './control/policy/drafts/drafts.ts'
import { createPreparer } from './control/policy/preparer.ts'
import type { PrepareThread } from './control/policy/prepare-thread.ts'
import type { PolicyService } from './control/policy/service.ts'
import type { Store } from './store/ports.ts'

/** What people work on policies with. An editor asks on every pause, so that nothing of it goes to the cache on disk. */
export function createDrafts(deps: {
  readonly config: Config
  readonly policy: PolicyService
  readonly catalogue: Catalogue
  readonly store: Store
  readonly clock: Clock
  readonly thread: PrepareThread
  readonly protectedPaths: readonly string[]
  readonly opened: (() => Promise<void>)[]
}): Drafts {
  const { config, policy, catalogue, store, clock, thread, protectedPaths } = deps
  const drafts = new Drafts({
    ...{ policy, store, clock, protectedPaths, fourEyes: config.policy.fourEyes },
    preparer: createPreparer({
      ...{ cacheDir: undefined, macKey: new Uint8Array(), thread, onTampered: () => undefined },
      monotonic: () => clock.monotonic(),
    }),
    tools: {
      find: (id) => catalogue.registry.all().find((tool) => tool.id === id),
      describe: catalogue.registry.describe.bind(catalogue.registry),
    },
  })
  deps.opened.push(async () => drafts.close())
  return drafts
}
