import {
  actionModel,
  buildBundle,
  cedarSchema,
  toCedarRequest,
  type ActionModel,
  type PolicyBundle,
  type RegisteredTool,
} from '@sallyport/core'
import { loadCedar } from './cedar.ts'
import { foreignEngines } from './foreign-engine.ts'
import type { Prepared } from './prepared.ts'

/**
 * Prepared policies as the buckets that decide. `name` keeps what the stock engine is given apart from other bundles of this
 * process; paths in `protectedPaths` are closed to agents.
 */
export async function bundleOf(
  prepared: Prepared,
  tools: readonly RegisteredTool[],
  { name, protectedPaths }: { readonly name: string; readonly protectedPaths: readonly string[] },
): Promise<PolicyBundle> {
  const actions = tools.map(actionModel)
  const foreign = await stockEngine(prepared, actions, name, protectedPaths)
  return buildBundle({
    digest: prepared.digest,
    version: prepared.version,
    policies: prepared.policies,
    actions,
    blocked: new Map(Object.entries(prepared.blocked)),
    protectedPaths: protectedPaths.map((path) => path.toLowerCase()),
    ...(foreign === undefined ? {} : { foreign }),
  })
}

/** Engine for buckets with constructs that our compiler lacks; loaded only when there is one. */
async function stockEngine(
  prepared: Prepared,
  actions: readonly ActionModel[],
  prefix: string,
  protectedPaths: readonly string[],
): Promise<ReturnType<typeof foreignEngines>['engine'] | undefined> {
  if (Object.keys(prepared.unsupported).length === 0) return undefined
  const cedar = await loadCedar()
  const stubs = [...new Set(Object.values(prepared.inactive).flat())]
  const shapes = buildBundle({ digest: '', version: '', policies: [], actions, protectedPaths })
  return foreignEngines(cedar, cedarSchema(actions, stubs), prefix, (request) => toCedarRequest(shapes, request)).engine
}
