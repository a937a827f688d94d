import {
  toCedarRequest,
  type ActionModel,
  type CompiledPolicy,
  type ForeignEngine,
  type JsonObject,
  type PolicyRequest,
} from '@sallyport/core'
import type { Cedar } from './cedar.ts'

export interface ForeignEngines {
  /** Engine for one bucket. */
  readonly engine: (action: ActionModel, policies: readonly CompiledPolicy[]) => ForeignEngine
}

/**
 * The official engine behind buckets that hold a construct our compiler lacks. It names only the policies that decide, so it
 * is given every policy as a permit: then it names all that hold and all that fail, and what they mean is ours to say.
 * `prefix` keeps the names of one snapshot apart from the next.
 */
export function foreignEngines(cedar: Cedar, schema: JsonObject, prefix: string, cut: Cut): ForeignEngines {
  let prepared = false
  const schemaName = `${prefix}/schema`
  return {
    engine: (action, policies) => {
      const name = `${prefix}/${action.id}`
      if (!prepared) cedar.prepareSchema(schemaName, schema)
      prepared = true
      cedar.preparePolicies(
        name,
        Object.fromEntries(policies.map(({ meta, source }) => [meta.id, { ...source.est, effect: 'permit' }])),
      )
      return (request) => {
        const { reasons, errors } = cedar.decide(name, schemaName, cut(request))
        return { matched: reasons, failed: errors }
      }
    },
  }
}

export type Cut = (request: PolicyRequest) => ReturnType<typeof toCedarRequest>
